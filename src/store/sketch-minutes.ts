import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Sketch } from '../model/sketch.ts';
import { Sink, Source } from './codec/sink.ts';

export const MINUTE = 60_000;
export const HOUR = 3_600_000;
const sink = new Sink();
const source = new Source();

/**
 * The sketches of one series, one per minute. Only the newest is kept as a sketch that can be merged into;
 * the others are encoded, which takes a twentieth of the memory.
 */
export class SketchMinutes {
  readonly #encoded = new Map<number, Uint8Array>();
  #minute = Number.NaN;
  #live: Sketch | undefined;

  /** Start of each minute that has data, in no particular order. */
  get minutes(): number[] {
    const list = [...this.#encoded.keys()];
    if (this.#live) list.push(this.#minute);
    return list;
  }

  add(at: number, sketch: Sketch): void {
    const minute = Math.floor(at / MINUTE) * MINUTE;
    if (minute !== this.#minute) this.#open(minute);
    this.#live!.merge(sketch);
  }

  get(minute: number): Sketch | undefined {
    if (minute === this.#minute) return this.#live;
    const bytes = this.#encoded.get(minute);
    return bytes && Sketch.decode(bytes);
  }

  /** Every minute within [from, to), ascending. */
  each(from: number, to: number, fn: (minute: number, sketch: Sketch) => void): void {
    const wanted = this.minutes.filter((minute) => minute >= from && minute < to).sort((a, b) => a - b);
    for (const minute of wanted) fn(minute, this.get(minute)!);
  }

  #open(minute: number): void {
    if (this.#live) this.#encoded.set(this.#minute, this.#live.encode());
    const before = this.#encoded.get(minute);
    this.#live = before ? Sketch.decode(before) : new Sketch();
    this.#encoded.delete(minute);
    this.#minute = minute;
  }
}

/** Sketches of one series by the start of their slot (minute or hour). */
export type SketchSlots = Map<number, Sketch>;

/**
 * Bytes of many sketches: deflated list of slot number (difference to the one before) and encoded sketch.
 * Slots that follow each other look alike, so together they take much less than one by one.
 */
export function encodeSketches(slots: SketchSlots, slotMs: number): Uint8Array {
  sink.reset();
  const starts = [...slots.keys()].sort((a, b) => a - b);
  sink.varint(starts.length);
  let before = 0;
  for (const start of starts) {
    const number = Math.floor(start / slotMs);
    sink.signed(number - before);
    before = number;
    const bytes = slots.get(start)!.encode();
    sink.varint(bytes.length);
    sink.append(bytes);
  }
  return new Uint8Array(deflateRawSync(sink.bytes.subarray(0, sink.length), { level: 6, memLevel: 8 }));
}

/** Reads what `encodeSketches` wrote, merging into `into`. Throws on damaged bytes. */
export function decodeSketches(bytes: Uint8Array, slotMs: number, each: (start: number, sketch: Sketch) => void): void {
  const plain = inflateRawSync(bytes);
  source.load(plain);
  const count = source.varint();
  let number = 0;
  for (let i = 0; i < count; i++) {
    number += source.signed();
    const length = source.varint();
    // A copy: `each` may decode others through the same source.
    each(number * slotMs, Sketch.decode(source.take(length).slice()));
  }
}

/** Adds a sketch to the slot it belongs to. */
export function mergeInto(slots: SketchSlots, start: number, sketch: Sketch): void {
  const present = slots.get(start);
  if (present) present.merge(sketch);
  else {
    const copy = new Sketch();
    copy.merge(sketch);
    slots.set(start, copy);
  }
}
