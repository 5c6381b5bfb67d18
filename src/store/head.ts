import type { Sketch } from '../model/sketch.ts';
import type { Points } from './codec/chunk.ts';
import { growPoints } from './codec/chunk.ts';
import { PAGE, PAGE_BITS, PageSums, type Totals } from './page-sums.ts';
import { SketchMinutes } from './sketch-minutes.ts';

/** A stretch of time whose points are in memory. `late` ones take what is older than the open window. */
export class HeadWindow {
  /** Place in the order of all windows: of two points of the same moment, the one in the later window counts. */
  readonly number: number;
  readonly from: number;
  readonly to: number;
  /** Times are kept as 32-bit distances from here. */
  readonly base: number;
  /** Numbers of the series that have points here. */
  readonly ids: number[] = [];
  readonly sketches = new Map<number, SketchMinutes>();
  /** Epoch ms of the oldest and the newest of them. */
  sketchesFrom = Number.POSITIVE_INFINITY;
  sketchesTo = Number.NEGATIVE_INFINITY;
  counts: Uint32Array;
  first: Int32Array;
  last: Int32Array;
  /** The journal file that holds what is here until it is sealed. */
  segment = 0;
  samples = 0;
  minAt = Number.POSITIVE_INFINITY;
  maxAt = Number.NEGATIVE_INFINITY;
  /** True when everything of it is on the disk too: its pages are only a cache. */
  sealed = false;
  /** How many of `ids` (sorted) are in the database already. */
  sealedSeries = 0;

  constructor(number: number, from: number, to: number, base: number, series: number) {
    this.number = number;
    this.from = from;
    this.to = to;
    this.base = base;
    this.counts = new Uint32Array(series);
    this.first = new Int32Array(series);
    this.last = new Int32Array(series);
  }

  ensure(series: number): void {
    if (series <= this.counts.length) return;
    const size = Math.max(series, this.counts.length * 2);
    const counts = new Uint32Array(size);
    counts.set(this.counts);
    this.counts = counts;
    const first = new Int32Array(size);
    first.set(this.first);
    this.first = first;
    const last = new Int32Array(size);
    last.set(this.last);
    this.last = last;
  }

  /** Epoch ms of the oldest that is here, point or sketch; Infinity when there is nothing. */
  get oldestAt(): number {
    return Math.min(this.minAt, this.sketchesFrom);
  }

  /** Epoch ms of the newest; -Infinity when there is nothing. */
  get newestAt(): number {
    return Math.max(this.maxAt, this.sketchesTo);
  }

  /** Adds a distribution to the minute it belongs to. */
  addSketch(id: number, at: number, sketch: Sketch): void {
    let minutes = this.sketches.get(id);
    if (!minutes) {
      minutes = new SketchMinutes();
      this.sketches.set(id, minutes);
    }
    minutes.add(at, sketch);
    if (at < this.sketchesFrom) this.sketchesFrom = at;
    if (at > this.sketchesTo) this.sketchesTo = at;
  }

  get empty(): boolean {
    return this.samples === 0 && this.sketches.size === 0;
  }
}

/**
 * The newest points of all series, in one block of memory of fixed size: pages of 32 points, chained per series and window.
 * No object per point or per series, so nothing for the garbage collector; memory that was never used is never touched.
 */
export class Head {
  readonly #values: Float64Array;
  readonly #times: Uint32Array;
  readonly #next: Int32Array;
  /** Made when somebody asks for the first time. */
  #sums: PageSums | undefined;
  #free = -1;
  #fresh = 0;
  #used = 0;

  /** @param capacity most points in memory; rounded up to whole pages */
  constructor(capacity: number) {
    const pages = Math.ceil(capacity / PAGE);
    this.#values = new Float64Array(pages * PAGE);
    this.#times = new Uint32Array(pages * PAGE);
    this.#next = new Int32Array(pages);
  }

  /** Share of the block in use, 0..1. */
  get fill(): number {
    return this.#used / this.#next.length;
  }

  get bytes(): number {
    return this.#used * (PAGE * 12 + 4);
  }

  /** Adds one point; false when the block is full. `at` lies within 49 days after the window's base. */
  put(window: HeadWindow, id: number, at: number, value: number): boolean {
    if (id >= window.counts.length) window.ensure(id + 1);
    const n = window.counts[id]!;
    let page: number;
    if ((n & (PAGE - 1)) === 0) {
      page = this.#take(window, id, n);
      if (page < 0) return false;
    } else page = window.last[id]!;
    const position = (page << PAGE_BITS) + (n & (PAGE - 1));
    this.#values[position] = value;
    this.#times[position] = at - window.base;
    window.counts[id] = n + 1;
    window.samples++;
    if (at < window.minAt) window.minAt = at;
    if (at > window.maxAt) window.maxAt = at;
    return true;
  }

  /** Adds one point to each of many series, all of the same moment. Returns how many found room, from the first on. */
  putRow(window: HeadWindow, at: number, ids: Uint32Array, values: Float64Array, from: number): number {
    const count = ids.length;
    const { counts, last } = window;
    const valueBlock = this.#values;
    const timeBlock = this.#times;
    const offset = at - window.base;
    let i = from;
    for (; i < count; i++) {
      const id = ids[i]!;
      const n = counts[id]!;
      let page: number;
      if ((n & (PAGE - 1)) === 0) {
        page = this.#take(window, id, n);
        if (page < 0) break;
      } else page = last[id]!;
      const position = (page << PAGE_BITS) + (n & (PAGE - 1));
      valueBlock[position] = values[i]!;
      timeBlock[position] = offset;
      counts[id] = n + 1;
    }
    window.samples += i - from;
    if (i > from) {
      if (at < window.minAt) window.minAt = at;
      if (at > window.maxAt) window.maxAt = at;
    }
    return i - from;
  }

  /** Adds the points of one series to `into`, in the order of their arrival. */
  gather(window: HeadWindow, id: number, into: Points): void {
    const count = id < window.counts.length ? window.counts[id]! : 0;
    if (count === 0) return;
    growPoints(into, into.count + count);
    const { times, values } = into;
    const base = window.base;
    let at = into.count;
    let left = count;
    for (let page = window.first[id]!; left > 0; page = this.#next[page]!) {
      const start = page << PAGE_BITS;
      const end = start + (left < PAGE ? left : PAGE);
      for (let i = start; i < end; i++) {
        times[at] = base + this.#times[i]!;
        values[at++] = this.#values[i]!;
      }
      left -= PAGE;
    }
    into.count = at;
  }

  /** Sums up the points of one series within [from, to) behind what `into` has; false when they are not in order of time. */
  total(window: HeadWindow, id: number, from: number, to: number, into: Totals): boolean {
    this.#sums ??= new PageSums(this.#values, this.#times, this.#next);
    return this.#sums.total(window, id, from, to, into);
  }

  /** Gives the pages of one series back; its points are then only in the database. */
  release(window: HeadWindow, id: number): void {
    const count = id < window.counts.length ? window.counts[id]! : 0;
    if (count === 0) return;
    const pages = (count + PAGE - 1) >> PAGE_BITS;
    this.#next[window.last[id]!] = this.#free;
    this.#free = window.first[id]!;
    this.#used -= pages;
    window.counts[id] = 0;
  }

  /** Gives everything of a window back. */
  releaseAll(window: HeadWindow): void {
    for (const id of window.ids) this.release(window, id);
    window.ids.length = 0;
  }

  /** A page for the next points of a series, chained behind its others; -1 when there is none. */
  #take(window: HeadWindow, id: number, count: number): number {
    let page = this.#free;
    if (page >= 0) this.#free = this.#next[page]!;
    else if (this.#fresh < this.#next.length) page = this.#fresh++;
    else return -1;
    this.#used++;
    this.#sums?.forget(page);
    this.#next[page] = -1;
    if (count === 0) {
      window.first[id] = page;
      window.ids.push(id);
    } else this.#next[window.last[id]!] = page;
    window.last[id] = page;
    return page;
  }
}
