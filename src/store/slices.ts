import type { SeriesDb } from './series-db.ts';

/** How long work may hold the thread at a time, ms. */
export const SLICE_MS = 8;

/** Long work in short, durable portions: other things get a turn after each, and it can be told to stop. */
export class Slices {
  readonly #db: SeriesDb;
  stopped = false;

  constructor(db: SeriesDb) {
    this.#db = db;
  }

  /** Calls `work` for each item; `end` runs at the end of every portion, inside its transaction. False when it was stopped before the end. */
  async each<T>(items: readonly T[], work: (item: T) => void, end: (last: T) => void = () => {}): Promise<boolean> {
    let i = 0;
    while (i < items.length && !this.stopped) {
      const until = performance.now() + SLICE_MS;
      this.#db.transaction(() => {
        do work(items[i++]!);
        while (i < items.length && performance.now() < until);
        end(items[i - 1]!);
      });
      await this.pause();
    }
    return !this.stopped;
  }

  /** Calls `work` in transactions of their own for as long as it returns true. False when it was stopped before. */
  async while(work: () => boolean): Promise<boolean> {
    let more = true;
    while (more && !this.stopped) {
      more = this.#db.transaction(work);
      await this.pause();
    }
    return !this.stopped;
  }

  /** Lets everything else that waits have its turn. */
  pause(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
}
