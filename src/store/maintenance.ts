import type { Catalog, SeriesEntry } from './catalog.ts';
import { encodeChunk } from './codec/chunk.ts';
import { decodeRecords, encodeRecords, Records } from './codec/records.ts';
import type { Reader } from './reader.ts';
import type { SeriesDb, StoredWindow } from './series-db.ts';
import { DAY } from './series-db.ts';
import type { StoreSettings } from './settings.ts';
import { decodeSketches, encodeSketches, MINUTE, mergeInto, type SketchSlots } from './sketch-minutes.ts';
import type { Windows } from './windows.ts';

const HOUR = 3_600_000;
const SLICE_MS = 12;
/** How long after its end a day is put together: late points come mostly within minutes. */
const GRACE = 10 * MINUTE;
const ROWS_AT_ONCE = 200;

/**
 * What comes round by itself: whole days become one chunk per series with their hours; raw values past their retention become minutes;
 * what is past every retention or over the size cap goes. Works in transactions of a few milliseconds and gives way in between.
 */
export class Maintenance {
  readonly #db: SeriesDb;
  readonly #windows: Windows;
  readonly #catalog: Catalog;
  readonly #reader: Reader;
  readonly #settings: StoreSettings & { readonly retention_days: number };
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(
    db: SeriesDb,
    windows: Windows,
    catalog: Catalog,
    reader: Reader,
    settings: StoreSettings & { readonly retention_days: number },
  ) {
    this.#db = db;
    this.#windows = windows;
    this.#catalog = catalog;
    this.#reader = reader;
    this.#settings = settings;
  }

  run(now: number): Promise<void> {
    this.#running ??= this.#all(now).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Ends after the present slice. */
  async idle(): Promise<void> {
    this.#stopped = true;
    await this.#running?.catch(() => {});
  }

  async #all(now: number): Promise<void> {
    await this.#clearWaste();
    await this.#rechunkDays(now);
    await this.#expire(now);
    await this.#keepWithinSize();
    await this.#shrink();
    if (!this.#stopped) this.#db.checkpoint();
  }

  /** Deletes the rows of windows that nobody reads any more. */
  async #clearWaste(): Promise<void> {
    for (const number of this.#db.wasteWindows()) {
      let more = true;
      while (more && !this.#stopped) {
        more = this.#db.transaction(() => this.#db.eraseSome('chunks', number, ROWS_AT_ONCE));
        await pause();
      }
      if (this.#stopped) return;
      this.#db.forgetWindow(number);
    }
  }

  async #rechunkDays(now: number): Promise<void> {
    const byDay = new Map<number, StoredWindow[]>();
    for (const window of this.#reader.stored) {
      const day = Math.floor(window.from / DAY);
      byDay.set(day, [...(byDay.get(day) ?? []), window]);
    }
    for (const [day, windows] of [...byDay].sort(([a], [b]) => a - b)) {
      if (this.#stopped) return;
      if ((day + 1) * DAY + GRACE > now) continue;
      if (windows.length === 1 && windows[0]!.level === 1) continue;
      await this.#rechunk(day, windows);
    }
  }

  async #rechunk(day: number, windows: readonly StoredWindow[]): Promise<void> {
    const number = this.#windows.nextNumber();
    const numbers = new Set(windows.map((window) => window.number));
    const ids = [...new Set(windows.flatMap((window) => this.#db.seriesIn('chunks', window.number)))].sort(
      (a, b) => a - b,
    );
    let samples = 0;
    let bytes = 0;
    let hourPoints = 0;
    let hourBytes = 0;
    this.#db.transaction(() => this.#db.beginWindow(number, day * DAY, (day + 1) * DAY, 1));
    await this.#eachSlice(ids, (id) => {
      const entry = this.#catalog.get(id);
      if (!entry) return;
      const merged = this.#merged(entry, day, (window) => numbers.has(window.number));
      this.#db.write('chunks', number, id, merged.chunk);
      const hours = this.#withEarlier('hours', day, entry, merged.hours, HOUR);
      this.#db.erase('hours', day, id);
      this.#db.write('hours', day, id, hours.bytes);
      samples += merged.samples;
      bytes += merged.chunk.length;
      hourPoints += hours.points;
      hourBytes += hours.bytes.length;
    });
    if (this.#stopped) return;
    this.#db.transaction(() => {
      this.#db.finishWindow(number, samples, bytes);
      for (const window of windows) this.#db.dropWindow(window.number);
      const known = this.#reader.days.get(day);
      this.#db.putDay({
        day,
        minutePoints: known?.minutePoints ?? 0,
        minuteBytes: known?.minuteBytes ?? 0,
        hourPoints,
        hourBytes,
      });
    });
    for (const window of this.#windows.all.filter((one) => numbers.has(one.number))) this.#windows.remove(window);
    this.#reader.refresh();
    await this.#clearWaste();
  }

  /** All points of a series and day as one chunk, and summed up by the hour. */
  #merged(
    entry: SeriesEntry,
    day: number,
    only: (window: StoredWindow) => boolean,
  ): { chunk: Uint8Array; samples: number; hours: Records | SketchSlots } {
    if (entry.kind === 'sketch') {
      const slots = this.#sketchSlots(entry.id, only);
      const hours: SketchSlots = new Map();
      for (const [start, sketch] of slots) mergeInto(hours, Math.floor(start / HOUR) * HOUR, sketch);
      return { chunk: encodeSketches(slots, MINUTE), samples: slots.size, hours };
    }
    const points = this.#reader.points(entry.id, day * DAY, (day + 1) * DAY, only);
    const hours = new Records(24);
    hours.counter = entry.kind === 'counter';
    hours.addPoints(points, HOUR);
    return { chunk: encodeChunk(points.times, points.values, points.count), samples: points.count, hours };
  }

  #sketchSlots(id: number, only: (window: StoredWindow) => boolean): SketchSlots {
    const slots: SketchSlots = new Map();
    for (const window of this.#reader.stored) {
      const bytes = only(window) ? this.#db.read('chunks', window.number, id) : undefined;
      if (bytes) decodeSketches(bytes, MINUTE, (start, sketch) => mergeInto(slots, start, sketch));
    }
    return slots;
  }

  /**
   * Bytes of a coarser tier. When the raw values of the day were expired already, these are late ones: they are added to what is there.
   */
  #withEarlier(
    table: 'hours' | 'minutes',
    day: number,
    entry: SeriesEntry,
    fresh: Records | SketchSlots,
    slotMs: number,
  ): { bytes: Uint8Array; points: number } {
    const known = this.#reader.days.get(day);
    const rawIsGone = (known?.minutePoints ?? 0) > 0;
    const before = rawIsGone ? this.#db.read(table, day, entry.id) : undefined;
    if (fresh instanceof Map) {
      if (before) decodeSketches(before, slotMs, (start, sketch) => mergeInto(fresh, start, sketch));
      return { bytes: encodeSketches(fresh, slotMs), points: fresh.size };
    }
    if (!before) return { bytes: encodeRecords(fresh, slotMs), points: fresh.count };
    const earlier = new Records();
    decodeRecords(before, slotMs, earlier);
    const slots = [...slotsOf(earlier), ...slotsOf(fresh)].sort((a, b) => a.start - b.start);
    const both = new Records(slots.length);
    both.counter = fresh.counter;
    for (const slot of slots) both.add(slot);
    return { bytes: encodeRecords(both, slotMs), points: both.count };
  }

  async #expire(now: number): Promise<void> {
    const { retention_days: raw, minute_retention_days: minutes, hour_retention_days: hours } = this.#settings;
    for (const window of [...this.#reader.stored]) {
      if (this.#stopped) return;
      if (window.level === 1 && window.to < now - raw * DAY) await this.#rawToMinutes(window);
    }
    for (const day of [...this.#reader.days.values()]) {
      const end = (day.day + 1) * DAY;
      if (day.minutePoints > 0 && end < now - minutes * DAY) await this.#dropTier('minutes', day.day);
      if (day.hourPoints > 0 && end < now - hours * DAY) await this.#dropTier('hours', day.day);
    }
  }

  /** A day past the raw retention: its minutes are made, then its points go. */
  async #rawToMinutes(window: StoredWindow): Promise<void> {
    const day = Math.floor(window.from / DAY);
    const only = (one: StoredWindow) => one.number === window.number;
    let minutePoints = 0;
    let minuteBytes = 0;
    await this.#eachSlice(this.#db.seriesIn('chunks', window.number), (id) => {
      const entry = this.#catalog.get(id);
      if (!entry) return;
      let fresh: Records | SketchSlots;
      if (entry.kind === 'sketch') fresh = this.#sketchSlots(id, only);
      else {
        fresh = new Records(1440);
        fresh.counter = entry.kind === 'counter';
        fresh.addPoints(this.#reader.points(id, day * DAY, (day + 1) * DAY, only), MINUTE);
      }
      const { bytes, points } = this.#withEarlier('minutes', day, entry, fresh, MINUTE);
      this.#db.erase('minutes', day, id);
      this.#db.write('minutes', day, id, bytes);
      minutePoints += points;
      minuteBytes += bytes.length;
    });
    if (this.#stopped) return;
    const known = this.#reader.days.get(day);
    this.#db.transaction(() => {
      this.#db.dropWindow(window.number);
      this.#db.putDay({
        day,
        minutePoints,
        minuteBytes,
        hourPoints: known?.hourPoints ?? 0,
        hourBytes: known?.hourBytes ?? 0,
      });
    });
    this.#reader.refresh();
    await this.#clearWaste();
  }

  async #dropTier(table: 'minutes' | 'hours', day: number): Promise<void> {
    let more = true;
    while (more && !this.#stopped) {
      more = this.#db.transaction(() => this.#db.eraseSome(table, day, ROWS_AT_ONCE));
      await pause();
    }
    if (this.#stopped) return;
    const known = this.#reader.days.get(day)!;
    const left =
      table === 'minutes' ? { ...known, minutePoints: 0, minuteBytes: 0 } : { ...known, hourPoints: 0, hourBytes: 0 };
    this.#db.transaction(() => {
      if (left.minutePoints + left.hourPoints === 0) this.#db.forgetDay(day);
      else this.#db.putDay(left);
    });
    this.#reader.refresh();
  }

  /** Over the size cap: the oldest raw day becomes minutes, then the oldest minutes go, then the oldest hours. */
  async #keepWithinSize(): Promise<void> {
    const cap = this.#settings.max_size_mb * 1024 * 1024;
    while (!this.#stopped && this.#db.sizeBytes - this.#db.freeBytes > cap) {
      const days = [...this.#reader.days.values()];
      const raw = this.#reader.stored.find((window) => window.level === 1);
      const minutes = days.find((day) => day.minutePoints > 0);
      const hours = days.find((day) => day.hourPoints > 0);
      if (raw) await this.#rawToMinutes(raw);
      else if (minutes) await this.#dropTier('minutes', minutes.day);
      else if (hours) await this.#dropTier('hours', hours.day);
      else return;
    }
  }

  /** Gives unused space back in portions; a little is kept for what comes next. */
  async #shrink(): Promise<void> {
    while (!this.#stopped && this.#db.freeBytes > 64 * 16_384) {
      this.#db.shrink(64);
      await pause();
    }
  }

  async #eachSlice(ids: readonly number[], work: (id: number) => void): Promise<void> {
    let i = 0;
    while (i < ids.length && !this.#stopped) {
      const started = performance.now();
      this.#db.transaction(() => {
        while (i < ids.length && performance.now() - started < SLICE_MS) work(ids[i++]!);
      });
      await pause();
    }
  }
}

const slotsOf = (records: Records) => Array.from({ length: records.count }, (_, i) => records.slot(i));

const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
