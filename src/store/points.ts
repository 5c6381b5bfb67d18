import type { Points } from './codec/chunk.ts';

/**
 * Brings points into ascending order of time. Of several points of the same moment the one that came last stays.
 * Costs one look at each point when they are in order already.
 */
export function putInOrder(points: Points): void {
  const { times, values, count } = points;
  let i = 1;
  while (i < count && times[i]! > times[i - 1]!) i++;
  if (i >= count) return;
  const order = new Uint32Array(count);
  for (let n = 0; n < count; n++) order[n] = n;
  order.sort((a, b) => times[a]! - times[b]! || a - b);
  const sortedTimes = new Float64Array(count);
  const sortedValues = new Float64Array(count);
  let kept = 0;
  for (let n = 0; n < count; n++) {
    const from = order[n]!;
    const time = times[from]!;
    if (kept > 0 && sortedTimes[kept - 1] === time) kept--;
    sortedTimes[kept] = time;
    sortedValues[kept++] = values[from]!;
  }
  times.set(sortedTimes.subarray(0, kept));
  values.set(sortedValues.subarray(0, kept));
  points.count = kept;
}

/** Keeps `digits` significant digits of each value. 17 and more keep everything. */
export function roundPoints(points: Points, digits: number): void {
  if (digits >= 17) return;
  const { values, count } = points;
  for (let i = 0; i < count; i++) values[i] = roundDigits(values[i]!, digits);
}

/** A value with `digits` significant digits. */
export function roundDigits(value: number, digits: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const shift = digits - 1 - Math.floor(Math.log10(Math.abs(value)));
  if (shift > 22 || shift < -22) return Number(value.toPrecision(digits));
  // Powers of ten up to 22 are exact; dividing by them gives the float64 nearest to the decimal number.
  if (shift >= 0) {
    const power = 10 ** shift;
    const scaled = value * power;
    return Math.abs(scaled) > 2 ** 52 ? value : Math.round(scaled) / power;
  }
  const power = 10 ** -shift;
  return Math.round(value / power) * power;
}

/** Leaves only the points within [from, to). */
export function cutPoints(points: Points, from: number, to: number): void {
  const { times, values, count } = points;
  if (times[0]! >= from && times[count - 1]! < to) return;
  let start = 0;
  while (start < count && times[start]! < from) start++;
  let end = count;
  while (end > start && times[end - 1]! >= to) end--;
  times.copyWithin(0, start, end);
  values.copyWithin(0, start, end);
  points.count = end - start;
}
