import { decodeIntegers, encodeIntegers } from './integers.ts';
import { Sink, Source } from './sink.ts';
import { decodeValues, encodeValues } from './values.ts';

const sink = new Sink();
const source = new Source();

/** Points of one series: times in epoch ms, strictly ascending, and as many values. Only the first `count` entries count. */
export interface Points {
  times: Float64Array;
  values: Float64Array;
  count: number;
}

/** Room for points that grows by itself; `Points` is reused from chunk to chunk. */
export function createPoints(capacity = 1024): Points {
  return { times: new Float64Array(capacity), values: new Float64Array(capacity), count: 0 };
}

/** Makes room for `capacity` points, keeping those that are there. */
export function growPoints(points: Points, capacity: number): void {
  if (capacity <= points.times.length) return;
  const size = Math.max(capacity, points.times.length * 2);
  const times = new Float64Array(size);
  times.set(points.times.subarray(0, points.count));
  const values = new Float64Array(size);
  values.set(points.values.subarray(0, points.count));
  points.times = times;
  points.values = values;
}

/** One chunk as bytes: count, times, values. The result is a copy of its own. */
export function encodeChunk(times: Float64Array, values: Float64Array, count: number): Uint8Array {
  sink.reset();
  sink.varint(count);
  encodeIntegers(times, count, sink);
  encodeValues(values, count, sink);
  return sink.take();
}

/** Adds the points of a chunk to `into`, behind those that are there. Returns how many. Throws a RangeError on damaged bytes. */
export function decodeChunk(bytes: Uint8Array, into: Points): number {
  source.load(bytes);
  const count = source.varint();
  // A million points are far more than any chunk has; damaged bytes must not ask for gigabytes.
  if (count > 1_000_000) throw new RangeError('A stored chunk has an impossible size.');
  growPoints(into, into.count + count);
  decodeIntegers(source, count, into.times.subarray(into.count));
  decodeValues(source, count, into.values.subarray(into.count));
  into.count += count;
  return count;
}
