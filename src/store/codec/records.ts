import { roundDigits } from '../points.ts';
import type { Points } from './chunk.ts';
import { decodeIntegers, encodeIntegers } from './integers.ts';
import { Sink, Source } from './sink.ts';
import { decodeValues, encodeValues } from './values.ts';

const sink = new Sink();
const source = new Source();
/** Sums are rounded to this many digits: the error of adding floats is larger, and they take half the space. */
const SUM_DIGITS = 12;

const columns = ['starts', 'counts', 'mins', 'maxs', 'sums', 'lasts', 'firsts', 'growths'] as const;

/** What happened in one slot. */
export interface SlotSum {
  /** Epoch ms. */
  readonly start: number;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly last: number;
  readonly first: number;
  readonly growth: number;
}

/** What happened in each slot (minute or hour) of one series. Slots without points are left out. */
export class Records {
  count = 0;
  /** Start of the slot, epoch ms; ascending. */
  starts: Float64Array;
  counts: Float64Array;
  mins: Float64Array;
  maxs: Float64Array;
  sums: Float64Array;
  lasts: Float64Array;
  /** The first value; `lasts` has the last. */
  firsts: Float64Array;
  /** What a counter grew from the first point of the slot to the last, restarts at zero included. */
  growths: Float64Array;

  /** True when the series is a counter: only then the growth of a slot is kept on the disk. */
  counter = false;

  constructor(capacity = 64) {
    this.starts = new Float64Array(capacity);
    this.counts = new Float64Array(capacity);
    this.mins = new Float64Array(capacity);
    this.maxs = new Float64Array(capacity);
    this.sums = new Float64Array(capacity);
    this.lasts = new Float64Array(capacity);
    this.firsts = new Float64Array(capacity);
    this.growths = new Float64Array(capacity);
  }

  reserve(capacity: number): void {
    if (capacity <= this.starts.length) return;
    const size = Math.max(capacity, this.starts.length * 2);
    for (const column of columns) {
      const grown = new Float64Array(size);
      grown.set(this[column].subarray(0, this.count));
      this[column] = grown;
    }
  }

  /** Adds what another record of the same or a later slot says. Slots come in ascending order. */
  add(slot: SlotSum): void {
    const n = this.count;
    if (n > 0 && this.starts[n - 1] === slot.start) {
      this.#mergeInto(n - 1, slot);
      return;
    }
    this.reserve(n + 1);
    this.starts[n] = slot.start;
    this.counts[n] = slot.count;
    this.mins[n] = slot.min;
    this.maxs[n] = slot.max;
    this.sums[n] = slot.sum;
    this.lasts[n] = slot.last;
    this.firsts[n] = slot.first;
    this.growths[n] = slot.growth;
    this.count = n + 1;
  }

  /** One of them, by its place. */
  slot(i: number): SlotSum {
    return {
      start: this.starts[i]!,
      count: this.counts[i]!,
      min: this.mins[i]!,
      max: this.maxs[i]!,
      sum: this.sums[i]!,
      last: this.lasts[i]!,
      first: this.firsts[i]!,
      growth: this.growths[i]!,
    };
  }

  #mergeInto(i: number, slot: SlotSum): void {
    this.growths[i]! += grown(this.lasts[i]!, slot.first) + slot.growth;
    this.counts[i]! += slot.count;
    this.sums[i]! += slot.sum;
    if (slot.min < this.mins[i]! || Number.isNaN(this.mins[i]!)) this.mins[i] = slot.min;
    if (slot.max > this.maxs[i]! || Number.isNaN(this.maxs[i]!)) this.maxs[i] = slot.max;
    this.lasts[i] = slot.last;
  }

  /** Sums up points in ascending order of time. NaN says "no value" and is left out. */
  addPoints(points: Points, slotMs: number): void {
    const { times, values, count } = points;
    let i = 0;
    while (i < count) {
      const start = Math.floor(times[i]! / slotMs) * slotMs;
      const end = start + slotMs;
      let n = 0;
      let min = Number.POSITIVE_INFINITY;
      let max = Number.NEGATIVE_INFINITY;
      let sum = 0;
      let first = 0;
      let last = 0;
      let growth = 0;
      for (; i < count && times[i]! < end; i++) {
        const value = values[i]!;
        if (Number.isNaN(value)) continue;
        if (n++ === 0) first = value;
        else growth += value >= last ? value - last : value;
        sum += value;
        last = value;
        if (value < min) min = value;
        if (value > max) max = value;
      }
      if (n > 0) this.add({ start, count: n, min, max, sum, last, first, growth });
    }
  }

  /** Adds records of the same slots that were there before: of a slot that both have, the last value is ours. */
  merge(earlier: Records): void {
    const both = new Records(this.count + earlier.count);
    let mine = 0;
    for (let i = 0; i <= earlier.count; i++) {
      const until = i < earlier.count ? earlier.starts[i]! : Number.POSITIVE_INFINITY;
      for (; mine < this.count && this.starts[mine]! < until; mine++) both.add(this.slot(mine));
      if (i < earlier.count) both.add(earlier.slot(i));
    }
    for (const column of columns) this[column] = both[column];
    this.count = both.count;
  }
}

/** What a counter grew between two values; one below the other is a restart at zero. */
export function grown(before: number, value: number): number {
  return value >= before ? value - before : value;
}

/**
 * Bytes of the records of one series and day: slot numbers, counts, then a column each of min, max, last and sum. The first value and the
 * growth follow only where they are not what a counter without a restart has: the minimum, and last minus first.
 */
export function encodeRecords(records: Records, slotMs: number): Uint8Array {
  const n = records.count;
  sink.reset();
  sink.varint(n);
  const column = new Float64Array(n);
  for (let i = 0; i < n; i++) column[i] = records.starts[i]! / slotMs;
  encodeIntegers(column, n, sink);
  encodeIntegers(records.counts, n, sink);
  encodeValues(records.mins, n, sink);
  encodeValues(records.maxs, n, sink);
  encodeValues(records.lasts, n, sink);
  for (let i = 0; i < n; i++) column[i] = roundDigits(records.sums[i]!, SUM_DIGITS);
  encodeValues(column, n, sink);
  encodeRestarts(records);
  return sink.take();
}

/** Gauges have no growth that anybody asks for, so `counter` says whether these are worth their bytes. */
function encodeRestarts(records: Records): void {
  if (!records.counter) return;
  let before = 0;
  for (let i = 0; i < records.count; i++) {
    const first = records.firsts[i]!;
    const growth = records.growths[i]!;
    const plain = records.lasts[i]! - first;
    // Adding up the differences of floats is off by a few last digits; that is no restart.
    if (first === records.mins[i] && Math.abs(growth - plain) <= Math.abs(plain) * 1e-9) continue;
    sink.varint(i - before);
    sink.float64(first);
    sink.float64(growth);
    before = i;
  }
}

function decodeRestarts(into: Records): void {
  for (let i = 0; i < into.count; i++) {
    into.firsts[i] = into.mins[i]!;
    into.growths[i] = into.lasts[i]! - into.mins[i]!;
  }
  let i = 0;
  while (source.position < source.end) {
    i += source.varint();
    if (i >= into.count) throw new RangeError('Stored records have a restart outside of them.');
    into.firsts[i] = source.float64();
    into.growths[i] = source.float64();
  }
}

/** Reads what `encodeRecords` wrote into `into`, replacing its content. Throws a RangeError on damaged bytes. */
export function decodeRecords(bytes: Uint8Array, slotMs: number, into: Records): void {
  source.load(bytes);
  const n = source.varint();
  if (n > 100_000) throw new RangeError('Stored records have an impossible number.');
  into.count = 0;
  into.reserve(n);
  decodeIntegers(source, n, into.starts);
  for (let i = 0; i < n; i++) into.starts[i]! *= slotMs;
  decodeIntegers(source, n, into.counts);
  decodeValues(source, n, into.mins);
  decodeValues(source, n, into.maxs);
  decodeValues(source, n, into.lasts);
  decodeValues(source, n, into.sums);
  into.count = n;
  decodeRestarts(into);
}
