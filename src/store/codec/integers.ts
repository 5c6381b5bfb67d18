/**
 * A column of integers as few bytes: divided by what they have in common, turned into small differences, then run-length Golomb-Rice coded.
 * Layout: head byte, first value, [divisor], [first difference], [base], then the bits. `docs/store.md` explains it.
 */
import { bitLength, decodeRunGolomb, encodeRunGolomb } from './run-golomb.ts';
import type { Sink, Source } from './sink.ts';

/** Integers beyond this in magnitude do not fit: differences of differences must stay exact in a float64. */
export const LARGEST = 2 ** 50;

const ORDER_MASK = 3;
/** Every difference equals the base: no bits follow. */
const ALL_EQUAL = 4;
const DIVIDED = 8;
/** Differences are counted from their minimum instead of around their middle. */
const FROM_MINIMUM = 16;
/** Rice parameter to start with, times 8, is in the next byte. */
const SAMPLE = 96;

let diffs = new Float64Array(1024);
let codes = new Float64Array(1024);

function room(count: number): void {
  if (count <= diffs.length) return;
  diffs = new Float64Array(count * 2);
  codes = new Float64Array(count * 2);
}

interface Plan {
  order: number;
  base: number;
  fromMinimum: boolean;
  cost: number;
}
const best: Plan = { order: 0, base: 0, fromMinimum: false, cost: 0 };

/** Writes values[0..count), integers within ±LARGEST. The count itself is not written. */
export function encodeIntegers(values: Float64Array, count: number, sink: Sink): void {
  if (count === 0) return;
  room(count);
  const first = values[0]!;
  const divisor = commonDivisor(values, count);
  choosePlan(values, count, divisor);
  const { order, base, fromMinimum } = best;
  const skipped = order === 2 ? 2 : order === 1 ? 1 : 0;
  const allEqual = fillCodes(values, count, divisor);
  sink.byte(order | (allEqual ? ALL_EQUAL : 0) | (divisor > 1 ? DIVIDED : 0) | (fromMinimum ? FROM_MINIMUM : 0));
  sink.signed(first);
  if (divisor > 1) sink.varint(divisor);
  if (order === 2 && count > 1) sink.signed((values[1]! - first) / divisor);
  if (order < 2) sink.signed(base);
  if (allEqual) return;
  const start = startParameter(count - skipped);
  sink.byte(start);
  encodeRunGolomb(codes, count - skipped, start, sink);
}

/** Greatest common divisor of all differences; 1 when there is nothing to gain. */
function commonDivisor(values: Float64Array, count: number): number {
  let divisor = 0;
  for (let i = 1; i < count; i++) {
    let rest = Math.abs(values[i]! - values[i - 1]!);
    if (rest === 0) continue;
    if (divisor === 0) divisor = rest;
    else {
      let other = divisor;
      if (rest < 0x7fff_ffff && other < 0x7fff_ffff) {
        let a = other | 0;
        let b = rest | 0;
        while (b !== 0) {
          const c = a % b;
          a = b;
          b = c;
        }
        divisor = a;
      } else {
        while (rest !== 0) {
          const c = other % rest;
          other = rest;
          rest = c;
        }
        divisor = other;
      }
    }
    if (divisor === 1) return 1;
  }
  return divisor === 0 ? 1 : divisor;
}

const probes = new Float64Array(SAMPLE);

/** Middle of up to 33 evenly spread probes of an array. */
function roughMedian(array: Float64Array, from: number, count: number): number {
  const used = Math.min(33, count);
  for (let i = 0; i < used; i++) probes[i] = array[from + Math.floor(((i + 0.5) * count) / used)]!;
  return probes.subarray(0, used).sort()[used >> 1]!;
}

/** Finds the way that needs the fewest bits, judged by a sample of the column. The result is in `best`. */
function choosePlan(values: Float64Array, count: number, divisor: number): void {
  const first = values[0]!;
  let minDiff = Number.POSITIVE_INFINITY;
  let minValue = 0;
  for (let i = 1; i < count; i++) {
    const diff = (values[i]! - values[i - 1]!) / divisor;
    diffs[i] = diff;
    if (diff < minDiff) minDiff = diff;
    const value = (values[i]! - first) / divisor;
    codes[i] = value;
    if (value < minValue) minValue = value;
  }
  best.cost = Number.POSITIVE_INFINITY;
  if (count === 1) {
    consider(1, 0, false, count);
    return;
  }
  diffs[0] = diffs[1]!;
  codes[0] = 0;
  consider(1, roughMedian(diffs, 1, count - 1), false, count);
  consider(1, minDiff, true, count);
  consider(0, roughMedian(codes, 0, count), false, count);
  consider(0, minValue, true, count);
  if (count > 2) consider(2, 0, false, count);
}

/** Estimates the bits of one way and keeps it when it is the best so far. Reads `diffs` and `codes`. */
function consider(order: number, base: number, fromMinimum: boolean, count: number): void {
  const step = count > SAMPLE ? Math.floor(count / SAMPLE) : 1;
  const from = order === 2 ? 2 : order;
  let cost = 0;
  for (let i = from; i < count; i += step) {
    const residual = order === 0 ? codes[i]! - base : order === 1 ? diffs[i]! - base : diffs[i]! - diffs[i - 1]!;
    const code = fromMinimum ? residual : residual < 0 ? -2 * residual - 1 : 2 * residual;
    // Fractions of bits count here: a plain number of digits would call 8 and 15 the same.
    cost += code < 2 ** 31 ? cheapLog(code) : bitLength(code);
  }
  if (cost < best.cost) {
    best.cost = cost;
    best.order = order;
    best.base = base;
    best.fromMinimum = fromMinimum;
  }
}

/** About log2(1 + value), by the position of the highest bit and the bits below it. */
function cheapLog(value: number): number {
  const whole = (value | 0) + 1;
  const width = 31 - Math.clz32(whole);
  return width + (whole - 2 ** width) / 2 ** width;
}

/** Puts the codes of the chosen way into `codes`. True when all of them are zero. */
function fillCodes(values: Float64Array, count: number, divisor: number): boolean {
  const { order, base, fromMinimum } = best;
  const from = order === 2 ? 2 : order;
  let any = 0;
  for (let i = from; i < count; i++) {
    const residual =
      order === 0
        ? (values[i]! - values[0]!) / divisor - base
        : order === 1
          ? diffs[i]! - base
          : diffs[i]! - diffs[i - 1]!;
    const code = fromMinimum ? residual : residual < 0 ? -2 * residual - 1 : 2 * residual;
    codes[i - from] = code;
    any += code;
  }
  return any === 0;
}

/** The Rice parameter that fits the first values. */
function startParameter(count: number): number {
  const used = Math.min(count, 32);
  let sum = 0;
  for (let i = 0; i < used; i++) sum += codes[i]!;
  return Math.min(48, Math.max(0, bitLength(Math.floor(sum / used)) - 1));
}

/** Reads `count` integers into out[0..count). */
export function decodeIntegers(source: Source, count: number, out: Float64Array): void {
  if (count === 0) return;
  const head = source.byte();
  const order = head & ORDER_MASK;
  const first = source.signed();
  const divisor = head & DIVIDED ? source.varint() : 1;
  const firstDiff = order === 2 && count > 1 ? source.signed() : 0;
  const base = order < 2 ? source.signed() : 0;
  const skipped = order === 2 ? 2 : order;
  if (head & ALL_EQUAL) {
    for (let i = 0; i < count; i++)
      out[i] = first + divisor * (order === 0 ? base : order === 1 ? base * i : firstDiff * i);
    return;
  }
  if (order > 2) throw new RangeError('The stored bytes have an unknown order.');
  room(count);
  const coded = codes;
  decodeRunGolomb(source, count - skipped, source.byte(), coded);
  const whole = (head & FROM_MINIMUM) !== 0;
  if (order === 0) {
    for (let i = 0; i < count; i++) {
      const code = coded[i]!;
      out[i] = first + divisor * (base + (whole ? code : unfold(code)));
    }
  } else if (order === 1) {
    let value = first;
    out[0] = value;
    if (!whole) for (let i = 0; i < count - 1; i++) coded[i] = unfold(coded[i]!);
    const step = divisor * base;
    if (divisor === 1) {
      for (let i = 1; i < count; i++) {
        value += step + coded[i - 1]!;
        out[i] = value;
      }
      return;
    }
    for (let i = 1; i < count; i++) {
      value += divisor * (base + coded[i - 1]!);
      out[i] = value;
    }
  } else {
    let value = first + divisor * firstDiff;
    let diff = firstDiff;
    out[0] = first;
    if (count > 1) out[1] = value;
    for (let i = 2; i < count; i++) {
      diff += unfold(coded[i - 2]!);
      value += divisor * diff;
      out[i] = value;
    }
  }
}

/** 0, 1, 2, 3, 4 … back to 0, -1, 1, -2, 2 … */
function unfold(code: number): number {
  if (code < 0x8000_0000) return (code >>> 1) ^ -(code & 1);
  return code % 2 === 0 ? code / 2 : -(code + 1) / 2;
}
