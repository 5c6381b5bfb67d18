/** Prometheus remote write: protobuf in snappy's frame. Both are written by hand, so that the benchmark needs no package for it. */
import type { Dataset } from './dataset.ts';
import { timeOf } from './dataset.ts';

const text = new TextEncoder();

/** Bytes that grow. */
class Out {
  bytes = new Uint8Array(1 << 20);
  view = new DataView(this.bytes.buffer);
  length = 0;

  room(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  varint(value: number): void {
    this.room(10);
    let rest = value;
    while (rest >= 128) {
      this.bytes[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.length++] = rest;
  }

  /** Field with a length: key, length, bytes. */
  block(field: number, bytes: Uint8Array): void {
    this.varint(field * 8 + 2);
    this.varint(bytes.length);
    this.room(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  double(field: number, value: number): void {
    this.varint(field * 8 + 1);
    this.room(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  take(): Uint8Array {
    const taken = this.bytes.slice(0, this.length);
    this.length = 0;
    return taken;
  }
}

const body = new Out();
const line = new Out();
const part = new Out();

/** The labels of each series in wire form; made once. */
export function labelBlocks(data: Pick<Dataset, 'series'>): Uint8Array[] {
  return data.series.map(({ name, labels }) => {
    line.length = 0;
    part.length = 0;
    for (const [key, value] of Object.entries({ __name__: name, ...labels }).sort(([a], [b]) => (a < b ? -1 : 1))) {
      part.block(1, text.encode(key));
      part.block(2, text.encode(value));
      line.block(1, part.take());
    }
    return line.take();
  });
}

/** One request with the samples of all series over the ticks [from, to). */
export function writeRequest(data: Dataset, labels: readonly Uint8Array[], from: number, to: number): Uint8Array {
  const count = data.series.length;
  body.length = 0;
  for (let i = 0; i < count; i++) {
    line.length = 0;
    line.room(labels[i]!.length);
    line.bytes.set(labels[i]!, 0);
    line.length = labels[i]!.length;
    for (let tick = from; tick < to; tick++) {
      part.length = 0;
      part.double(1, data.values[tick * count + i]!);
      part.varint(2 * 8);
      part.varint(timeOf(data, tick));
      line.block(2, part.bytes.subarray(0, part.length));
    }
    body.block(1, line.bytes.subarray(0, line.length));
  }
  return snappyLiteral(body.bytes.subarray(0, body.length));
}

/** Snappy's block format with everything as literals: what receives it has the least work, which is in the peers' favour. */
function snappyLiteral(plain: Uint8Array): Uint8Array {
  const out = new Out();
  out.varint(plain.length);
  for (let at = 0; at < plain.length; at += 65_536) {
    const piece = plain.subarray(at, at + 65_536);
    out.room(piece.length + 3);
    out.bytes[out.length++] = 61 << 2;
    out.view.setUint16(out.length, piece.length - 1, true);
    out.length += 2;
    out.bytes.set(piece, out.length);
    out.length += piece.length;
  }
  return out.take();
}
