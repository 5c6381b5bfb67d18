import type { BitReader, BitWriter } from './bits.ts';

const SUB_BITS = 6;
const PER_OCTAVE = 1 << SUB_BITS;
const OCTAVES = 256;
/** Biased exponent of the lowest octave kept apart: 2^-128. */
const LOWEST = 1023 - 128;
const TOP_KEY = OCTAVES * PER_OCTAVE - 1;
const MAX_COUNT = 0xffff_ffff;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
float[0] = 1;
/** Which half of a float64 holds sign and exponent depends on the machine's byte order. */
const HIGH = words[1] === 0 ? 0 : 1;

/** Lower bound of a bucket: exponent and the six highest bits of the mantissa are the key. */
function bucketLower(key: number): number {
  const octave = key >> SUB_BITS;
  return (1 + (key & (PER_OCTAVE - 1)) / PER_OCTAVE) * 2 ** (octave - 128);
}

/** Upper bound (exclusive) of a bucket. */
export function bucketUpper(key: number): number {
  return bucketLower(key) + 2 ** ((key >> SUB_BITS) - 128 - SUB_BITS);
}

/** The value that stands for a bucket: never further than 1/128 from anything in it. */
export function bucketMiddle(key: number): number {
  return bucketLower(key) + 2 ** ((key >> SUB_BITS) - 129 - SUB_BITS);
}

/** Counts of positive numbers by magnitude. One page of 64 counters for each power of two that occurs. */
export class Buckets {
  /** Number of the page of each octave, counted from 1; 0 = none yet. Uint16: all 256 octaves may have one. */
  #pageOf = new Uint16Array(OCTAVES);
  #counts = new Uint32Array(0);
  #pages = 0;

  add(value: number, times: number): void {
    float[0] = value;
    const high = words[HIGH]!;
    let octave = (high >>> 20) - LOWEST;
    let sub = (high >>> 14) & (PER_OCTAVE - 1);
    if (octave < 0) {
      octave = 0;
      sub = 0;
    } else if (octave >= OCTAVES) {
      octave = OCTAVES - 1;
      sub = PER_OCTAVE - 1;
    }
    const page = this.#pageOf[octave]! || this.#addPage(octave);
    this.#counts[((page - 1) << SUB_BITS) + sub]! += times;
  }

  addKey(key: number, times: number): void {
    const octave = key >> SUB_BITS;
    const page = this.#pageOf[octave]! || this.#addPage(octave);
    const index = ((page - 1) << SUB_BITS) + (key & (PER_OCTAVE - 1));
    // Months of merged data could pass 2^32; a stuck counter is better than one that wraps to nothing.
    this.#counts[index] = Math.min(MAX_COUNT, this.#counts[index]! + times);
  }

  merge(other: Buckets): void {
    other.each((key, count) => this.addKey(key, count));
  }

  /** Calls back for every filled bucket, ascending. */
  each(fn: (key: number, count: number) => void): void {
    for (let octave = 0; octave < OCTAVES; octave++) {
      const page = this.#pageOf[octave]!;
      if (page === 0) continue;
      const start = (page - 1) << SUB_BITS;
      for (let sub = 0; sub < PER_OCTAVE; sub++) {
        const count = this.#counts[start + sub]!;
        if (count > 0) fn((octave << SUB_BITS) + sub, count);
      }
    }
  }

  total(): number {
    let total = 0;
    for (let i = 0; i < this.#pages << SUB_BITS; i++) total += this.#counts[i]!;
    return total;
  }

  /** Key of the bucket that holds the value of this rank (from 1, ascending). */
  keyAtRank(rank: number): number {
    let seen = 0;
    let last = 0;
    for (let octave = 0; octave < OCTAVES; octave++) {
      const page = this.#pageOf[octave]!;
      if (page === 0) continue;
      const start = (page - 1) << SUB_BITS;
      for (let sub = 0; sub < PER_OCTAVE; sub++) {
        const count = this.#counts[start + sub]!;
        if (count === 0) continue;
        seen += count;
        last = (octave << SUB_BITS) + sub;
        if (seen >= rank) return last;
      }
    }
    return last;
  }

  reset(): void {
    // A few outliers must not keep their pages for ever.
    if (this.#pages > 16) {
      this.#pageOf.fill(0);
      this.#counts = new Uint32Array(0);
      this.#pages = 0;
    } else {
      this.#counts.fill(0);
    }
  }

  /** Writes: number of buckets, first key, parameter, then gap and count of each bucket in as few bits as they need. */
  encode(out: BitWriter): void {
    let filled = 0;
    let sum = 0;
    let first = 0;
    this.each((key, count) => {
      if (filled++ === 0) first = key;
      sum += count;
    });
    out.varint(filled);
    if (filled === 0) return;
    out.varint(first);
    const k = Math.min(24, Math.max(0, Math.floor(Math.log2(sum / filled))));
    out.byte(k);
    let previous = first;
    this.each((key, count) => {
      if (key > first) out.expGolomb(key - previous - 1, 0);
      out.expGolomb(count - 1, k);
      previous = key;
    });
    out.align();
  }

  /** Reads what `encode` wrote into this (empty) one. Returns the total count. */
  decode(input: BitReader): number {
    const filled = input.varint();
    if (filled === 0) return 0;
    let key = input.varint();
    const k = input.byte();
    if (filled > TOP_KEY + 1 || k > 24) throw new RangeError('These bytes are not a sketch (impossible size).');
    let total = 0;
    for (let i = 0; i < filled; i++) {
      if (i > 0) key += input.expGolomb(0) + 1;
      if (key > TOP_KEY) throw new RangeError('These bytes are not a sketch (bucket out of range).');
      const count = input.expGolomb(k) + 1;
      this.addKey(key, count);
      total += count;
    }
    input.align();
    return total;
  }

  #addPage(octave: number): number {
    const page = ++this.#pages;
    if (page << SUB_BITS > this.#counts.length) {
      // First room for four octaves (most operations stay within), then two more at a time.
      const grown = new Uint32Array((page === 1 ? 4 : page + 1) << SUB_BITS);
      grown.set(this.#counts);
      this.#counts = grown;
    }
    this.#pageOf[octave] = page;
    return page;
  }
}
