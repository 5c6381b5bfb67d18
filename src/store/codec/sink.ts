/** A growing byte buffer that is used again and again; what was written is valid until the next `reset`. */
export class Sink {
  bytes = new Uint8Array(1 << 16);
  view = new DataView(this.bytes.buffer);
  length = 0;

  reset(): void {
    this.length = 0;
  }

  /** Makes sure that `count` more bytes fit, so that hot loops need not ask. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** A non-negative integer up to 2^53, seven bits a byte, lowest first. */
  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest > 127) {
      this.bytes[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.length++] = rest;
  }

  /** An integer of either sign up to 2^52 in magnitude: 0, -1, 1, -2, 2 … become 0, 1, 2, 3, 4 … */
  signed(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  float64(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  append(part: Uint8Array): void {
    this.reserve(part.length);
    this.bytes.set(part, this.length);
    this.length += part.length;
  }

  /** A copy of what was written, for a database. */
  take(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }
}

/** Reads what a `Sink` wrote. Throws a RangeError past the end. */
export class Source {
  bytes = new Uint8Array(1 << 16);
  view = new DataView(this.bytes.buffer);
  position = 0;
  end = 0;

  /** Copies the bytes in, with zeros behind them so that the bit reader may look four bytes ahead. */
  load(part: Uint8Array): this {
    if (part.length + 16 > this.bytes.length) {
      this.bytes = new Uint8Array(Math.max(this.bytes.length * 2, part.length + 16));
      this.view = new DataView(this.bytes.buffer);
    }
    this.bytes.set(part);
    this.bytes.fill(0, part.length, part.length + 16);
    this.position = 0;
    this.end = part.length;
    return this;
  }

  byte(): number {
    if (this.position >= this.end) throw new RangeError('The stored bytes end too early.');
    return this.bytes[this.position++]!;
  }

  varint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
      if (factor > 2 ** 56) throw new RangeError('A stored number is too long.');
    }
  }

  signed(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  float64(): number {
    if (this.position + 8 > this.end) throw new RangeError('The stored bytes end too early.');
    const value = this.view.getFloat64(this.position, true);
    this.position += 8;
    return value;
  }

  /** A view of the next `length` bytes. */
  take(length: number): Uint8Array {
    if (this.position + length > this.end) throw new RangeError('The stored bytes end too early.');
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }
}
