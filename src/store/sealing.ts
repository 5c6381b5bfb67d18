import type { Catalog } from './catalog.ts';
import type { Chunks } from './chunks.ts';
import type { BundleWriter } from './codec/bundle.ts';
import { createPoints } from './codec/chunk.ts';
import type { Head, HeadWindow } from './head.ts';
import { putInOrder, roundPoints } from './points.ts';
import type { SeriesDb } from './series-db.ts';
import { DAY } from './series-db.ts';
import type { SketchSlots } from './sketch-minutes.ts';
import { encodeSketches, MINUTE } from './sketch-minutes.ts';
import type { Windows } from './windows.ts';

interface Part {
  readonly number: number;
  readonly writer: BundleWriter;
  samples: number;
  bytes: number;
}

/**
 * Brings closed windows from memory into the database: one chunk per series. Works in slices, each one durable transaction,
 * so that nothing waits for long. A window with points of several days becomes one stored window per day.
 */
export class Sealer {
  readonly #db: SeriesDb;
  readonly #chunks: Chunks;
  readonly #head: Head;
  readonly #windows: Windows;
  readonly #catalog: Catalog;
  readonly #digits: number;
  readonly #points = createPoints();
  readonly #parts = new Map<number, Part>();
  #current: HeadWindow | undefined;
  #ids: number[] = [];
  /** Series that are not in the database yet. */
  readonly unsaved = new Set<number>();
  /** Called within the transaction that makes a window whole. */
  onWhole: () => void = () => {};

  constructor(db: SeriesDb, chunks: Chunks, windows: Windows, catalog: Catalog, digits: number) {
    this.#db = db;
    this.#chunks = chunks;
    this.#head = windows.head;
    this.#windows = windows;
    this.#catalog = catalog;
    this.#digits = digits;
  }

  /** Seals for about `budgetMs`. Returns true when there is more to do. Throws when the disk does not take it. */
  slice(budgetMs: number): boolean {
    const window = this.#current ?? this.#windows.closed()[0];
    if (!window) return false;
    if (!this.#current) this.#begin(window);
    const started = performance.now();
    const sealedBefore = window.sealedSeries;
    const partsBefore = new Map([...this.#parts].map(([day, part]) => [day, { ...part }]));
    try {
      this.#db.transaction(() => {
        for (const id of this.unsaved) this.#db.saveSeries(this.#catalog.get(id)!);
        while (window.sealedSeries < this.#ids.length) {
          this.#sealSeries(window, this.#ids[window.sealedSeries]!);
          window.sealedSeries++;
          if ((window.sealedSeries & 7) === 0 && performance.now() - started > budgetMs) break;
        }
        for (const part of this.#parts.values()) part.writer.end();
        if (window.sealedSeries === this.#ids.length) this.#finish(window);
      });
    } catch (error) {
      // Nothing of this slice is on the disk: the same series come again with the next.
      window.sealedSeries = sealedBefore;
      this.#parts.clear();
      for (const [day, part] of partsBefore) {
        part.writer.discard();
        this.#parts.set(day, part);
      }
      throw error;
    }
    this.unsaved.clear();
    if (window.sealedSeries < this.#ids.length) return true;
    window.sealed = true;
    this.#current = undefined;
    this.#parts.clear();
    return this.#windows.closed().length > 0;
  }

  /** Forgets a window that will not be sealed any more. */
  giveUp(window: HeadWindow): void {
    if (this.#current === window) this.#current = undefined;
  }

  #begin(window: HeadWindow): void {
    this.#current = window;
    const ids = new Set(window.ids);
    for (const id of window.sketches.keys()) ids.add(id);
    this.#ids = [...ids].sort((a, b) => a - b);
    window.sealedSeries = 0;
    this.#parts.clear();
  }

  #sealSeries(window: HeadWindow, id: number): void {
    const sketches = window.sketches.get(id);
    if (sketches) {
      const days = new Map<number, SketchSlots>();
      for (const minute of sketches.minutes) {
        const day = Math.floor(minute / DAY);
        let slots = days.get(day);
        if (!slots) {
          slots = new Map();
          days.set(day, slots);
        }
        slots.set(minute, sketches.get(minute)!);
      }
      for (const [day, slots] of days) {
        const part = this.#part(window, day);
        part.bytes += part.writer.addOpaque(id, encodeSketches(slots, MINUTE));
        part.samples += slots.size;
      }
    }
    const points = this.#points;
    points.count = 0;
    this.#head.gather(window, id, points);
    if (points.count === 0) return;
    putInOrder(points);
    roundPoints(points, this.#digits);
    const { times, values } = points;
    let from = 0;
    while (from < points.count) {
      const day = Math.floor(times[from]! / DAY);
      const end = (day + 1) * DAY;
      let to = points.count;
      if (times[to - 1]! >= end) for (to = from; times[to]! < end; to++);
      const part = this.#part(window, day);
      part.bytes += part.writer.addPoints(id, times.subarray(from, to), values.subarray(from, to), to - from);
      part.samples += to - from;
      from = to;
    }
  }

  /** Where points of this day go: a window with points of several days becomes one stored window for each. */
  #part(window: HeadWindow, day: number): Part {
    let part = this.#parts.get(day);
    if (!part) {
      const number = this.#parts.size === 0 ? window.number : this.#windows.nextNumber();
      part = { number, writer: this.#chunks.writer(number), samples: 0, bytes: 0 };
      this.#parts.set(day, part);
      const whole = Number.isFinite(window.from);
      this.#db.beginWindow(number, whole ? window.from : day * DAY, whole ? window.to : (day + 1) * DAY, 0);
    }
    return part;
  }

  #finish(window: HeadWindow): void {
    for (const part of this.#parts.values()) this.#db.finishWindow(part.number, part.samples, part.bytes);
    this.#db.setMeta('journal_from', this.#windows.oldestSegment(window));
    this.onWhole();
  }
}
