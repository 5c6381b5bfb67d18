import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { syncDirectory } from './atomic-file.ts';
import { Sink } from './codec/sink.ts';

const MAGIC = 'CPMJ0002';
/** Every frame begins with this, so that the next one can be found behind damage. */
const MARK = 0xf7_4a_50_43;
const markBytes = Buffer.from(Uint32Array.of(MARK).buffer);
/** Mark, length and CRC-32 of the payload, each 4 bytes, little-endian. */
const FRAME = 12;
/** No frame is longer; a length beyond it is damage. */
const FRAME_MOST = 64 * 1024 * 1024;

/**
 * The log of what is in memory only: one file per window, frames of bytes with length and checksum, written and synced about once a second.
 * Outside of SQLite so that the database holds nothing that has to be deleted again an hour later.
 */
export class Journal {
  readonly #dir: string;
  #handle: FileHandle | undefined;
  #segment = 0;
  #position = 0;
  #writing: Sink = new Sink();
  #spare: Sink = new Sink();
  #running: Promise<void> | undefined;
  /** Frames that could not be written yet, with the segment they belong to. */
  readonly #waiting: { segment: number; bytes: Uint8Array }[] = [];
  #waitingBytes = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Where entries go until the next `commit`. */
  get entries(): Sink {
    return this.#writing;
  }

  /** Bytes that are not on the disk yet. */
  get pendingBytes(): number {
    return this.#writing.length + this.#waitingBytes;
  }

  get pending(): boolean {
    return this.#writing.length > 0 || this.#waiting.length > 0;
  }

  /** Further entries belong to another window. What was gathered before stays with the old one. */
  startSegment(segment: number): void {
    this.#setAside();
    this.#segment = segment;
  }

  /** Gives up what could not be written. Returns its size in bytes. */
  dropWaiting(): number {
    const bytes = this.#waitingBytes;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    return bytes;
  }

  /** Writes and syncs everything gathered so far. Rejects when the disk does not take it; it is kept for the next try. */
  commit(): Promise<void> {
    if (!this.pending) return this.#running ?? Promise.resolve();
    this.#running ??= this.#writeAll();
    return this.#running;
  }

  /** Waits for a running commit, then closes the file. */
  async close(): Promise<void> {
    await this.#running?.catch(() => {});
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.pending) {
        this.#setAside();
        while (this.#waiting.length > 0) await this.#writeFrame(this.#waiting[0]!);
      }
    } finally {
      // Here and not in a later turn: nobody may be handed a promise that has nothing more to write.
      this.#running = undefined;
    }
  }

  async #writeFrame({ segment, bytes }: { segment: number; bytes: Uint8Array }): Promise<void> {
    await this.#openSegment(segment);
    const handle = this.#handle!;
    // With an explicit position: what a failed attempt left half written is written over.
    await writeWhole(handle, bytes, this.#position);
    if (this.#waiting.length === 1 || this.#waiting[1]!.segment !== segment) await handle.datasync();
    this.#position += bytes.length;
    if (this.#waiting[0]?.bytes === bytes) {
      this.#waiting.shift();
      this.#waitingBytes -= bytes.length;
    }
  }

  /** Turns what was gathered into a frame that waits to be written. */
  #setAside(): void {
    const full = this.#writing;
    if (full.length === 0) return;
    const bytes = new Uint8Array(FRAME + full.length);
    bytes.set(full.bytes.subarray(0, full.length), FRAME);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, MARK, true);
    view.setUint32(4, full.length, true);
    view.setUint32(8, crc32(bytes.subarray(FRAME)), true);
    this.#waiting.push({ segment: this.#segment, bytes });
    this.#waitingBytes += bytes.length;
    full.reset();
    this.#writing = this.#spare;
    this.#spare = full;
  }

  #opened = -1;

  async #openSegment(segment: number): Promise<void> {
    if (this.#opened === segment && this.#handle) return;
    await this.#handle?.close();
    this.#handle = undefined;
    this.#handle = await open(segmentPath(this.#dir, segment), 'w', 0o600);
    this.#opened = segment;
    this.#position = MAGIC.length;
    await writeWhole(this.#handle, Buffer.from(MAGIC, 'latin1'), 0);
    syncDirectory(this.#dir);
  }
}

async function writeWhole(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

export function segmentPath(dir: string, segment: number): string {
  return join(dir, `series-${String(segment).padStart(8, '0')}.journal`);
}

/** Numbers of the segments on the disk, ascending. */
export function listSegments(dir: string): number[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .map((name) => /^series-(\d{8,})\.journal$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

export function removeSegment(dir: string, segment: number): void {
  rmSync(segmentPath(dir, segment), { force: true });
}

/** What became of a segment when it was read. */
export interface ReadSegment {
  readonly frames: number;
  /** Bytes behind the last whole frame: a write that a crash cut short. */
  readonly torn: number;
  /** Bytes that were damaged in between, or all of them when this is no journal. */
  readonly damaged: number;
}

/** Reads all whole frames of a segment. A frame that `each` throws at counts as damaged. */
export function readSegment(dir: string, segment: number, each: (payload: Uint8Array) => void): ReadSegment {
  const bytes = readFileSync(segmentPath(dir, segment));
  if (bytes.length < MAGIC.length) return { frames: 0, torn: bytes.length, damaged: 0 };
  let at = MAGIC.length;
  let frames = 0;
  let skipped = 0;
  let damaged = bytes.toString('latin1', 0, MAGIC.length) === MAGIC ? 0 : MAGIC.length;
  while (at < bytes.length) {
    const length = lengthOfFrame(bytes, at);
    if (length >= 0) {
      damaged += skipped;
      skipped = 0;
      if (accepted(each, bytes.subarray(at + FRAME, at + FRAME + length))) frames++;
      else damaged += FRAME + length;
      at += FRAME + length;
      continue;
    }
    const next = bytes.indexOf(markBytes, at + 1);
    const to = next < 0 ? bytes.length : next;
    skipped += to - at;
    at = to;
  }
  // Where nothing fits, not even the start, there is no torn end: it is no journal at all.
  return frames === 0 && damaged > 0 ? { frames, torn: 0, damaged: bytes.length } : { frames, torn: skipped, damaged };
}

/** Length of the payload of a whole frame at this place; -1 when there is none. */
function lengthOfFrame(bytes: Buffer, at: number): number {
  if (at + FRAME > bytes.length || bytes.readUInt32LE(at) !== MARK) return -1;
  const length = bytes.readUInt32LE(at + 4);
  if (length === 0 || length > FRAME_MOST || at + FRAME + length > bytes.length) return -1;
  return crc32(bytes.subarray(at + FRAME, at + FRAME + length)) === bytes.readUInt32LE(at + 8) ? length : -1;
}

function accepted(each: (payload: Uint8Array) => void, payload: Uint8Array): boolean {
  try {
    each(payload);
    return true;
  } catch {
    return false;
  }
}
