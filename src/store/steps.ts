import { Sketch } from '../model/sketch.ts';
import type { Aggregate } from '../model/store.ts';
import type { Points } from './codec/chunk.ts';
import { grown, type Records } from './codec/records.ts';

/** How the values of one series fall into the steps of a query. Reused from series to series. */
export class Steps {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  readonly size: number;
  readonly #origin: number;
  readonly #counts: Float64Array;
  readonly #sums: Float64Array;
  readonly #mins: Float64Array;
  readonly #maxs: Float64Array;
  readonly #lasts: Float64Array;
  readonly #lastAt: Float64Array;
  readonly #growth: Float64Array | undefined;
  readonly #elapsed: Float64Array | undefined;
  readonly #sketches: (Sketch | undefined)[] | undefined;
  #beforeAt = Number.NaN;
  #before = Number.NaN;

  /** Steps begin at multiples of `stepMs` counted from `origin`. */
  constructor(from: number, to: number, stepMs: number, aggregates: readonly Aggregate[], origin = 0) {
    this.from = from;
    this.to = to;
    this.stepMs = stepMs;
    this.#origin = origin + Math.floor((from - origin) / stepMs) * stepMs;
    this.size = Math.max(0, Math.ceil((to - this.#origin) / stepMs));
    this.#counts = new Float64Array(this.size);
    this.#sums = new Float64Array(this.size);
    this.#mins = new Float64Array(this.size);
    this.#maxs = new Float64Array(this.size);
    this.#lasts = new Float64Array(this.size);
    this.#lastAt = new Float64Array(this.size);
    if (aggregates.some((aggregate) => aggregate === 'rate' || aggregate === 'increase')) {
      this.#growth = new Float64Array(this.size);
      this.#elapsed = new Float64Array(this.size);
    }
    if (aggregates.some((aggregate) => /^p\d/.test(aggregate))) this.#sketches = new Array(this.size);
  }

  /** True when growth is asked for: then one point before `from` is welcome. */
  get wantsBefore(): boolean {
    return this.#growth !== undefined;
  }

  /** True when no slot of this width lies in two steps. */
  fits(slotMs: number): boolean {
    return this.size === 1 || (this.stepMs % slotMs === 0 && this.#origin % slotMs === 0);
  }

  reset(): void {
    this.#counts.fill(0);
    this.#sums.fill(0);
    this.#growth?.fill(0);
    this.#elapsed?.fill(0);
    this.#sketches?.fill(undefined);
    this.#beforeAt = Number.NaN;
  }

  /** Takes points in ascending order of time; those before `from` only serve as the start of growth. */
  addPoints(points: Points): void {
    const { times, values, count } = points;
    const step = this.stepMs;
    const origin = this.#origin;
    let i = 0;
    while (i < count && times[i]! < this.from) i++;
    if (this.#growth) for (let j = 0; j < i; j++) this.#noteBefore(times[j]!, values[j]!);
    while (i < count) {
      const time = times[i]!;
      if (time >= this.to) return;
      const slot = Math.floor((time - origin) / step);
      const end = Math.min(origin + (slot + 1) * step, this.to);
      let n = 0;
      let sum = 0;
      let min = Number.POSITIVE_INFINITY;
      let max = Number.NEGATIVE_INFINITY;
      let last = 0;
      let lastAt = 0;
      const first = i;
      for (; i < count && times[i]! < end; i++) {
        const value = values[i]!;
        // NaN is "no value".
        if (Number.isNaN(value)) continue;
        n++;
        sum += value;
        last = value;
        lastAt = times[i]!;
        if (value < min) min = value;
        if (value > max) max = value;
      }
      if (n === 0) continue;
      this.#put(slot, n, sum, min, max, last, lastAt);
      if (this.#growth) for (let j = first; j < i; j++) this.#grow(slot, times[j]!, values[j]!, values[j]!, 0);
    }
  }

  /** Takes those records of a coarser tier whose slots begin within [from, to); each counts in the step in which it begins. */
  addRecords(records: Records, slotMs: number, from: number, to: number): void {
    for (let i = 0; i < records.count; i++) {
      const start = records.starts[i]!;
      if (start < from) continue;
      if (start >= to) return;
      // A slot is over at its end: only then all of its growth has happened.
      const end = start + slotMs;
      const last = records.lasts[i]!;
      if (start < this.from) {
        this.#noteBefore(end, last);
        continue;
      }
      const slot = Math.floor((start - this.#origin) / this.stepMs);
      this.#put(slot, records.counts[i]!, records.sums[i]!, records.mins[i]!, records.maxs[i]!, last, end - 1);
      if (!this.#growth) continue;
      if (Number.isNaN(this.#beforeAt)) {
        // The very first: it grew from its own first point, if it has another.
        this.#noteBefore(records.counts[i] === 1 ? end : start, records.firsts[i]!);
        if (records.counts[i] === 1) continue;
      }
      this.#grow(slot, end, records.firsts[i]!, last, records.growths[i]!);
    }
  }

  addSketch(start: number, sketch: Sketch): void {
    if (start < this.from || start >= this.to || sketch.count === 0) return;
    const slot = Math.floor((start - this.#origin) / this.stepMs);
    this.#put(slot, sketch.count, sketch.sum, sketch.min, sketch.max, sketch.sum / sketch.count, start);
    if (this.#growth) {
      this.#growth[slot]! += sketch.count;
      this.#elapsed![slot] = this.stepMs;
    }
    if (!this.#sketches) return;
    let merged = this.#sketches[slot];
    if (!merged) {
      merged = new Sketch();
      this.#sketches[slot] = merged;
    }
    merged.merge(sketch);
  }

  /** Start of every step that has points. */
  at(): number[] {
    const list: number[] = [];
    for (let i = 0; i < this.size; i++) if (this.#counts[i]! > 0) list.push(this.#origin + i * this.stepMs);
    return list;
  }

  /** The value of one aggregate for every step that has points. */
  values(aggregate: Aggregate): number[] {
    const of = this.#reader(aggregate);
    const list: number[] = [];
    for (let i = 0; i < this.size; i++) if (this.#counts[i]! > 0) list.push(of(i));
    return list;
  }

  #reader(aggregate: Aggregate): (i: number) => number {
    switch (aggregate) {
      case 'avg':
        return (i) => this.#sums[i]! / this.#counts[i]!;
      case 'min':
        return (i) => this.#mins[i]!;
      case 'max':
        return (i) => this.#maxs[i]!;
      case 'sum':
        return (i) => this.#sums[i]!;
      case 'count':
        return (i) => this.#counts[i]!;
      case 'last':
        return (i) => this.#lasts[i]!;
      case 'increase':
        return (i) => (this.#elapsed![i]! > 0 ? this.#growth![i]! : Number.NaN);
      case 'rate':
        return (i) => (this.#elapsed![i]! > 0 ? (this.#growth![i]! / this.#elapsed![i]!) * 1000 : Number.NaN);
      default: {
        const q = Number(aggregate.slice(1)) / 100;
        return (i) => this.#sketches?.[i]?.quantile(q) ?? Number.NaN;
      }
    }
  }

  #put(slot: number, count: number, sum: number, min: number, max: number, last: number, lastAt: number): void {
    if (this.#counts[slot] === 0) {
      this.#mins[slot] = min;
      this.#maxs[slot] = max;
      this.#lastAt[slot] = Number.NEGATIVE_INFINITY;
    } else {
      if (min < this.#mins[slot]!) this.#mins[slot] = min;
      if (max > this.#maxs[slot]!) this.#maxs[slot] = max;
    }
    this.#counts[slot]! += count;
    this.#sums[slot]! += sum;
    // Late values of a day that is kept in minutes only come after them.
    if (lastAt < this.#lastAt[slot]!) return;
    this.#lastAt[slot] = lastAt;
    this.#lasts[slot] = last;
  }

  #noteBefore(at: number, value: number): void {
    if (Number.isNaN(value)) return;
    this.#beforeAt = at;
    this.#before = value;
  }

  /**
   * Adds what a counter grew since the point before: up to `first`, and `inside` from there to `last`.
   * A value below the one before is a restart at zero.
   */
  #grow(slot: number, at: number, first: number, last: number, inside: number): void {
    if (Number.isNaN(last)) return;
    if (!Number.isNaN(this.#beforeAt)) {
      if (at < this.#beforeAt) return;
      this.#growth![slot]! += grown(this.#before, first) + inside;
      this.#elapsed![slot]! += at - this.#beforeAt;
    }
    this.#beforeAt = at;
    this.#before = last;
  }
}
