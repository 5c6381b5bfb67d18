const scratch = new Uint8Array(8);
const scratchView = new DataView(scratch.buffer);

/** Writes bytes and bits one after the other into a growing buffer. Bits fill bytes from the lowest bit up. */
export class BitWriter {
  #bytes = new Uint8Array(64);
  #length = 0;
  #bits = 0;
  #bitCount = 0;

  byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[this.#length++] = value;
  }

  /** An integer from 0 to 2^53 - 1, seven bits a byte, lowest first. */
  varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** Little endian. */
  float64(value: number): void {
    scratchView.setFloat64(0, value, true);
    for (let i = 0; i < 8; i++) this.byte(scratch[i]!);
  }

  /** The `count` (at most 24) lowest bits of `value`. */
  bits(value: number, count: number): void {
    this.#bits |= (value & ((1 << count) - 1)) << this.#bitCount;
    this.#bitCount += count;
    while (this.#bitCount >= 8) {
      this.byte(this.#bits & 255);
      this.#bits >>>= 8;
      this.#bitCount -= 8;
    }
  }

  /** A non-negative integer below 2^32 in few bits when it is near or below 2^k (exponential Golomb code). */
  expGolomb(value: number, k: number): void {
    const high = Math.floor(value / 2 ** k) + 1;
    const width = 31 - Math.clz32(high);
    for (let i = 0; i < width; i++) this.bits(0, 1);
    this.bits(1, 1);
    this.#wide(high - 2 ** width, width);
    this.#wide(value % 2 ** k, k);
  }

  #wide(value: number, count: number): void {
    const low = Math.min(count, 16);
    this.bits(value & 0xffff, low);
    if (count > 16) this.bits(Math.floor(value / 65_536), count - 16);
  }

  /** Fills the current byte with zeros. */
  align(): void {
    if (this.#bitCount > 0) this.bits(0, 8 - this.#bitCount);
  }

  finish(): Uint8Array {
    this.align();
    return this.#bytes.slice(0, this.#length);
  }
}

/** Reads what `BitWriter` wrote. Throws a RangeError past the end. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;
  #bits = 0;
  #bitCount = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const value = this.#bytes[this.#position++];
    if (value === undefined) throw new RangeError('The bytes end too early.');
    return value;
  }

  varint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
      if (factor > 2 ** 49) throw new RangeError('A number in the bytes is too long.');
    }
  }

  float64(): number {
    for (let i = 0; i < 8; i++) scratch[i] = this.byte();
    return scratchView.getFloat64(0, true);
  }

  bits(count: number): number {
    while (this.#bitCount < count) {
      this.#bits |= this.byte() << this.#bitCount;
      this.#bitCount += 8;
    }
    const value = this.#bits & ((1 << count) - 1);
    this.#bits >>>= count;
    this.#bitCount -= count;
    return value;
  }

  expGolomb(k: number): number {
    let width = 0;
    while (this.bits(1) === 0) if (++width > 32) throw new RangeError('A number in the bytes is too long.');
    const high = this.#wide(width) + 2 ** width;
    return (high - 1) * 2 ** k + this.#wide(k);
  }

  #wide(count: number): number {
    const low = this.bits(Math.min(count, 16));
    return count > 16 ? low + this.bits(count - 16) * 65_536 : low;
  }

  align(): void {
    this.#bits = 0;
    this.#bitCount = 0;
  }
}
