import type { Clock } from '../model/clock.ts';
import { newId } from '../model/id.ts';
import type { Log } from '../model/log.ts';
import type { SlowQuery } from '../model/pool.ts';
import type { StateStore } from '../model/store.ts';
import type { PendingChanges } from './pending.ts';

/** Slow queries kept altogether: the newest, and besides them the slowest. */
const mostNewest = 1500;
const mostSlowest = 500;
const mostAMinute = 200;

export interface SlowShelfOptions {
  readonly state: StateStore;
  readonly pending: PendingChanges;
  readonly clock: Clock;
  readonly log: Log;
  readonly onLoss: (kind: string, amount: number) => void;
}

/** Keeps slow queries within a budget. What does not fit is counted; the figures of the statements hold everything. */
export class SlowShelf {
  readonly #options: SlowShelfOptions;
  #minute = 0;
  #inMinute = 0;
  #slowestOfMinute = 0;
  #nextPruneAt = 0;

  constructor(options: SlowShelfOptions) {
    this.#options = options;
  }

  add(query: Omit<SlowQuery, 'id'>): void {
    const { clock, onLoss, pending } = this.#options;
    const minute = Math.floor(clock.now() / 60_000);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#inMinute = 0;
      this.#slowestOfMinute = 0;
    }
    this.#inMinute += 1;
    // In a flood only what is slower than everything so far this minute is still written.
    if (this.#inMinute > mostAMinute && query.durationMs <= this.#slowestOfMinute) {
      onLoss('slow_queries', 1);
      return;
    }
    this.#slowestOfMinute = Math.max(this.#slowestOfMinute, query.durationMs);
    pending.put('slow_queries', { ...query, id: newId(clock.now()) });
  }

  /** Once a second; does something every five minutes. */
  tick(): void {
    const now = this.#options.clock.monotonic();
    if (now < this.#nextPruneAt) return;
    this.#nextPruneAt = now + 300_000;
    this.prune().catch((error: unknown) =>
      this.#options.log.warn({ err: error }, 'old slow queries could not be removed'),
    );
  }

  /** Removes what is neither among the newest nor among the slowest. */
  async prune(): Promise<void> {
    const { state } = this.#options;
    const count = await state.count('slow_queries');
    if (count <= mostNewest + mostSlowest) return;
    const all = await state.find('slow_queries', { limit: count });
    const older = all.slice(mostNewest).sort((a, b) => b.durationMs - a.durationMs);
    await state.commit(older.slice(mostSlowest).map(({ id }) => ({ in: 'slow_queries', remove: id })));
  }
}
