import { crc32, inflateSync } from 'node:zlib';
import type { Picture } from './png.ts';

/** Reads a PNG file by the letter of the standard (8-bit RGB, any filter); throws when a length, a checksum or the order is wrong. */
export function decodePng(file: Buffer): Picture {
  if (file.subarray(0, 8).toString('latin1') !== '\x89PNG\r\n\x1a\n') throw new Error('not a PNG');
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const type = file.subarray(at + 4, at + 8).toString('latin1');
    const data = file.subarray(at + 8, at + 8 + length);
    if (file.readUInt32BE(at + 8 + length) !== crc32(file.subarray(at + 4, at + 8 + length)))
      throw new Error(`checksum of ${type}`);
    chunks.push({ type, data });
    at += 12 + length;
  }
  const types = chunks.map(({ type }) => type).join(' ');
  if (!/^IHDR (IDAT )+IEND$/.test(types)) throw new Error(`order of chunks: ${types}`);
  const header = chunks[0]!.data;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  if (header[8] !== 8 || header[9] !== 2) throw new Error('not 8-bit RGB');
  const raw = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)));
  return { width, height, rgb: unfilter(raw, width * 3, height) };
}

function unfilter(raw: Buffer, row: number, height: number): Uint8Array {
  if (raw.length !== height * (row + 1)) throw new Error('length of the picture');
  const out = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (row + 1)];
    if (filter !== 0 && filter !== 2) throw new Error(`filter ${filter}`);
    for (let i = 0; i < row; i++) {
      const above = filter === 2 && y > 0 ? out[(y - 1) * row + i]! : 0;
      out[y * row + i] = raw[y * (row + 1) + 1 + i]! + above;
    }
  }
  return out;
}
