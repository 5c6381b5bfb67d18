/**
 * A column of float64 values, bit for bit. Most measured numbers are decimals of few digits: those become whole numbers by a power of ten.
 * What is not (noise in every bit, NaN, infinities, -0) is kept as its upper halves, coded like whole numbers, and its lower halves as they are.
 */
import { decodeIntegers, encodeIntegers, LARGEST } from './integers.ts';
import type { Sink, Source } from './sink.ts';

const MOST_DECIMALS = 15;
/** Head byte of a column of halves; below it the byte is the number of decimals. */
const HALVES = 32;

const powers = Float64Array.from({ length: MOST_DECIMALS + 1 }, (_, i) => 10 ** i);

let scaled = new Float64Array(1024);

const one = new Float64Array(1);
const halves = new Uint32Array(one.buffer);
one[0] = 1;
const UPPER = halves[1] === 0 ? 0 : 1;
const LOWER = 1 - UPPER;

/** Writes values[0..count). */
export function encodeValues(values: Float64Array, count: number, sink: Sink): void {
  if (count > scaled.length) scaled = new Float64Array(count * 2);
  const decimals = scaleToIntegers(values, count);
  if (decimals >= 0) {
    sink.byte(decimals);
    encodeIntegers(scaled, count, sink);
    return;
  }
  sink.byte(HALVES);
  for (let i = 0; i < count; i++) {
    one[0] = values[i]!;
    scaled[i] = halves[UPPER]!;
  }
  encodeIntegers(scaled, count, sink);
  sink.reserve(count * 4);
  const view = sink.view;
  let at = sink.length;
  for (let i = 0; i < count; i++) {
    one[0] = values[i]!;
    view.setUint32(at, halves[LOWER]!, true);
    at += 4;
  }
  sink.length = at;
}

/** Reads `count` values into out[0..count). */
export function decodeValues(source: Source, count: number, out: Float64Array): void {
  const head = source.byte();
  decodeIntegers(source, count, out);
  if (head < HALVES) {
    if (head === 0) return;
    const power = powers[head];
    if (power === undefined) throw new RangeError('The stored bytes have an unknown scale.');
    for (let i = 0; i < count; i++) out[i] = out[i]! / power;
    return;
  }
  const lower = source.take(count * 4);
  const view = source.view;
  let at = source.position - lower.length;
  for (let i = 0; i < count; i++) {
    halves[UPPER] = out[i]!;
    halves[LOWER] = view.getUint32(at, true);
    out[i] = one[0]!;
    at += 4;
  }
}

/**
 * Fills `scaled` with values times 10^n, for the smallest n that makes all of them whole and gives back every bit on division.
 * Returns n, or -1 when there is none.
 */
function scaleToIntegers(values: Float64Array, count: number): number {
  let decimals = 0;
  let power = 1;
  let i = 0;
  let restart = 0;
  while (i < count) {
    const value = values[i]!;
    const whole = Math.round(value * power);
    // The comparison with the quotient also turns away NaN and infinities; -0 would come back as 0.
    if (whole / power === value && whole < LARGEST && whole > -LARGEST && (whole !== 0 || Object.is(value, 0))) {
      scaled[i++] = whole;
      continue;
    }
    if (++decimals > MOST_DECIMALS) return -1;
    if (Math.abs(whole) >= LARGEST || (whole === 0 && value === 0)) return -1;
    power = powers[decimals]!;
    restart = i;
  }
  // Values before the one that needed most decimals were scaled with fewer.
  for (let j = 0; j < restart; j++) {
    const value = values[j]!;
    const whole = Math.round(value * power);
    if (whole / power !== value || whole >= LARGEST || whole <= -LARGEST) return -1;
    scaled[j] = whole;
  }
  return decimals;
}
