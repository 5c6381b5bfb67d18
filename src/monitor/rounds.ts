/** The duties that come round by the clock: each on its own period, none able to stop another. */
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';

export interface Duty {
  readonly name: string;
  readonly everyMs: number;
  run(): Promise<void> | void;
}

/** Starts the duties. A duty that is still busy is not started again; one that fails is logged, at most once a minute each. */
export function startRounds(options: { duties: readonly Duty[]; clock: Clock; log: Log }): { stop(): Promise<void> } {
  const { clock, log } = options;
  const busy = new Map<string, Promise<void>>();
  const complained = new Map<string, number>();

  const perform = async (duty: Duty): Promise<void> => {
    try {
      await duty.run();
    } catch (error) {
      const last = complained.get(duty.name);
      if (last === undefined || clock.monotonic() - last >= 60_000) {
        complained.set(duty.name, clock.monotonic());
        log.error({ err: error, duty: duty.name }, `${duty.name} failed`);
      }
    } finally {
      busy.delete(duty.name);
    }
  };

  const timers = options.duties.map((duty) =>
    clock.every(duty.everyMs, () => {
      if (!busy.has(duty.name)) busy.set(duty.name, perform(duty));
    }),
  );
  return {
    async stop() {
      for (const timer of timers) timer.cancel();
      await Promise.all(busy.values());
    },
  };
}

/**
 * Watches for steps of the wall clock (set by hand, by NTP, or a machine that slept).
 * Returns the step in milliseconds when one longer than 5 s happened since the last call, else 0.
 */
export function clockStepWatch(clock: Clock): () => number {
  let wall = clock.now();
  let monotonic = clock.monotonic();
  return () => {
    const step = clock.now() - wall - (clock.monotonic() - monotonic);
    wall = clock.now();
    monotonic = clock.monotonic();
    return Math.abs(step) > 5000 ? Math.round(step) : 0;
  };
}
