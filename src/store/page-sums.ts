/** Samples in one page of the arena. */
export const PAGE_BITS = 5;
export const PAGE = 1 << PAGE_BITS;

/** What a page adds up to, in eight numbers. The first is the count of values plus one; 0 = not summed up yet. */
const SUM_FIELDS = 8;
const UNKNOWN = 0;
const SUM = 1;
const MIN = 2;
const MAX = 3;
const LAST = 4;
/** Times of the first and the last point, as distances from the base of the window. */
const FROM = 5;
const UNTIL = 6;

/** What is known of a window: where the pages of each series begin, and how many points there are. */
interface Paged {
  readonly base: number;
  readonly counts: Uint32Array;
  readonly first: Int32Array;
}

/** What the values of a range add up to. */
export class Totals {
  count = 0;
  sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  last = Number.NaN;
  /** Epoch ms of the newest point that was seen, also outside of the range. */
  lastAt = Number.NEGATIVE_INFINITY;

  /** Adds what lies behind everything that was added before. */
  add(count: number, sum: number, min: number, max: number, last: number): void {
    if (count === 0) return;
    this.count += count;
    this.sum += sum;
    this.last = last;
    if (min < this.min) this.min = min;
    if (max > this.max) this.max = max;
  }

  reset(): void {
    this.count = 0;
    this.sum = 0;
    this.min = Number.POSITIVE_INFINITY;
    this.max = Number.NEGATIVE_INFINITY;
    this.last = Number.NaN;
    this.lastAt = Number.NEGATIVE_INFINITY;
  }
}

/**
 * What full pages of the head add up to, a line of the processor's cache each: a ranking of a thousand series over an hour then looks at
 * twelve thousand lines instead of reading four megabytes.
 */
export class PageSums {
  readonly #values: Float64Array;
  readonly #times: Uint32Array;
  readonly #next: Int32Array;
  readonly #sums: Float64Array;

  /** The columns of the head: values and times by place, and for each page the one behind it. */
  constructor(values: Float64Array, times: Uint32Array, next: Int32Array) {
    this.#values = values;
    this.#times = times;
    this.#next = next;
    this.#sums = new Float64Array(next.length * SUM_FIELDS);
  }

  /** The page will have other points. */
  forget(page: number): void {
    this.#sums[page * SUM_FIELDS] = UNKNOWN;
  }

  /** Sums up the points of one series within [from, to) behind what `into` has; false when they are not in order of time. */
  total(window: Paged, id: number, from: number, to: number, into: Totals): boolean {
    let left = id < window.counts.length ? window.counts[id]! : 0;
    if (left === 0) return true;
    const sums = this.#sums;
    // In distances from the window's base, like the times.
    const start = from - window.base;
    const end = to - window.base;
    let before = into.lastAt - window.base;
    for (let page = window.first[id]!; left > 0; page = this.#next[page]!) {
      const at = page * SUM_FIELDS;
      if (left >= PAGE && sums[at] === UNKNOWN && !this.#sumPage(page)) return false;
      if (left >= PAGE && sums[at + FROM]! >= start && sums[at + UNTIL]! < end) {
        if (sums[at + FROM]! <= before) return false;
        before = sums[at + UNTIL]!;
        into.add(sums[at]! - 1, sums[at + SUM]!, sums[at + MIN]!, sums[at + MAX]!, sums[at + LAST]!);
      } else if (left >= PAGE && (sums[at + UNTIL]! < start || sums[at + FROM]! >= end)) {
        if (sums[at + FROM]! <= before) return false;
        before = sums[at + UNTIL]!;
      } else {
        before = this.#addSome(page, left < PAGE ? left : PAGE, start, end, before, into);
        if (Number.isNaN(before)) return false;
      }
      left -= PAGE;
    }
    into.lastAt = before + window.base;
    return true;
  }

  /** Adds those points of a page that lie within [start, end). Returns the time of its last point, NaN when they are not in order. */
  #addSome(page: number, count: number, start: number, end: number, before: number, into: Totals): number {
    const values = this.#values;
    const times = this.#times;
    const first = page << PAGE_BITS;
    let latest = before;
    for (let i = first; i < first + count; i++) {
      const time = times[i]!;
      if (time <= latest) return Number.NaN;
      latest = time;
      const value = values[i]!;
      // NaN is "no value".
      if (time >= start && time < end && !Number.isNaN(value)) into.add(1, value, value, value, value);
    }
    return latest;
  }

  /** Sums up a full page once and for all; false when its points are not in order of time. */
  #sumPage(page: number): boolean {
    const totals = new Totals();
    const sums = this.#sums;
    const last = this.#addSome(page, PAGE, 0, Number.POSITIVE_INFINITY, -1, totals);
    if (Number.isNaN(last)) return false;
    const at = page * SUM_FIELDS;
    sums[at] = totals.count + 1;
    sums[at + SUM] = totals.sum;
    sums[at + MIN] = totals.min;
    sums[at + MAX] = totals.max;
    sums[at + LAST] = totals.last;
    sums[at + FROM] = this.#times[page << PAGE_BITS]!;
    sums[at + UNTIL] = last;
    return true;
  }
}
