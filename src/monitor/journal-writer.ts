/** Writes down what happened once, so that it stands as a marker on every chart. */
import type { Clock } from '../model/clock.ts';
import type { Emit } from '../model/event.ts';
import { newId } from '../model/id.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { Log } from '../model/log.ts';
import type { StateStore } from '../model/store.ts';

/** Makes a function that stores an entry and tells the listeners; a disk that refuses is logged, not thrown. */
export function journalWriter(options: {
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly emit: Emit;
}): (entry: Omit<JournalEntry, 'id' | 'at'>) => void {
  const { state, clock, log, emit } = options;
  return (given) => {
    const entry: JournalEntry = { id: newId(), at: clock.now(), ...given };
    state
      .commit([{ in: 'journal', put: entry }])
      .catch((error: unknown) => log.warn({ error, text: entry.text }, 'the journal could not be written'));
    emit({ type: 'journal', entry });
  };
}
