import type { Clock, Timer } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { Change, StateStore } from '../model/store.ts';
import type { WatchedCheck } from './watched-check.ts';

const prefix = 'check:';
/** News waits this long for company, so that a burst of changes is one transaction. */
const gatherMs = 200;
/** The ring of recent results is worth a write this often. */
const routineMs = 60_000;

/** Keeps the history of checks through restarts. */
export interface CheckMemory {
  /** Gives every check what it knew in an earlier life. */
  restore(checks: Iterable<WatchedCheck>): Promise<void>;
  /** A result came in; `news` = it must survive a crash, otherwise it waits for the next routine write. */
  note(check: WatchedCheck, news: boolean): void;
  /** Writes what waits and stops. */
  stop(): Promise<void>;
}

/** Never throws for what the store does: a history that cannot be written is logged, and checking goes on. */
export function createCheckMemory(options: { state: StateStore; clock: Clock; log: Log }): CheckMemory {
  const { state, clock, log } = options;
  const waiting = new Set<WatchedCheck>();
  let soon: Timer | undefined;
  let writing: Promise<void> = Promise.resolve();

  function write(): Promise<void> {
    soon?.cancel();
    soon = undefined;
    const changes: Change[] = [...waiting].map((one) => ({
      in: 'memory',
      put: { id: prefix + one.check.info.id, at: clock.now(), value: one.snapshot() },
    }));
    waiting.clear();
    if (changes.length === 0) return writing;
    writing = writing
      .then(() => state.commit(changes))
      .catch((error: unknown) => log.warn({ error }, 'the history of the checks could not be written'));
    return writing;
  }

  const routine = clock.every(routineMs, () => void write());

  return {
    async restore(checks) {
      try {
        const kept = new Map((await state.find('memory', { limit: 100_000 })).map(({ id, value }) => [id, value]));
        for (const one of checks) {
          const value = kept.get(prefix + one.check.info.id);
          if (value !== undefined) one.restore(value);
        }
      } catch (error) {
        log.warn({ error }, 'the history of the checks could not be read; they start afresh');
      }
    },
    note(check, news) {
      waiting.add(check);
      if (news) soon ??= clock.after(gatherMs, () => void write());
    },
    stop() {
      routine.cancel();
      return write();
    },
  };
}
