import { roundDigits } from '../points.ts';
import type { Points } from './chunk.ts';
import { decodeIntegers, encodeIntegers } from './integers.ts';
import { Sink, Source } from './sink.ts';
import { decodeValues, encodeValues } from './values.ts';

const sink = new Sink();
const source = new Source();
/** Sums are rounded to this many digits: the error of adding floats is larger, and they take half the space. */
const SUM_DIGITS = 14;

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

  constructor(capacity = 64) {
    this.starts = new Float64Array(capacity);
    this.counts = new Float64Array(capacity);
    this.mins = new Float64Array(capacity);
    this.maxs = new Float64Array(capacity);
    this.sums = new Float64Array(capacity);
    this.lasts = new Float64Array(capacity);
  }

  reserve(capacity: number): void {
    if (capacity <= this.starts.length) return;
    const size = Math.max(capacity, this.starts.length * 2);
    for (const column of ['starts', 'counts', 'mins', 'maxs', 'sums', 'lasts'] as const) {
      const grown = new Float64Array(size);
      grown.set(this[column].subarray(0, this.count));
      this[column] = grown;
    }
  }

  /** Adds what another record of the same or a later slot says. Slots come in ascending order. */
  add(start: number, count: number, min: number, max: number, sum: number, last: number): void {
    const n = this.count;
    if (n > 0 && this.starts[n - 1] === start) {
      this.counts[n - 1]! += count;
      this.sums[n - 1]! += sum;
      if (min < this.mins[n - 1]! || Number.isNaN(this.mins[n - 1]!)) this.mins[n - 1] = min;
      if (max > this.maxs[n - 1]! || Number.isNaN(this.maxs[n - 1]!)) this.maxs[n - 1] = max;
      this.lasts[n - 1] = last;
      return;
    }
    this.reserve(n + 1);
    this.starts[n] = start;
    this.counts[n] = count;
    this.mins[n] = min;
    this.maxs[n] = max;
    this.sums[n] = sum;
    this.lasts[n] = last;
    this.count = n + 1;
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
      let last = 0;
      for (; i < count && times[i]! < end; i++) {
        const value = values[i]!;
        if (Number.isNaN(value)) continue;
        n++;
        sum += value;
        last = value;
        if (value < min) min = value;
        if (value > max) max = value;
      }
      if (n > 0) this.add(start, n, min, max, sum, last);
    }
  }

  /** Sums up records of a finer slot. */
  addRecords(finer: Records, slotMs: number): void {
    for (let i = 0; i < finer.count; i++) {
      const start = Math.floor(finer.starts[i]! / slotMs) * slotMs;
      this.add(start, finer.counts[i]!, finer.mins[i]!, finer.maxs[i]!, finer.sums[i]!, finer.lasts[i]!);
    }
  }
}

/** Bytes of the records of one series and day: slot numbers, counts, then a column each of min, max, last and sum. */
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
  return sink.take();
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
}
