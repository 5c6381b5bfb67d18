import type { Log } from '../model/log.ts';
import type { Change, CollectionName, Collections, StateStore } from '../model/store.ts';

/**
 * Changes that wait to become durable. The newest version of a record replaces older ones, and what the disk refuses stays
 * for the next try; past the limit the oldest goes, counted.
 */
export class PendingChanges {
  readonly #state: StateStore;
  readonly #log: Log;
  readonly #changes = new Map<string, Change>();
  readonly #onLoss: (lost: number) => void;
  #failing = false;

  constructor(state: StateStore, log: Log, onLoss: (lost: number) => void) {
    this.#state = state;
    this.#log = log;
    this.#onLoss = onLoss;
  }

  put<K extends CollectionName>(collection: K, record: Collections[K]): void {
    const key = `${collection}\n${record.id}`;
    this.#changes.delete(key);
    this.#changes.set(key, { in: collection, put: record } as Change);
    this.#bound();
  }

  remove(collection: CollectionName, id: string): void {
    const key = `${collection}\n${id}`;
    this.#changes.delete(key);
    this.#changes.set(key, { in: collection, remove: id } as Change);
    this.#bound();
  }

  /** True while a change to this record is not yet durable. */
  has(collection: CollectionName, id: string): boolean {
    return this.#changes.has(`${collection}\n${id}`);
  }

  /** Makes everything durable in one transaction. False when the store refused; the changes are kept then. */
  async flush(): Promise<boolean> {
    if (this.#changes.size === 0) return true;
    const batch = [...this.#changes];
    try {
      await this.#state.commit(batch.map(([, change]) => change));
    } catch (error) {
      if (!this.#failing)
        this.#log.error({ err: error, changes: batch.length }, 'what the app reported cannot be stored; trying again');
      this.#failing = true;
      return false;
    }
    this.#failing = false;
    // A record that changed again while the transaction ran must be written once more.
    for (const [key, change] of batch) if (this.#changes.get(key) === change) this.#changes.delete(key);
    return true;
  }

  #bound(): void {
    if (this.#changes.size <= 5000) return;
    const oldest = this.#changes.keys().next().value;
    if (oldest !== undefined) this.#changes.delete(oldest);
    this.#onLoss(1);
  }
}
