import type { Sketch } from '../model/sketch.ts';
import type { SeriesEntry } from './catalog.ts';
import type { Chunks } from './chunks.ts';
import { createPoints, type Points } from './codec/chunk.ts';
import { decodeRecords, Records } from './codec/records.ts';
import { putInOrder } from './points.ts';
import type { SeriesDb, StoredDay, StoredWindow } from './series-db.ts';
import { DAY } from './series-db.ts';
import { decodeSketches, MINUTE, mergeInto, type SketchSlots } from './sketch-minutes.ts';
import type { Steps } from './steps.ts';
import type { Windows } from './windows.ts';

const HOUR = 3_600_000;
/** How far before the range the start of a counter's growth is looked for. */
const LOOK_BACK = 10 * MINUTE;

export type Tier = 'raw' | 'minute' | 'hour';
const coarseness: readonly Tier[] = ['raw', 'minute', 'hour'];

/**
 * Reads one series over time from wherever it is: memory, chunks, minutes, hours. Day by day the finest source that exists,
 * or the hours where the steps are wide enough for them.
 */
export class Reader {
  readonly #db: SeriesDb;
  readonly #chunks: Chunks;
  readonly #windows: Windows;
  readonly #points = createPoints();
  readonly #records = new Records();
  /** The coarsest tier that was read since this was set. */
  tierRead: Tier = 'raw';
  /** Stored windows in the order of their numbers. */
  stored: StoredWindow[] = [];
  days = new Map<number, StoredDay>();
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
    this.stored = this.#db.windows();
    this.days = new Map(this.#db.days().map((day) => [day.day, day]));
  }

  /** The step that the oldest part of a range can be answered in: a tier that is all there is may be coarser than asked for. */
  fittingStep(from: number, stepMs: number): number {
    const firstDay = Math.floor(from / DAY);
    const oldestRaw = this.#oldestRawDay();
    let slot = 1;
    for (const day of this.days.values()) {
      if (day.day < firstDay || day.day >= oldestRaw) continue;
      if (day.minutePoints > 0) slot = Math.max(slot, MINUTE);
      else if (day.hourPoints > 0) slot = Math.max(slot, HOUR);
    }
    return slot === 1 ? stepMs : Math.ceil(stepMs / slot) * slot;
  }

  #oldestRawDay(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const window of this.stored) oldest = Math.min(oldest, Math.floor(window.from / DAY));
    for (const window of this.#windows.all)
      if (window.samples > 0) oldest = Math.min(oldest, Math.floor(window.minAt / DAY));
    return oldest;
  }

  /** Puts everything the series has within the range of `steps` into it. */
  fill(entry: SeriesEntry, steps: Steps): void {
    if (entry.kind === 'sketch') {
      this.sketches(entry, steps.from, steps.to, steps.stepMs, (start, sketch) => steps.addSketch(start, sketch));
      return;
    }
    const from = steps.wantsBefore ? steps.from - Math.max(LOOK_BACK, Math.min(steps.stepMs, DAY)) : steps.from;
    const hoursFit = steps.stepMs % HOUR === 0 && steps.from % HOUR === 0 && steps.to % HOUR === 0;
    let rawFrom = from;
    for (const day of this.#coarseDays(from, steps.to, hoursFit)) {
      if (day * DAY > rawFrom) this.#addRaw(entry.id, rawFrom, day * DAY, steps);
      this.#addCoarse(entry.id, day, hoursFit, steps);
      rawFrom = Math.max(rawFrom, (day + 1) * DAY);
    }
    if (rawFrom < steps.to) this.#addRaw(entry.id, rawFrom, steps.to, steps);
  }

  /** Days within the range that are read from minutes or hours, ascending. */
  #coarseDays(from: number, to: number, hoursFit: boolean): number[] {
    const wanted: number[] = [];
    if (this.days.size === 0) return wanted;
    const rawDays = this.#rawDays(from, to, hoursFit);
    const lastDay = Math.floor((to - 1) / DAY);
    for (let day = Math.floor(from / DAY); day <= lastDay; day++) {
      if (this.days.has(day) && !rawDays.has(day)) wanted.push(day);
    }
    return wanted;
  }

  /** Days for which the raw points have to be read. */
  #rawDays(from: number, to: number, hoursFit: boolean): Set<number> {
    const days = new Set<number>();
    for (const window of this.stored) {
      if (window.to <= from || window.from >= to) continue;
      const day = Math.floor(window.from / DAY);
      const known = this.days.get(day);
      // Re-chunked and nothing came since: its hours say the same as its points.
      if (hoursFit && window.level === 1 && known && known.hourPoints > 0) continue;
      days.add(day);
    }
    for (const window of this.#windows.all) {
      if (window.samples === 0 || window.sealed) continue;
      for (let day = Math.floor(window.minAt / DAY); day <= Math.floor(window.maxAt / DAY); day++) days.add(day);
    }
    return days;
  }

  #addRaw(id: number, from: number, to: number, steps: Steps): void {
    this.points(id, from, to);
    if (this.#points.count > 0) steps.addPoints(this.#points);
  }

  #addCoarse(id: number, day: number, hoursFit: boolean, steps: Steps): void {
    const known = this.days.get(day)!;
    const useHours = known.hourPoints > 0 && (hoursFit || known.minutePoints === 0);
    const bytes = this.#db.read(useHours ? 'hours' : 'minutes', day, id);
    this.#saw(useHours ? 'hour' : 'minute');
    if (!bytes) return;
    this.#guarded(() => {
      decodeRecords(bytes, useHours ? HOUR : MINUTE, this.#records);
      steps.addRecords(this.#records);
    });
  }

  #saw(tier: Tier): void {
    if (coarseness.indexOf(tier) > coarseness.indexOf(this.tierRead)) this.tierRead = tier;
  }

  /** The raw points of a series within [from, to), in order. They are valid until the next call. */
  points(id: number, from: number, to: number, only?: (window: StoredWindow) => boolean): Points {
    const points = this.#points;
    points.count = 0;
    const inMemory = this.#windows.all;
    for (const window of this.stored) {
      if (window.to <= from || window.from >= to || (only && !only(window))) continue;
      if (!only && inMemory.some((head) => head.number === window.number && head.counts[id]! > 0)) continue;
      this.#guarded(() => this.#chunks.points(window.number, id, points));
    }
    if (!only) {
      for (const window of inMemory) {
        if (window.samples === 0 || window.maxAt < from || window.minAt >= to) continue;
        this.#windows.head.gather(window, id, points);
      }
    }
    if (points.count > 0) {
      putInOrder(points);
      cut(points, from, to);
    }
    return points;
  }

  /** Calls back for every stored slot of a sketch series within [from, to), in no particular order. Slots may repeat: merge. */
  sketches(
    entry: SeriesEntry,
    from: number,
    to: number,
    stepMs: number,
    each: (start: number, sketch: Sketch) => void,
  ): void {
    const inRange = (start: number, sketch: Sketch) => {
      if (start >= from && start < to) each(start, sketch);
    };
    const { id } = entry;
    const hoursFit = stepMs % HOUR === 0 && from % HOUR === 0 && to % HOUR === 0;
    const coarse = new Set(this.#coarseDays(from, to, hoursFit));
    for (const day of coarse) {
      const known = this.days.get(day)!;
      const useHours = known.hourPoints > 0 && (hoursFit || known.minutePoints === 0);
      this.#saw(useHours ? 'hour' : 'minute');
      const bytes = this.#db.read(useHours ? 'hours' : 'minutes', day, id);
      if (bytes) this.#guarded(() => decodeSketches(bytes, useHours ? HOUR : MINUTE, inRange));
    }
    for (const window of this.stored) {
      if (window.to <= from || window.from >= to || coarse.has(Math.floor(window.from / DAY))) continue;
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

/** Leaves only the points within [from, to). */
function cut(points: { times: Float64Array; values: Float64Array; count: number }, from: number, to: number): void {
  const { times, values, count } = points;
  if (times[0]! >= from && times[count - 1]! < to) return;
  let start = 0;
  while (start < count && times[start]! < from) start++;
  let end = count;
  while (end > start && times[end - 1]! >= to) end--;
  times.copyWithin(0, start, end);
  values.copyWithin(0, start, end);
  points.count = end - start;
}
