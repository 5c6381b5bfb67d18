/**
 * Reads the stored points of one series out of `series.db`, with nothing but Node and what docs/store.md says about the format.
 * `node examples/read-series.ts monitoring/series.db system_cpu_usage_ratio` prints them, a line each. Of a running monitor it sees what is
 * sealed; what came in the last hour is in the journal.
 */
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';

export interface Point {
  /** Epoch ms. */
  readonly at: number;
  readonly value: number;
}

/** Bytes, read from the front; bits within them from the lowest up. */
class Bytes {
  readonly #bytes: Uint8Array;
  #bit = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#bit >= this.#bytes.length * 8;
  }

  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#bit++)
      value += (((this.#bytes[this.#bit >> 3] ?? 0) >> (this.#bit & 7)) & 1) * 2 ** i;
    return value;
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.bits(8);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  signed(): number {
    return unfold(this.varint());
  }

  /** To the next whole byte. */
  align(): void {
    this.#bit = Math.ceil(this.#bit / 8) * 8;
  }

  take(length: number): Uint8Array {
    const from = this.#bit / 8;
    this.#bit += length * 8;
    return this.#bytes.subarray(from, from + length);
  }
}

/** 0, 1, 2, 3, 4 … -> 0, -1, 1, -2, 2 … */
const unfold = (code: number) => (code % 2 === 0 ? code / 2 : -(code + 1) / 2);

/** docs/store.md, "Run-length Golomb". */
function runGolomb(source: Bytes, count: number): number[] {
  let rice = source.bits(8) * 8;
  let run = 8;
  const out: number[] = [];
  while (out.length < count) {
    const runBits = run >> 3;
    let afterRun = 0;
    if (runBits > 0) {
      if (source.bits(1) === 0) {
        for (let zeros = 2 ** runBits; zeros > 0 && out.length < count; zeros--) out.push(0);
        run = Math.min(96, run + 4);
        continue;
      }
      for (let zeros = source.bits(runBits); zeros > 0; zeros--) out.push(0);
      afterRun = 1;
      run = run < 6 ? 0 : run - 6;
    }
    let quotient = 0;
    while (quotient < 20 && source.bits(1) === 0) quotient++;
    const k = rice >> 3;
    const value = quotient < 20 ? quotient * 2 ** k + source.bits(k) : source.bits(source.bits(6));
    if (quotient === 0) rice = Math.max(0, rice - 2);
    else if (quotient > 1) rice = Math.min(400, rice + quotient);
    if (runBits === 0) run = value === 0 ? run + 3 : Math.max(0, run - 3);
    out.push(value + afterRun);
  }
  source.align();
  return out;
}

/** docs/store.md, "A column of whole numbers". */
function integers(source: Bytes, count: number): number[] {
  const head = source.bits(8);
  const order = head & 3;
  const first = source.signed();
  const divisor = head & 8 ? source.varint() : 1;
  const firstDifference = order === 2 && count > 1 ? source.signed() : 0;
  const base = order < 2 ? source.signed() : 0;
  const codes = head & 4 ? new Array<number>(count).fill(0) : runGolomb(source, Math.max(0, count - order));
  const residual = (i: number) => (head & 16 ? codes[i]! : unfold(codes[i]!));
  const out: number[] = [];
  if (order === 0) {
    for (let i = 0; i < count; i++) out.push(first + divisor * (base + residual(i)));
    return out;
  }
  out.push(first);
  let difference = firstDifference;
  if (order === 2 && count > 1) out.push(first + divisor * difference);
  for (let i = order; i < count; i++) {
    difference = order === 1 ? base + residual(i - 1) : difference + residual(i - 2);
    out.push(out[i - 1]! + divisor * difference);
  }
  return out;
}

/** docs/store.md, "A column of values". */
function values(source: Bytes, count: number): number[] {
  const head = source.bits(8);
  const whole = integers(source, count);
  if (head < 32) return whole.map((value) => value / 10 ** head);
  const lower = source.take(count * 4);
  const lowerHalves = new DataView(lower.buffer, lower.byteOffset, lower.length);
  const value = new DataView(new ArrayBuffer(8));
  return whole.map((upper, i) => {
    value.setUint32(4, upper, true);
    value.setUint32(0, lowerHalves.getUint32(i * 4, true), true);
    return value.getFloat64(0, true);
  });
}

/** The points of one series in a bundle. docs/store.md, "A bundle". */
function pointsIn(bundle: Uint8Array, first: number, wanted: number): Point[] {
  const end = bundle.length - 4;
  const checksum = new DataView(bundle.buffer, bundle.byteOffset + end).getUint32(0, true);
  if (crc32(bundle.subarray(0, end)) !== checksum) throw new Error('The bundle is damaged.');
  const source = new Bytes(bundle.subarray(0, end));
  let id = first;
  let times: number[] = [];
  while (!source.done) {
    id += source.varint();
    const size = source.varint();
    const entry = new Bytes(source.take(Math.floor(size / 4)));
    if (size % 4 === 0) times = integers(entry, entry.varint());
    if (id === wanted) return values(entry, times.length).map((value, i) => ({ at: times[i]!, value }));
  }
  return [];
}

/** Every sealed point of a series, by the number it has in the table `series`; oldest first, the later of two of one moment counts. */
export function readSeries(file: string, series: number): Point[] {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const points = new Map<number, number>();
    for (const { number } of db.prepare('SELECT number FROM windows WHERE state = 1 ORDER BY number').all()) {
      const bundles = new Map<number, Uint8Array[]>();
      const rows = db.prepare('SELECT key, data FROM chunks WHERE key >= ? AND key < ? ORDER BY key');
      for (const { key, data } of rows.all(Number(number) * 2 ** 33, (Number(number) + 1) * 2 ** 33)) {
        const first = Math.floor(Number(key) / 2 ** 9) % 2 ** 24;
        bundles.set(first, [...(bundles.get(first) ?? []), data as Uint8Array]);
      }
      for (const [first, parts] of bundles)
        for (const { at, value } of pointsIn(Buffer.concat(parts), first, series)) points.set(at, value);
    }
    return [...points].map(([at, value]) => ({ at, value })).sort((a, b) => a.at - b.at);
  } finally {
    db.close();
  }
}

/** The numbers of the series of a metric, with their labels as JSON. */
export function seriesOf(file: string, name: string): { id: number; labels: string }[] {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const rows = db.prepare('SELECT id, labels FROM series WHERE name = ? AND kind < 2 ORDER BY id').all(name);
    return rows.map((row) => ({ id: Number(row['id']), labels: String(row['labels']) }));
  } finally {
    db.close();
  }
}

const [file, name] = process.argv[1]?.endsWith('read-series.ts') ? process.argv.slice(2) : [];
if (file !== undefined && name !== undefined) {
  for (const { id, labels } of seriesOf(file, name))
    for (const { at, value } of readSeries(file, id)) process.stdout.write(`${at} ${value} ${labels}\n`);
}
