import type { Sketch } from '../model/sketch.ts';
import type { Tier } from '../model/store.ts';
import type { SeriesEntry } from './catalog.ts';
import type { Chunks } from './chunks.ts';
import { createPoints, type Points } from './codec/chunk.ts';
import { decodeRecords, Records } from './codec/records.ts';
import type { Totals } from './page-sums.ts';
import { cutPoints, putInOrder } from './points.ts';
import type { SeriesDb, StoredDay, StoredWindow } from './series-db.ts';
import { DAY } from './series-db.ts';
import { decodeSketches, HOUR, MINUTE, mergeInto, type SketchSlots } from './sketch-minutes.ts';
import type { Steps } from './steps.ts';
import { type DayState, type Piece, piecesOf } from './tiers.ts';
import type { Windows } from './windows.ts';

/** How far before the range the start of a counter's growth is looked for. */
const LOOK_BACK = 10 * MINUTE;
const MOST_SERIES = 2 ** 24;
/** Most bytes of coarser tiers that are kept at hand. */
const MOST_KEPT_BYTES = 2 * 1024 * 1024;
const slotOf = { minute: MINUTE, hour: HOUR } as const;

/** What a question wants of the tiers, and what it got. */
export interface Reading {
  /** True when nothing but values as they came may be read. */
  readonly rawOnly: boolean;
  readonly tiers: Set<Tier>;
}

/** Reads one series over time from wherever it is: memory, chunks, minutes, hours. */
export class Reader {
  readonly #db: SeriesDb;
  readonly #chunks: Chunks;
  readonly #windows: Windows;
  readonly #points = createPoints();
  readonly #records = new Records();
  /** Stored windows in the order of their numbers. */
  stored: StoredWindow[] = [];
  #storedOf = new Map<number, StoredWindow[]>();
  days = new Map<number, StoredDay>();
  readonly #kept = new Map<number, Uint8Array>();
  #keptBytes = 0;
  /** Chunks that turned out to be damaged; they are left out. */
  damaged = 0;
  onDamage: (error: unknown) => void = () => {};

  constructor(db: SeriesDb, chunks: Chunks, windows: Windows) {
    this.#db = db;
    this.#chunks = chunks;
    this.#windows = windows;
  }

  /** Reads the lists of windows and days again, after something was sealed, re-chunked or deleted. */
  refresh(): void {
    this.#forgetKept();
    this.stored = this.#db.windows();
    this.days = new Map(this.#db.days().map((day) => [day.day, day]));
    this.#storedOf = Map.groupBy(this.stored, (window) => Math.floor(window.from / DAY));
  }

  /** The step that the oldest part of a range can be answered in: a tier that is all there is may be coarser than asked for. */
  fittingStep(from: number, to: number, stepMs: number): number {
    let slot = 1;
    for (const number of this.daysWithin(from, to)) {
      const day = this.#dayState(number);
      if (day.finest !== 'raw') slot = Math.max(slot, slotOf[day.finest]);
    }
    return slot === 1 ? stepMs : Math.ceil(stepMs / slot) * slot;
  }

  /** UTC days (by number since 1970) within the range of which there is anything, ascending. */
  daysWithin(from: number, to: number): number[] {
    const first = Math.floor(from / DAY);
    const last = Math.ceil(to / DAY) - 1;
    const found = new Set<number>();
    const note = (day: number) => {
      if (day >= first && day <= last) found.add(day);
    };
    for (const day of this.days.keys()) note(day);
    for (const day of this.#storedOf.keys()) note(day);
    for (const window of this.#windows.all) {
      const until = Math.min(last, dayOf(window.newestAt));
      for (let day = Math.max(first, dayOf(window.oldestAt)); day <= until; day++) note(day);
    }
    return [...found].sort((a, b) => a - b);
  }

  /** Which tiers have what of a day. */
  #dayState(day: number): DayState {
    const known = this.days.get(day);
    const windows = this.#storedOf.get(day) ?? [];
    const minutes = (known?.minutePoints ?? 0) > 0;
    const hours = (known?.hourPoints ?? 0) > 0;
    // Minutes are made when the values as they came are given up: what there is beside them came later.
    const expired = minutes || (hours && !windows.some((window) => window.level === 1));
    const from = day * DAY;
    const late =
      windows.some((window) => expired || window.level === 0) ||
      this.#windows.all.some((window) => !window.sealed && window.newestAt >= from && window.oldestAt < from + DAY);
    return {
      finest: !expired ? 'raw' : minutes ? 'minute' : 'hour',
      // What came after the day was put together is in none of the coarser tiers.
      late,
      minutes,
      hours,
    };
  }

  /** Puts what the series has on one day within the range of `steps` into it. Call it day by day, in order of time. */
  fill(entry: SeriesEntry, day: number, steps: Steps, reading: Reading): void {
    const from = steps.wantsBefore && entry.kind !== 'sketch' ? steps.from - lookBack(steps) : steps.from;
    const clip = { from: Math.max(from, day * DAY), to: Math.min(steps.to, (day + 1) * DAY) };
    if (clip.from >= clip.to) return;
    for (const piece of this.#pieces(day, clip.from, clip.to, (slotMs) => steps.fits(slotMs), reading)) {
      if (entry.kind === 'sketch') {
        this.#sketchPiece(entry.id, day, piece, (start, sketch) => steps.addSketch(start, sketch));
      } else if (piece.tier === 'raw') {
        this.points(entry.id, piece.from, piece.to);
        if (this.#points.count > 0) steps.addPoints(this.#points);
      } else {
        this.#addRecords(entry.id, day, { ...piece, tier: piece.tier }, steps);
      }
    }
  }

  /** The day before which a question has nothing to read: that of the start of growth. */
  static firstMoment(steps: Steps): number {
    return steps.wantsBefore ? steps.from - lookBack(steps) : steps.from;
  }

  #pieces(day: number, from: number, to: number, fits: (slotMs: number) => boolean, reading: Reading): Piece[] {
    const pieces = piecesOf(this.#dayState(day), from, to, fits, reading.rawOnly);
    for (const { tier } of pieces) reading.tiers.add(tier);
    return pieces;
  }

  #addRecords(id: number, day: number, piece: Piece & { tier: 'minute' | 'hour' }, steps: Steps): void {
    const slotMs = slotOf[piece.tier];
    const bytes = this.#coarse(piece.tier, day, id);
    if (!bytes) return;
    this.#guarded(() => {
      decodeRecords(bytes, slotMs, this.#records);
      steps.addRecords(this.#records, slotMs, piece.from, piece.to);
    });
  }

  /** The bytes of a series and day in a coarser tier. The newest are kept at hand: a dashboard asks for the same again and again. */
  #coarse(tier: 'minute' | 'hour', day: number, id: number): Uint8Array | undefined {
    const key = (day * MOST_SERIES + id) * 2 + (tier === 'hour' ? 1 : 0);
    const known = this.#kept.get(key);
    if (known) return known;
    const bytes = this.#db.read(tier === 'hour' ? 'hours' : 'minutes', day, id);
    if (!bytes) return undefined;
    if (this.#keptBytes > MOST_KEPT_BYTES) this.#forgetKept();
    this.#keptBytes += bytes.length;
    this.#kept.set(key, bytes);
    return bytes;
  }

  #forgetKept(): void {
    this.#kept.clear();
    this.#keptBytes = 0;
  }

  /** The raw points of a series within [from, to), in order. They are valid until the next call. */
  points(id: number, from: number, to: number, only?: (window: StoredWindow) => boolean): Points {
    const points = this.#points;
    points.count = 0;
    const inMemory = this.#windows.all;
    for (let day = dayOf(from); day * DAY < to; day++) {
      for (const window of this.#storedOf.get(day) ?? []) {
        if (window.to <= from || window.from >= to || (only && !only(window))) continue;
        if (!only && inMemory.some((head) => head.number === window.number && head.counts[id]! > 0)) continue;
        this.#guarded(() => this.#chunks.points(window.number, id, points));
      }
    }
    if (!only) {
      for (const window of inMemory) {
        if (window.samples === 0 || window.maxAt < from || window.minAt >= to) continue;
        this.#windows.head.gather(window, id, points);
      }
    }
    if (points.count > 0) {
      putInOrder(points);
      cutPoints(points, from, to);
    }
    return points;
  }

  /** The points of one day within [from, to) as they came, in order; also late ones of a day that is kept in minutes only. */
  dayPoints(id: number, day: number, from: number, to: number): Points {
    return this.points(id, Math.max(from, day * DAY), Math.min(to, (day + 1) * DAY));
  }

  /** True when all values of the range are in memory, in windows that follow each other. */
  inMemory(from: number, to: number): boolean {
    const heads = this.#windows.all;
    if (heads.some((window) => !Number.isFinite(window.from) && window.maxAt >= from && window.minAt < to))
      return false;
    return this.daysWithin(from, to).every((day) => {
      const stored = this.#storedOf.get(day) ?? [];
      const state = this.#dayState(day);
      if (state.finest !== 'raw') return false;
      return stored.every(
        (window) => window.to <= from || window.from >= to || heads.some((head) => head.number === window.number),
      );
    });
  }

  /** Sums up values that are in memory; false when they have to be sorted first. Ask `inMemory` before. */
  total(id: number, from: number, to: number, into: Totals): boolean {
    into.reset();
    for (const window of this.#windows.all) {
      if (window.samples === 0 || window.maxAt < from || window.minAt >= to) continue;
      if (!this.#windows.head.total(window, id, from, to, into)) return false;
    }
    return true;
  }

  /** Calls back for every stored slot of a sketch series on a day within [from, to). Slots may repeat: merge. */
  sketches(
    entry: SeriesEntry,
    day: number,
    range: { from: number; to: number; fits: (slotMs: number) => boolean },
    reading: Reading,
    each: (start: number, sketch: Sketch) => void,
  ): void {
    const from = Math.max(range.from, day * DAY);
    const to = Math.min(range.to, (day + 1) * DAY);
    if (from >= to) return;
    for (const piece of this.#pieces(day, from, to, range.fits, reading)) this.#sketchPiece(entry.id, day, piece, each);
  }

  #sketchPiece(id: number, day: number, piece: Piece, each: (start: number, sketch: Sketch) => void): void {
    const { tier, from, to } = piece;
    const inRange = (start: number, sketch: Sketch) => {
      if (start >= from && start < to) each(start, sketch);
    };
    if (tier !== 'raw') {
      const bytes = this.#coarse(tier, day, id);
      if (bytes) this.#guarded(() => decodeSketches(bytes, slotOf[tier], inRange));
      return;
    }
    for (const window of this.#storedOf.get(day) ?? []) {
      if (window.to <= from || window.from >= to) continue;
      if (this.#windows.all.some((head) => head.number === window.number && head.sketches.has(id))) continue;
      this.#guarded(() => {
        const bytes = this.#chunks.sketches(window.number, id);
        if (bytes) decodeSketches(bytes, MINUTE, inRange);
      });
    }
    for (const window of this.#windows.all) window.sketches.get(id)?.each(from, to, each);
  }

  /** Sketches by the minute of a series in the windows asked for. */
  sketchSlots(id: number, only: (window: StoredWindow) => boolean): SketchSlots {
    const slots: SketchSlots = new Map();
    for (const window of this.stored) {
      if (!only(window)) continue;
      this.#guarded(() => {
        const bytes = this.#chunks.sketches(window.number, id);
        if (bytes) decodeSketches(bytes, MINUTE, (start, sketch) => mergeInto(slots, start, sketch));
      });
    }
    return slots;
  }

  /** A damaged chunk costs its own points and nothing else. */
  #guarded(work: () => void): void {
    const before = this.#points.count;
    try {
      work();
    } catch (error) {
      this.#points.count = before;
      this.damaged++;
      this.onDamage(error);
    }
  }
}

const dayOf = (at: number): number => Math.floor(at / DAY);

function lookBack(steps: Steps): number {
  return Math.max(LOOK_BACK, Math.min(steps.stepMs, DAY));
}
