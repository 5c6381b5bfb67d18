import { Sketch } from '../../model/sketch.ts';

/** What may be kept of a slot. `increase` is how much a counter grew, or how many values a sketch got. */
export type Column = 'count' | 'sum' | 'min' | 'max' | 'last' | 'increase' | 'sketch';

/** What one series did within one slot of time, as the store says it. */
export interface SlotFigures {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly last: number;
  readonly increase: number;
  readonly sketch?: Sketch;
}

type NumberColumn = Exclude<Column, 'sketch'>;
const whenEmpty: Readonly<Record<NumberColumn, number>> = {
  count: 0,
  sum: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  last: Number.NaN,
  increase: 0,
};

/**
 * The newest slots of one series. A slot is a stretch of time of fixed width, numbered from 1970; a point costs a few additions when
 * it comes, and nothing is kept of it but its slot. Only the columns that a rule reads take memory.
 */
export class SlotRing {
  readonly #size: number;
  readonly #numbers: Float64Array;
  readonly #columns = new Map<NumberColumn, Float64Array>();
  readonly #sketches: (Sketch | undefined)[] | undefined;
  /** Newest slot with points that has left the ring. */
  #older = Number.NEGATIVE_INFINITY;
  #counter = Number.NaN;

  constructor(size: number, columns: readonly Column[]) {
    this.#size = size;
    this.#numbers = new Float64Array(size).fill(Number.NaN);
    this.#sketches = columns.includes('sketch') ? new Array<Sketch | undefined>(size) : undefined;
    for (const column of columns) if (column !== 'sketch') this.#columns.set(column, new Float64Array(size));
  }

  /** Takes a point of a gauge or a counter. NaN is "no value". */
  add(slot: number, value: number): void {
    if (Number.isNaN(value)) return;
    // A counter below its last value has begun again at zero.
    const growth = Number.isNaN(this.#counter) ? 0 : value >= this.#counter ? value - this.#counter : value;
    this.#counter = value;
    this.#merge(slot, 1, value, value, value, value, growth);
  }

  /** Takes a distribution; the ring keeps its own copy. */
  addSketch(slot: number, sketch: Sketch): void {
    const { count, sum, min, max } = sketch;
    if (count === 0) return;
    const cell = this.#merge(slot, count, sum, min, max, sum / count, count);
    if (cell < 0 || !this.#sketches) return;
    let own = this.#sketches[cell];
    if (!own) {
      own = new Sketch();
      this.#sketches[cell] = own;
    }
    own.merge(sketch);
  }

  /** Takes what the store knows of a slot, before whatever comes live. */
  put(slot: number, figures: SlotFigures): void {
    const { count, sum, min, max, last, increase, sketch } = figures;
    const cell = this.#merge(slot, count, sum, min, max, last, Number.isFinite(increase) ? increase : 0);
    this.#counter = last;
    if (cell >= 0 && this.#sketches && sketch) this.#sketches[cell] = sketch;
  }

  /** Adds up a column over the `n` slots before `end`. */
  sum(column: 'count' | 'sum' | 'increase', end: number, n: number): number {
    const values = this.#columns.get(column)!;
    let total = 0;
    for (let slot = end - n; slot < end; slot++) {
      const cell = slot % this.#size;
      if (this.#numbers[cell] === slot) total += values[cell]!;
    }
    return total;
  }

  /** Smallest value within the `n` slots before `end`; Infinity when there is none. */
  min(end: number, n: number): number {
    const values = this.#columns.get('min')!;
    let least = Number.POSITIVE_INFINITY;
    for (let slot = end - n; slot < end; slot++) {
      const cell = slot % this.#size;
      if (this.#numbers[cell] === slot && values[cell]! < least) least = values[cell]!;
    }
    return least;
  }

  /** Largest value within the `n` slots before `end`; -Infinity when there is none. */
  max(end: number, n: number): number {
    const values = this.#columns.get('max')!;
    let most = Number.NEGATIVE_INFINITY;
    for (let slot = end - n; slot < end; slot++) {
      const cell = slot % this.#size;
      if (this.#numbers[cell] === slot && values[cell]! > most) most = values[cell]!;
    }
    return most;
  }

  /** The newest value within the `n` slots before `end`; NaN when there is none. */
  last(end: number, n: number): number {
    const values = this.#columns.get('last')!;
    for (let slot = end - 1; slot >= end - n; slot--) {
      const cell = slot % this.#size;
      if (this.#numbers[cell] === slot) return values[cell]!;
    }
    return Number.NaN;
  }

  /** The oldest value within the `n` slots before `end`; NaN when there is none. */
  first(end: number, n: number): number {
    const values = this.#columns.get('last')!;
    for (let slot = end - n; slot < end; slot++) {
      const cell = slot % this.#size;
      if (this.#numbers[cell] === slot) return values[cell]!;
    }
    return Number.NaN;
  }

  /** Merges the distributions of the `n` slots before `end` into `into`. */
  mergeSketches(into: Sketch, end: number, n: number): void {
    for (let slot = end - n; slot < end; slot++) {
      const cell = slot % this.#size;
      const sketch = this.#numbers[cell] === slot ? this.#sketches?.[cell] : undefined;
      if (sketch) into.merge(sketch);
    }
  }

  /** Newest slot with points before `end`; -Infinity when there is none. */
  newest(end: number): number {
    let found = this.#older < end ? this.#older : Number.NEGATIVE_INFINITY;
    for (const number of this.#numbers) if (number < end && number > found) found = number;
    return found;
  }

  /** Forgets everything from a slot on, after the clock was set back. */
  dropFrom(slot: number): void {
    for (let cell = 0; cell < this.#size; cell++) if (this.#numbers[cell]! >= slot) this.#clear(cell, Number.NaN);
    if (this.#older >= slot) this.#older = Number.NEGATIVE_INFINITY;
  }

  /** Remembers that there was a point in a slot, without its figures. */
  note(slot: number): void {
    if (slot > this.#older) this.#older = slot;
  }

  #merge(slot: number, count: number, sum: number, min: number, max: number, last: number, increase: number): number {
    const cell = this.#cell(slot);
    if (cell < 0) return cell;
    const columns = this.#columns;
    const counts = columns.get('count');
    if (counts) counts[cell]! += count;
    const sums = columns.get('sum');
    if (sums) sums[cell]! += sum;
    const mins = columns.get('min');
    if (mins && min < mins[cell]!) mins[cell] = min;
    const maxs = columns.get('max');
    if (maxs && max > maxs[cell]!) maxs[cell] = max;
    const lasts = columns.get('last');
    if (lasts) lasts[cell] = last;
    const growth = columns.get('increase');
    if (growth) growth[cell]! += increase;
    return cell;
  }

  /** The cell of a slot, emptied when it held an older one; -1 for a slot that has left the ring. */
  #cell(slot: number): number {
    const cell = slot % this.#size;
    const held = this.#numbers[cell]!;
    if (held === slot) return cell;
    if (held > slot) return -1;
    if (held > this.#older) this.#older = held;
    this.#clear(cell, slot);
    return cell;
  }

  #clear(cell: number, slot: number): void {
    this.#numbers[cell] = slot;
    for (const [column, values] of this.#columns) values[cell] = whenEmpty[column];
    if (this.#sketches) this.#sketches[cell] = undefined;
  }
}
