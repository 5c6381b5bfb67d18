import { isatty } from 'node:tty';
import type { Configuration } from '../configuration.ts';
import type { Log } from '../model/log.ts';

/** What the command needs of a monitor. */
export interface RunningMonitor {
  readonly url: string | null;
  describe(): string[];
  stop(): Promise<void>;
  /** Takes a new configuration over, as far as that goes without a restart. */
  reload?(configuration: Configuration): Promise<void> | void;
}

/** An orderly stop may take so long; then the process ends anyway. */
const stopWithinMs = 5000;
/** Signals that follow each other closer than this are copies of one. */
const oneKeyPressMs = 300;
const signalNumbers = { SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Waits for SIGINT or SIGTERM, stops the monitor in order and resolves with the exit code. A second signal ends the process at once.
 * SIGHUP reads the configuration again; a bad one keeps the old in force.
 */
export function runUntilSignal(
  monitor: RunningMonitor,
  log: Log,
  reload: () => Promise<readonly string[]>,
): Promise<number> {
  return new Promise((done) => {
    let stopping = false;
    // The waiting itself must keep the process alive, whatever the monitor's timers do.
    const alive = setInterval(() => {}, 60_000);

    async function stop(signal: string): Promise<void> {
      stopping = true;
      log.info({ signal }, 'stopping');
      const deadline = setTimeout(() => {
        log.error({ seconds: stopWithinMs / 1000 }, 'the monitor did not stop in time; ending without waiting longer');
        process.exit(1);
      }, stopWithinMs);
      let code = 0;
      try {
        await monitor.stop();
        log.info({}, 'stopped');
      } catch (error) {
        code = 1;
        log.error({ err: error }, 'stopping failed');
      }
      clearTimeout(deadline);
      clearInterval(alive);
      for (const [name, listener] of listeners) process.off(name, listener);
      done(code);
    }

    let heardAt = Number.NEGATIVE_INFINITY;
    const onStop = (signal: keyof typeof signalNumbers) => () => {
      const sinceMs = performance.now() - heardAt;
      heardAt = performance.now();
      // Under npm and npx one Ctrl-C arrives twice: from the terminal and from the parent. That is not a second wish.
      if (stopping && sinceMs < oneKeyPressMs) return;
      if (stopping) process.exit(128 + signalNumbers[signal]);
      void stop(signal);
    };
    const hadTerminal = isatty(0);
    const onHangUp = () => {
      // A terminal that was closed sends the same signal as an administrator who wants a reload.
      if (hadTerminal && !isatty(0)) {
        if (!stopping) void stop('SIGHUP');
        return;
      }
      reload().then(
        (changed) =>
          log.info(
            { changed },
            changed.length > 0 ? 'configuration read again' : 'configuration read again; nothing changed',
          ),
        (error: unknown) => log.error({ err: error }, 'the new configuration has errors; the old one stays in force'),
      );
    };
    const listeners: [NodeJS.Signals, () => void][] = [
      ['SIGINT', onStop('SIGINT')],
      ['SIGTERM', onStop('SIGTERM')],
      ['SIGHUP', onHangUp],
    ];
    for (const [name, listener] of listeners) process.on(name, listener);
  });
}
