import { Bundle, BundleWriter } from './codec/bundle.ts';
import type { Points } from './codec/chunk.ts';
import type { SeriesDb } from './series-db.ts';

/** Bundles kept at hand, about 16 KB each: a day's windows while series after series is read from them. */
const CACHED = 64;

/** The chunks of all windows, behind the bundles they are stored in. */
export class Chunks {
  readonly #db: SeriesDb;
  /** The bundle read last from each window. */
  readonly #cache = new Map<number, Bundle>();

  constructor(db: SeriesDb) {
    this.#db = db;
  }

  /** Adds the points of a series in a window to `into`; false when there are none. Throws a RangeError when they are damaged. */
  points(window: number, id: number, into: Points): boolean {
    return this.#bundle(window, id)?.points(id, into) ?? false;
  }

  /** The sketches of a series in a window as they were written; undefined when there are none. */
  sketches(window: number, id: number): Uint8Array | undefined {
    return this.#bundle(window, id)?.opaque(id);
  }

  /** Numbers of all series in a window, ascending. Damaged bundles are left out and handed to `onDamage`. */
  seriesIn(window: number, onDamage: (error: unknown) => void): number[] {
    const ids: number[] = [];
    for (const first of this.#db.bundlesIn(window)) {
      try {
        ids.push(...new Bundle(first, this.#db.read('chunks', window, first)!).ids);
      } catch (error) {
        onDamage(error);
      }
    }
    return ids;
  }

  /** Writes into a window; series come in ascending order. */
  writer(window: number): BundleWriter {
    this.#cache.delete(window);
    return new BundleWriter((first, bytes) => this.#db.write('chunks', window, first, bytes));
  }

  #bundle(window: number, id: number): Bundle | undefined {
    const cached = this.#cache.get(window);
    if (cached?.covers(id)) return cached;
    const first = this.#db.bundleOf(window, id);
    if (first === undefined || (cached && first === cached.ids[0])) return undefined;
    const bundle = new Bundle(first, this.#db.read('chunks', window, first)!);
    this.#cache.delete(window);
    this.#cache.set(window, bundle);
    if (this.#cache.size > CACHED) this.#cache.delete(this.#cache.keys().next().value!);
    return bundle;
  }
}
