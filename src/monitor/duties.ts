/** The duties that need a few lines of their own. */
import type { SelfView } from '../model/api.ts';
import type { Clock } from '../model/clock.ts';
import { formatDuration } from '../model/duration.ts';
import type { Emit } from '../model/event.ts';
import { newId } from '../model/id.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { Log } from '../model/log.ts';
import type { SeriesStore, StateStore } from '../model/store.ts';
import { forgetOld } from './retention.ts';
import { clockStepWatch, type Duty } from './rounds.ts';

/** Keeps the monitor's own figures that no sampler sees: its queue, its size on the disk, its losses. */
export function ownFiguresDuty(options: {
  series: SeriesStore;
  clock: Clock;
  self: () => Omit<SelfView, 'stream_clients'>;
}): Duty {
  return {
    name: 'own figures',
    everyMs: 15_000,
    run() {
      const at = options.clock.now();
      const self = options.self();
      options.series.append([
        { name: 'monitor_outbox_queued', labels: {}, at, value: self.outbox_queued },
        { name: 'monitor_store_size_bytes', labels: {}, at, value: self.store_size_bytes },
      ]);
    },
  };
}

/** Forgets finished records once an hour. */
export function forgettingDuty(options: { state: StateStore; clock: Clock; days: number }): Duty {
  return {
    name: 'forgetting',
    everyMs: 3_600_000,
    run: async () => {
      await forgetOld(options.state, options.clock.now(), options.days);
    },
  };
}

/** Notes steps of the wall clock in the journal, because every chart around them looks odd. */
export function clockDuty(options: { state: StateStore; clock: Clock; log: Log; emit: Emit }): Duty {
  const { state, clock, log, emit } = options;
  const step = clockStepWatch(clock);
  return {
    name: 'clock watch',
    everyMs: 1000,
    async run() {
      const stepMs = step();
      if (stepMs === 0) return;
      const direction = stepMs > 0 ? 'forward' : 'backward';
      const text = `The clock of this machine jumped ${direction} by ${formatDuration(Math.abs(stepMs))}`;
      log.warn({ stepMs }, text);
      const entry: JournalEntry = { id: newId(), at: clock.now(), kind: 'clock', text, severity: 'warning' };
      await state.commit([{ in: 'journal', put: entry }]);
      emit({ type: 'journal', entry });
    },
  };
}
