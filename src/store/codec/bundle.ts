/**
 * The chunks of neighbouring series of one window as one value: a row for each of them would cost as much as a quiet series does, and
 * series that are measured together share their times. Layout: entries, then CRC-32 of them (4 bytes, little-endian).
 * Entry: series (difference to the one before), length times 4 plus type, bytes. `docs/store.md` explains it.
 */
import { crc32 } from 'node:zlib';
import type { Points } from './chunk.ts';
import { growPoints } from './chunk.ts';
import { decodeIntegers, encodeIntegers } from './integers.ts';
import { Sink, Source } from './sink.ts';
import { decodeValues, encodeValues } from './values.ts';

/** A bundle is closed when it has this many bytes. Reading one series reads all of its bundle. */
const ENOUGH = 12_288;
const CHECKSUM = 4;

/** Count, times, values. */
const OWN_TIMES = 0;
/** Values only: times are those of the nearest entry before it that has its own. */
const SAME_TIMES = 1;
/** Bytes that the bundle knows nothing about: sketches. */
const OPAQUE = 2;

/** Writes bundles; series come in ascending order. */
export class BundleWriter {
  readonly #sink = new Sink();
  readonly #times = new Sink();
  readonly #values = new Sink();
  /** Times of the last entry that has its own. */
  #before = new Float64Array(512);
  #beforeCount = 0;
  #first = -1;
  #last = -1;
  readonly #flush: (first: number, bytes: Uint8Array) => void;

  /** `flush` gets each finished bundle and the number of its first series. The bytes are its own. */
  constructor(flush: (first: number, bytes: Uint8Array) => void) {
    this.#flush = flush;
  }

  /** Adds the points of a series, times strictly ascending. Returns the bytes they take. */
  addPoints(id: number, times: Float64Array, values: Float64Array, count: number): number {
    const body = this.#values;
    body.reset();
    encodeValues(values, count, body);
    if (this.#sameTimes(times, count)) return this.#entry(id, SAME_TIMES, undefined, body);
    if (count > this.#before.length) this.#before = new Float64Array(count * 2);
    for (let i = 0; i < count; i++) this.#before[i] = times[i]!;
    this.#beforeCount = count;
    const start = this.#times;
    start.reset();
    start.varint(count);
    encodeIntegers(times, count, start);
    return this.#entry(id, OWN_TIMES, start, body);
  }

  #sameTimes(times: Float64Array, count: number): boolean {
    if (count !== this.#beforeCount) return false;
    const before = this.#before;
    for (let i = 0; i < count; i++) if (times[i] !== before[i]) return false;
    return true;
  }

  /** Adds bytes of another making. Returns the bytes they take. */
  addOpaque(id: number, bytes: Uint8Array): number {
    this.#values.reset();
    this.#values.append(bytes);
    return this.#entry(id, OPAQUE, undefined, this.#values);
  }

  /** Closes the bundle that is being written. */
  end(): void {
    const sink = this.#sink;
    if (this.#first < 0) return;
    const checksum = crc32(sink.bytes.subarray(0, sink.length));
    sink.reserve(CHECKSUM);
    sink.view.setUint32(sink.length, checksum, true);
    sink.length += CHECKSUM;
    this.#flush(this.#first, sink.take());
    this.discard();
  }

  /** Forgets the bundle that is being written. */
  discard(): void {
    this.#sink.reset();
    this.#beforeCount = 0;
    this.#first = -1;
  }

  #entry(id: number, type: number, start: Sink | undefined, body: Sink): number {
    const sink = this.#sink;
    const before = sink.length;
    if (this.#first < 0) this.#first = id;
    sink.varint(before === 0 ? 0 : id - this.#last);
    this.#last = id;
    sink.varint(((start?.length ?? 0) + body.length) * 4 + type);
    if (start) sink.append(start.bytes.subarray(0, start.length));
    sink.append(body.bytes.subarray(0, body.length));
    const size = sink.length - before;
    if (sink.length >= ENOUGH) this.end();
    return size;
  }
}

const source = new Source();

/** A bundle that was read: where each of its series is. */
export class Bundle {
  readonly bytes: Uint8Array;
  /** Numbers of its series, ascending. */
  readonly ids: number[] = [];
  readonly #places: { readonly type: number; readonly from: number; readonly to: number; readonly times: number }[] =
    [];

  /** Throws a RangeError when the bytes are damaged. */
  constructor(first: number, bytes: Uint8Array) {
    this.bytes = bytes;
    const end = bytes.length - CHECKSUM;
    const sum = new DataView(bytes.buffer, bytes.byteOffset + Math.max(0, end));
    if (end < 0 || crc32(bytes.subarray(0, end)) !== sum.getUint32(0, true))
      throw new RangeError('A stored bundle is damaged (its checksum does not fit).');
    let id = first;
    let times = -1;
    for (let at = 0; at < end; ) {
      let [value, next] = readVarint(bytes, at);
      id += value;
      [value, next] = readVarint(bytes, next);
      const type = value % 4;
      const to = next + Math.floor(value / 4);
      if (type === OWN_TIMES) times = this.ids.length;
      this.ids.push(id);
      this.#places.push({ type, from: next, to, times });
      at = to;
    }
  }

  /** Adds the points of a series to `into`; false when the bundle has none of it. Throws a RangeError on damaged bytes. */
  points(id: number, into: Points): boolean {
    const place = this.#places[this.#indexOf(id)];
    if (!place || place.type === OPAQUE) return false;
    const timed = this.#places[place.times];
    if (!timed) throw new RangeError('A stored chunk has no times.');
    source.load(this.bytes.subarray(timed.from, timed.to));
    const count = source.varint();
    // A million points are far more than any chunk has; damaged bytes must not ask for gigabytes.
    if (count > 1_000_000) throw new RangeError('A stored chunk has an impossible size.');
    growPoints(into, into.count + count);
    decodeIntegers(source, count, into.times.subarray(into.count));
    if (timed !== place) source.load(this.bytes.subarray(place.from, place.to));
    decodeValues(source, count, into.values.subarray(into.count));
    into.count += count;
    return true;
  }

  /** Bytes that were added as they are; undefined when the bundle has none of this series. */
  opaque(id: number): Uint8Array | undefined {
    const place = this.#places[this.#indexOf(id)];
    return place?.type === OPAQUE ? this.bytes.subarray(place.from, place.to) : undefined;
  }

  /** True when the series, if it is stored at all, is in this bundle or between two of its series. */
  covers(id: number): boolean {
    return this.ids.length > 0 && id >= this.ids[0]! && id <= this.ids.at(-1)!;
  }

  #indexOf(id: number): number {
    let low = 0;
    let high = this.ids.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const at = this.ids[middle]!;
      if (at === id) return middle;
      if (at < id) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}

function readVarint(bytes: Uint8Array, from: number): [value: number, next: number] {
  let value = 0;
  let factor = 1;
  let at = from;
  for (;;) {
    const byte = bytes[at++];
    if (byte === undefined) throw new RangeError('The stored bytes end too early.');
    value += (byte & 127) * factor;
    if (byte < 128) return [value, at];
    factor *= 128;
  }
}
