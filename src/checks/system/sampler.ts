import type { Clock, Timer } from '../../model/clock.ts';
import { type Log, silentLog } from '../../model/log.ts';
import type { Sample } from '../../model/sample.ts';
import type { SystemMonitoringSettings } from '../system-settings.ts';
import { watchOwnProcess } from './own-process.ts';
import { systemReader } from './reader.ts';
import { systemSamples } from './system-samples.ts';

export interface SystemSampler {
  /** Begins; the first samples come within about half a second. Idempotent. */
  start(): void;
  stop(): void;
}

/** The first samples need two readings; so little time lies between them, that the dashboard lives at once. */
const firstAfterMs = 400;

/**
 * Takes samples of the machine and of the monitor itself for the charts, every `sample_interval_seconds`,
 * whatever the interval of the system check's verdict is. With `system_monitoring.enabled: false` only of the monitor itself.
 */
export function createSystemSampler(options: {
  readonly settings: SystemMonitoringSettings;
  readonly clock: Clock;
  readonly onSamples: (samples: Sample[]) => void;
  readonly log?: Log;
}): SystemSampler {
  const { settings, clock, onSamples, log = silentLog } = options;
  const periodMs = settings.sample_interval_seconds * 1000;
  let stopParts: (() => void) | undefined;

  function begin(): () => void {
    const system = settings.enabled ? systemReader(settings, clock) : undefined;
    const own = watchOwnProcess(clock);
    let reading = false;
    let stopped = false;
    let timer: Timer | undefined;

    async function sample(deliver: boolean): Promise<void> {
      // A hanging file system must not let readings pile up.
      if (reading) return;
      reading = true;
      try {
        const machine = await system?.read();
        const at = clock.now();
        const samples = [...(machine ? systemSamples(machine, at) : []), ...own.read(at)];
        if (deliver && !stopped) onSamples(samples);
      } catch (error) {
        log.error({ error }, 'the samples of the system could not be taken');
      } finally {
        reading = false;
      }
    }

    void sample(false);
    timer = clock.after(Math.min(firstAfterMs, periodMs), () => {
      void sample(true);
      timer = clock.every(periodMs, () => void sample(true));
    });
    return () => {
      stopped = true;
      timer?.cancel();
      system?.close();
      own.close();
    };
  }

  return {
    start() {
      stopParts ??= begin();
    },
    stop() {
      stopParts?.();
      stopParts = undefined;
    },
  };
}
