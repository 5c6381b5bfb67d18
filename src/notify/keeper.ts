import type { Log } from '../model/log.ts';
import type { Change, StateStore } from '../model/store.ts';

/** Past it the oldest waiting attempts are dropped; the states of messages are kept. */
const mostWaiting = 20_000;

/** Writes what delivery did, now or as soon as the disk allows it. */
export interface Keeper {
  /** Never rejects. A full disk must not keep a message from being sent. */
  write(changes: readonly Change[]): Promise<void>;
}

/** Makes the keeper of a store. What the disk refuses waits in memory and goes with the next write. */
export function createKeeper(state: StateStore, log: Log): Keeper {
  const backlog = new Map<string, Change>();
  return {
    async write(changes) {
      const everything = new Map(backlog);
      for (const change of changes) everything.set(keyOf(change), change);
      if (everything.size === 0) return;
      try {
        await state.commit([...everything.values()]);
        for (const [key, change] of everything) if (backlog.get(key) === change) backlog.delete(key);
      } catch (error) {
        if (backlog.size === 0)
          log.error({ error: String(error) }, 'What delivery did cannot be stored; it goes on from memory.');
        for (const change of changes) backlog.set(keyOf(change), change);
        for (const [key, change] of backlog) {
          if (backlog.size <= mostWaiting) break;
          if (change.in === 'attempts') backlog.delete(key);
        }
      }
    },
  };
}

function keyOf(change: Change): string {
  return `${change.in}:${'remove' in change ? change.remove : change.put.id}`;
}
