/** Remembers that the monitor runs, so that the next start can tell an orderly end from a crash. */
import type { Clock } from '../model/clock.ts';
import type { Emit } from '../model/event.ts';
import { newId } from '../model/id.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { Log } from '../model/log.ts';
import type { StateStore } from '../model/store.ts';
import { version } from '../model/version.ts';

interface Life {
  readonly pid: number;
  readonly startedAt: number;
  readonly version: string;
  /** Newest moment at which the run is known to have been alive. */
  readonly aliveAt: number;
  readonly ended: boolean;
}

export interface LifeRecord {
  /** Notes that the monitor still runs: bounds how long a crash went unseen. */
  alive(): Promise<void>;
  /** Notes an orderly end. */
  end(): Promise<void>;
}

const id = 'monitor:life';

/** Writes the start, and what became of the run before, into the journal. */
export async function recordLife(options: {
  state: StateStore;
  clock: Clock;
  log: Log;
  emit: Emit;
  mode: string;
}): Promise<LifeRecord> {
  const { state, clock, log, emit } = options;
  const startedAt = clock.now();
  const before = (await state.get('memory', id))?.value as Life | undefined;
  const entries: JournalEntry[] = [];
  if (before && !before.ended) {
    const text = `The monitor before this one (pid ${before.pid}) ended without stopping, after ${new Date(before.aliveAt).toISOString()}`;
    entries.push({ id: newId(), at: startedAt, kind: 'monitor-crashed', text, severity: 'warning' });
    log.warn({ before }, text);
  }
  if (before && before.version !== version) {
    entries.push({
      id: newId(),
      at: startedAt,
      kind: 'deploy',
      text: `Monitor ${before.version} became ${version}`,
      severity: 'info',
    });
  }
  const text = `The monitor started (${options.mode}, version ${version}, pid ${process.pid})`;
  entries.push({ id: newId(), at: startedAt, kind: 'monitor-started', text, severity: 'info' });
  const life = (ended: boolean) => {
    const value: Life = { pid: process.pid, startedAt, version, aliveAt: clock.now(), ended };
    return { in: 'memory', put: { id, at: value.aliveAt, value } } as const;
  };
  await state.commit([life(false), ...entries.map((put) => ({ in: 'journal', put }) as const)]);
  for (const entry of entries) emit({ type: 'journal', entry });
  return {
    alive: () => state.commit([life(false)]),
    end: () => {
      const entry: JournalEntry = {
        id: newId(),
        at: clock.now(),
        kind: 'monitor-stopped',
        text: 'The monitor stopped in order',
        severity: 'info',
      };
      return state.commit([life(true), { in: 'journal', put: entry }]);
    },
  };
}
