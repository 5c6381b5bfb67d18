/**
 * Run-length Golomb-Rice coding that adapts from symbol to symbol (after Malvar's RLGR), for non-negative integers that are mostly small.
 * No tables and no header, so it is good for a few hundred values as well as for many thousand.
 * Bits fill bytes from the lowest bit up. The decoder must take exactly the same steps: any change here is a change of the file format.
 */
import type { Sink, Source } from './sink.ts';

/** The two adaptive parameters are kept in eighths. */
const FRACTION = 3;
const RUN_UP = 4;
const RUN_DOWN = 6;
const LITERAL_ZERO_UP = 3;
const LITERAL_DOWN = 3;
const RUN_MOST = 12 << FRACTION;
const RICE_MOST = 50 << FRACTION;
/** A quotient of this many zeros is followed by the plain number instead: 6 bits of length and the bits. */
const ESCAPE = 20;

/** Writes values[0..count) starting with the Rice parameter `start`. All values are integers from 0 to 2^53 - 1. */
export function encodeRunGolomb(values: Float64Array, count: number, start: number, sink: Sink): void {
  // Worst case: escape + 6 + 53 bits for a value, and a run prefix of 13.
  sink.reserve(count * 12 + 16);
  const bytes = sink.bytes;
  let at = sink.length;
  let acc = 0;
  let filled = 0;
  let run = 1 << FRACTION;
  let rice = start << FRACTION;
  let i = 0;
  while (i < count) {
    let value = values[i]!;
    const runBits = run >> FRACTION;
    if (runBits > 0) {
      let zeros = 0;
      while (i < count && values[i] === 0) {
        zeros++;
        i++;
      }
      let width = runBits;
      while (zeros >= 1 << width || (i === count && zeros > 0)) {
        // A zero bit: a whole run, which the end of the data may cut short.
        if (++filled === 8) {
          bytes[at++] = acc;
          acc = 0;
          filled = 0;
        }
        zeros = Math.max(0, zeros - (1 << width));
        run = run + RUN_UP > RUN_MOST ? RUN_MOST : run + RUN_UP;
        width = run >> FRACTION;
      }
      if (i === count) break;
      acc |= (1 | (zeros << 1)) << filled;
      filled += width + 1;
      while (filled >= 8) {
        bytes[at++] = acc;
        acc >>>= 8;
        filled -= 8;
      }
      value = values[i]! - 1;
      run = run < RUN_DOWN ? 0 : run - RUN_DOWN;
    } else if (value === 0) run += LITERAL_ZERO_UP;
    else run = run < LITERAL_DOWN ? 0 : run - LITERAL_DOWN;
    i++;

    const k = rice >> FRACTION;
    const small = value < 0x4000_0000 && k < 24;
    const quotient = small ? (value | 0) >>> k : Math.floor(value / 2 ** k);
    if (quotient < ESCAPE) {
      acc |= (1 << quotient) << filled;
      filled += quotient + 1;
      while (filled >= 8) {
        bytes[at++] = acc;
        acc >>>= 8;
        filled -= 8;
      }
      let rest = small ? (value | 0) & ((1 << k) - 1) : value - quotient * 2 ** k;
      let width = k;
      while (width > 16) {
        // Wide remainders go out in portions of 16 bits, lowest first.
        acc |= (rest % 65_536) << filled;
        bytes[at++] = acc;
        bytes[at++] = acc >>> 8;
        acc >>>= 16;
        rest = Math.floor(rest / 65_536);
        width -= 16;
      }
      acc |= rest << filled;
      filled += width;
      while (filled >= 8) {
        bytes[at++] = acc;
        acc >>>= 8;
        filled -= 8;
      }
      if (quotient === 0) rice = rice < 2 ? 0 : rice - 2;
      else if (quotient > 1) rice = rice + quotient > RICE_MOST ? RICE_MOST : rice + quotient;
      continue;
    }
    // Escape: ESCAPE zeros, then the number of bits, then the bits.
    filled += ESCAPE;
    while (filled >= 8) {
      bytes[at++] = acc;
      acc >>>= 8;
      filled -= 8;
    }
    let width = bitLength(value);
    acc |= width << filled;
    filled += 6;
    while (filled >= 8) {
      bytes[at++] = acc;
      acc >>>= 8;
      filled -= 8;
    }
    let rest = value;
    while (width > 0) {
      const part = width < 16 ? width : 16;
      acc |= (rest % 65_536) << filled;
      filled += part;
      while (filled >= 8) {
        bytes[at++] = acc;
        acc >>>= 8;
        filled -= 8;
      }
      rest = Math.floor(rest / 65_536);
      width -= part;
    }
    rice = rice + ESCAPE > RICE_MOST ? RICE_MOST : rice + ESCAPE;
  }
  if (filled > 0) bytes[at++] = acc;
  sink.length = at;
}

/** Reads `count` values into `out`. Throws a RangeError when the bytes end too early. */
export function decodeRunGolomb(source: Source, count: number, start: number, out: Float64Array): void {
  const { view, bytes } = source;
  let bit = source.position * 8;
  const endBit = source.end * 8;
  // Beyond the end there are 16 bytes of zeros: one look ahead is safe, then we must stop.
  let run = 1 << FRACTION;
  let rice = start << FRACTION;
  let i = 0;
  while (i < count) {
    if (bit > endBit) throw new RangeError('The stored bytes end too early.');
    let inRun = 0;
    const runBits = run >> FRACTION;
    if (runBits > 0) {
      const word = view.getUint32(bit >>> 3, true) >>> (bit & 7);
      if ((word & 1) === 0) {
        bit++;
        let zeros = 1 << runBits;
        while (zeros-- > 0 && i < count) out[i++] = 0;
        run = run + RUN_UP > RUN_MOST ? RUN_MOST : run + RUN_UP;
        continue;
      }
      let zeros = (word >>> 1) & ((1 << runBits) - 1);
      bit += runBits + 1;
      if (i + zeros >= count) throw new RangeError('The stored bytes do not fit their count.');
      while (zeros-- > 0) out[i++] = 0;
      inRun = 1;
      run = run < RUN_DOWN ? 0 : run - RUN_DOWN;
    }
    const k = rice >> FRACTION;
    const word = view.getUint32(bit >>> 3, true) >>> (bit & 7);
    // Number of zeros below the lowest one bit.
    const quotient = word === 0 ? ESCAPE : 31 - Math.clz32(word & -word);
    let value: number;
    if (quotient < ESCAPE) {
      bit += quotient + 1;
      if (k <= 24) {
        const rest = (view.getUint32(bit >>> 3, true) >>> (bit & 7)) & ((1 << k) - 1);
        value = quotient * (1 << k) + rest;
      } else value = quotient * 2 ** k + wideBits(bytes, bit, k);
      bit += k;
      if (quotient === 0) rice = rice < 2 ? 0 : rice - 2;
      else if (quotient > 1) rice = rice + quotient > RICE_MOST ? RICE_MOST : rice + quotient;
    } else {
      bit += ESCAPE;
      const width = (view.getUint32(bit >>> 3, true) >>> (bit & 7)) & 63;
      bit += 6;
      if (bit > endBit) throw new RangeError('The stored bytes end too early.');
      value = wideBits(bytes, bit, width);
      bit += width;
      rice = rice + ESCAPE > RICE_MOST ? RICE_MOST : rice + ESCAPE;
    }
    if (inRun === 0) {
      if (value === 0) run += runBits > 0 ? 0 : LITERAL_ZERO_UP;
      else if (runBits === 0) run = run < LITERAL_DOWN ? 0 : run - LITERAL_DOWN;
    }
    out[i++] = value + inRun;
  }
  if (bit > endBit) throw new RangeError('The stored bytes end too early.');
  source.position = (bit + 7) >>> 3;
}

/** `count` bits (up to 63 asked, 53 meaningful) from any bit position. */
function wideBits(bytes: Uint8Array, bit: number, count: number): number {
  let value = 0;
  let factor = 1;
  let at = bit;
  let left = count;
  while (left > 0) {
    const offset = at & 7;
    const part = left < 8 - offset ? left : 8 - offset;
    value += (((bytes[at >>> 3] ?? 0) >>> offset) & ((1 << part) - 1)) * factor;
    factor *= 2 ** part;
    at += part;
    left -= part;
  }
  return value;
}

/** How many bits a non-negative integer below 2^53 needs. */
export function bitLength(value: number): number {
  if (value < 2 ** 31) return 32 - Math.clz32(value);
  return 32 + bitLength(Math.floor(value / 2 ** 32));
}
