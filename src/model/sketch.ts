import { BitReader, BitWriter } from './bits.ts';
import { Buckets, bucketMiddle, bucketUpper } from './sketch-buckets.ts';

const COUNT = 0;
const SUM = 1;
const MIN = 2;
const MAX = 3;

const FORMAT = 0x10;
const HAS_ZEROS = 1;
const HAS_NEGATIVES = 2;
const SINGLE = 4;
const EMPTY = 8;

/**
 * The distribution of many values in little memory: a log-linear histogram with 64 buckets per power of two.
 * Percentiles are at most 0.8 % away from the true sample; sketches of several processes, minutes and days merge without any further error.
 * Holds every finite number: percentiles are exact in that sense for magnitudes from 3e-39 to 3e38, beyond which they fall into the outermost bucket.
 * A typical operation takes 1 to 2 KB in memory and less than 100 bytes encoded.
 *
 * @example
 * const sketch = new Sketch();
 * sketch.record(0.012);
 * sketch.quantile(0.99); // about 0.012
 */
export class Sketch {
  /** Largest relative error of `quantile`: 1/128. */
  static readonly relativeError: number = 1 / 128;

  // Scalars live in a typed array: a number field that changes would allocate a heap number on every record.
  readonly #scalars = new Float64Array([0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  readonly #positive = new Buckets();
  #negative: Buckets | undefined;
  #zeros = 0;

  /** How many values were recorded. */
  get count(): number {
    return this.#scalars[COUNT]!;
  }

  /** Exact sum of all values. */
  get sum(): number {
    return this.#scalars[SUM]!;
  }

  /** Smallest value, exact; NaN when empty. */
  get min(): number {
    return this.#scalars[COUNT] === 0 ? Number.NaN : this.#scalars[MIN]!;
  }

  /** Largest value, exact; NaN when empty. */
  get max(): number {
    return this.#scalars[COUNT] === 0 ? Number.NaN : this.#scalars[MAX]!;
  }

  /** Adds one value. NaN and infinities are ignored. A few nanoseconds, no allocation. */
  record(value: number): void {
    const scalars = this.#scalars;
    if (value > 0 && value < Number.POSITIVE_INFINITY) this.#positive.add(value, 1);
    else if (value === 0) this.#zeros++;
    else if (value < 0 && value > Number.NEGATIVE_INFINITY) this.#addNegative(-value, 1);
    else return;
    scalars[COUNT]! += 1;
    scalars[SUM]! += value;
    if (value < scalars[MIN]!) scalars[MIN] = value;
    if (value > scalars[MAX]!) scalars[MAX] = value;
  }

  /** Adds everything the other one holds; the other one stays as it is. */
  merge(other: Sketch): void {
    const mine = this.#scalars;
    const theirs = other.#scalars;
    if (theirs[COUNT] === 0) return;
    mine[COUNT]! += theirs[COUNT]!;
    mine[SUM]! += theirs[SUM]!;
    if (theirs[MIN]! < mine[MIN]!) mine[MIN] = theirs[MIN]!;
    if (theirs[MAX]! > mine[MAX]!) mine[MAX] = theirs[MAX]!;
    this.#zeros += other.#zeros;
    this.#positive.merge(other.#positive);
    if (other.#negative) {
      this.#negative ??= new Buckets();
      this.#negative.merge(other.#negative);
    }
  }

  /**
   * The value below which the share `q` (0..1) of all values lies, e.g. `quantile(0.95)`.
   * Exact for q <= 0 (minimum) and q >= 1 (maximum); NaN when empty.
   */
  quantile(q: number): number {
    const scalars = this.#scalars;
    const count = scalars[COUNT]!;
    if (count === 0 || Number.isNaN(q)) return Number.NaN;
    if (q <= 0) return scalars[MIN]!;
    if (q >= 1) return scalars[MAX]!;
    // Nearest rank, counted from 1. The small allowance keeps 0.07 * 100 from becoming rank 8.
    let rank = Math.max(1, Math.ceil(q * count - 1e-9));
    if (this.#negative) {
      const total = this.#negative.total();
      if (rank <= total) return this.#clamp(-bucketMiddle(this.#negative.keyAtRank(total - rank + 1)));
      rank -= total;
    }
    if (rank <= this.#zeros) return 0;
    return this.#clamp(bucketMiddle(this.#positive.keyAtRank(rank - this.#zeros)));
  }

  /** How many values are at most `bound`, within the relative error. For cumulative histograms (Prometheus `le`). */
  countAtMost(bound: number): number {
    if (bound >= this.#scalars[MAX]!) return this.count;
    if (bound < this.#scalars[MIN]!) return 0;
    let total = 0;
    this.#negative?.each((key, n) => {
      if (-bucketMiddle(key) <= bound) total += n;
    });
    if (bound >= 0) total += this.#zeros;
    if (bound > 0) {
      this.#positive.each((key, n) => {
        if (bucketMiddle(key) <= bound) total += n;
      });
    }
    return total;
  }

  /** The filled buckets above zero in ascending order, for heat maps: upper bound and count of each. */
  buckets(): { upper: number; count: number }[] {
    const list: { upper: number; count: number }[] = [];
    this.#positive.each((key, count) => list.push({ upper: bucketUpper(key), count }));
    return list;
  }

  /** Forgets everything, ready for the next interval. Keeps its memory, so that recording goes on without allocation. */
  reset(): void {
    this.#scalars[COUNT] = 0;
    this.#scalars[SUM] = 0;
    this.#scalars[MIN] = Number.POSITIVE_INFINITY;
    this.#scalars[MAX] = Number.NEGATIVE_INFINITY;
    this.#zeros = 0;
    this.#positive.reset();
    this.#negative = undefined;
  }

  /** Sparse bytes for the wire and the disk; `docs/store.md` describes them. */
  encode(): Uint8Array {
    const [count, sum, min, max] = this.#scalars as unknown as [number, number, number, number];
    const out = new BitWriter();
    if (count === 0) {
      out.byte(FORMAT | EMPTY);
    } else if (count === 1) {
      out.byte(FORMAT | SINGLE);
      out.float64(sum);
    } else {
      out.byte(FORMAT | (this.#zeros > 0 ? HAS_ZEROS : 0) | (this.#negative ? HAS_NEGATIVES : 0));
      out.float64(min);
      out.float64(max);
      out.float64(sum);
      if (this.#zeros > 0) out.varint(this.#zeros);
      this.#positive.encode(out);
      this.#negative?.encode(out);
    }
    return out.finish();
  }

  /** The sketch that `encode` made the bytes of. Throws a RangeError when they are not one. */
  static decode(bytes: Uint8Array): Sketch {
    const sketch = new Sketch();
    const input = new BitReader(bytes);
    const head = input.byte();
    if ((head & 0xf0) !== FORMAT) throw new RangeError('These bytes are not a sketch (unknown format).');
    if (head & EMPTY) return sketch;
    if (head & SINGLE) {
      sketch.record(input.float64());
      return sketch;
    }
    const scalars = sketch.#scalars;
    scalars[MIN] = input.float64();
    scalars[MAX] = input.float64();
    scalars[SUM] = input.float64();
    if (head & HAS_ZEROS) sketch.#zeros = input.varint();
    let count = sketch.#zeros + sketch.#positive.decode(input);
    if (head & HAS_NEGATIVES) {
      sketch.#negative = new Buckets();
      count += sketch.#negative.decode(input);
    }
    scalars[COUNT] = count;
    return sketch;
  }

  #addNegative(magnitude: number, times: number): void {
    this.#negative ??= new Buckets();
    this.#negative.add(magnitude, times);
  }

  #clamp(value: number): number {
    return Math.min(Math.max(value, this.#scalars[MIN]!), this.#scalars[MAX]!);
  }
}
