import type { Catalog, SeriesEntry } from './catalog.ts';
import type { Chunks } from './chunks.ts';
import { decodeRecords, encodeRecords, Records } from './codec/records.ts';
import type { Reader } from './reader.ts';
import type { SeriesDb, StoredDay, StoredWindow } from './series-db.ts';
import { DAY } from './series-db.ts';
import { decodeSketches, encodeSketches, HOUR, MINUTE, mergeInto, type SketchSlots } from './sketch-minutes.ts';
import type { Slices } from './slices.ts';

const ROWS_AT_ONCE = 100;
const slotOf = { minutes: MINUTE, hours: HOUR } as const;

type Coarse = keyof typeof slotOf;

/** Gives detail up: raw values become minutes, and what is past every use is deleted. */
export class Expiry {
  readonly #db: SeriesDb;
  readonly #chunks: Chunks;
  readonly #catalog: Catalog;
  readonly #reader: Reader;
  readonly #slices: Slices;
  readonly #fresh = new Records(1440);
  readonly #earlier = new Records(1440);

  constructor(db: SeriesDb, chunks: Chunks, catalog: Catalog, reader: Reader, slices: Slices) {
    this.#db = db;
    this.#chunks = chunks;
    this.#catalog = catalog;
    this.#reader = reader;
    this.#slices = slices;
  }

  /** Deletes the rows of windows that nobody reads any more. */
  async clearWaste(): Promise<void> {
    for (const number of this.#db.wasteWindows()) {
      if (!(await this.#slices.while(() => this.#db.eraseSome('chunks', number, ROWS_AT_ONCE)))) return;
      this.#db.forgetWindow(number);
    }
  }

  /** Deletes a window, whatever is in it. */
  async dropWindow(window: StoredWindow): Promise<void> {
    this.#db.dropWindow(window.number);
    this.#reader.refresh();
    await this.clearWaste();
  }

  /** Makes the minutes of a day that was put together, then deletes its points. */
  async rawToMinutes(window: StoredWindow): Promise<void> {
    const day = Math.floor(window.from / DAY);
    const known = this.#reader.days.get(day);
    const whole =
      known && known.minutePoints > 0
        ? await this.#addLate(window, known)
        : await this.#makeMinutes(window, day, known);
    if (!whole) return;
    this.#db.dropWindow(window.number);
    this.#reader.refresh();
    await this.clearWaste();
  }

  /** Deletes all of a day in one tier. */
  async dropTier(table: Coarse, day: number): Promise<void> {
    if (!(await this.#slices.while(() => this.#db.eraseSome(table, day, ROWS_AT_ONCE)))) return;
    const known = this.#reader.days.get(day)!;
    const left =
      table === 'minutes' ? { ...known, minutePoints: 0, minuteBytes: 0 } : { ...known, hourPoints: 0, hourBytes: 0 };
    if (left.minutePoints + left.hourPoints === 0) this.#db.forgetDay(day);
    else this.#db.putDay(left);
    this.#reader.refresh();
  }

  async #makeMinutes(window: StoredWindow, day: number, known: StoredDay | undefined): Promise<boolean> {
    let minutePoints = 0;
    let minuteBytes = 0;
    const ids = this.#chunks.seriesIn(window.number, this.#reader.onDamage);
    const whole = await this.#slices.each(ids, (id) => {
      const entry = this.#catalog.get(id);
      if (!entry) return;
      const made = this.#encode('minutes', this.#summed('minutes', entry, day, window));
      this.#replace('minutes', day, id, made.bytes);
      minutePoints += made.points;
      minuteBytes += made.bytes.length;
    });
    if (whole)
      this.#db.putDay({
        day,
        minutePoints,
        minuteBytes,
        hourPoints: known?.hourPoints ?? 0,
        hourBytes: known?.hourBytes ?? 0,
      });
    return whole;
  }

  /**
   * Values that came after their day had become minutes are added to its minutes and hours. How far this has come is kept with
   * every portion: adding twice what was added before a crash would double it.
   */
  async #addLate(window: StoredWindow, before: StoredDay): Promise<boolean> {
    const { day } = before;
    const progress = `late_${window.number}`;
    const done = this.#db.getMeta(progress) ?? -1;
    const sum = { ...before };
    const ids = this.#chunks.seriesIn(window.number, this.#reader.onDamage).filter((id) => id > done);
    const whole = await this.#slices.each(
      ids,
      (id) => {
        const entry = this.#catalog.get(id);
        if (!entry) return;
        const minutes = this.#merge('minutes', entry, day, window);
        sum.minutePoints += minutes.points;
        sum.minuteBytes += minutes.bytes;
        const hours = this.#merge('hours', entry, day, window);
        sum.hourPoints += hours.points;
        sum.hourBytes += hours.bytes;
      },
      (last) => {
        this.#db.setMeta(progress, last);
        this.#db.putDay(sum);
      },
    );
    if (whole) this.#db.removeMeta(progress);
    return whole;
  }

  /** Adds the points of a window to a tier. Returns by how much it grew. */
  #merge(table: Coarse, entry: SeriesEntry, day: number, window: StoredWindow): { points: number; bytes: number } {
    const slotMs = slotOf[table];
    const fresh = this.#summed(table, entry, day, window);
    const before = this.#db.read(table, day, entry.id);
    let had = 0;
    if (before && fresh instanceof Map) {
      decodeSketches(before, slotMs, (start, sketch) => {
        had++;
        mergeInto(fresh, start, sketch);
      });
    } else if (before && fresh instanceof Records) {
      decodeRecords(before, slotMs, this.#earlier);
      had = this.#earlier.count;
      fresh.merge(this.#earlier);
    }
    const { bytes, points } = this.#encode(table, fresh);
    this.#replace(table, day, entry.id, bytes);
    return { points: points - had, bytes: bytes.length - (before?.length ?? 0) };
  }

  /** What a window says of a series, by the slots of a tier. */
  #summed(table: Coarse, entry: SeriesEntry, day: number, window: StoredWindow): Records | SketchSlots {
    const only = (one: StoredWindow) => one.number === window.number;
    const slotMs = slotOf[table];
    if (entry.kind === 'sketch') {
      const slots: SketchSlots = new Map();
      for (const [start, sketch] of this.#reader.sketchSlots(entry.id, only))
        mergeInto(slots, Math.floor(start / slotMs) * slotMs, sketch);
      return slots;
    }
    this.#fresh.count = 0;
    this.#fresh.counter = entry.kind === 'counter';
    this.#fresh.addPoints(this.#reader.points(entry.id, day * DAY, (day + 1) * DAY, only), slotMs);
    return this.#fresh;
  }

  #encode(table: Coarse, slots: Records | SketchSlots): { bytes: Uint8Array; points: number } {
    if (slots instanceof Map) return { bytes: encodeSketches(slots, slotOf[table]), points: slots.size };
    return { bytes: encodeRecords(slots, slotOf[table]), points: slots.count };
  }

  #replace(table: Coarse, day: number, id: number, bytes: Uint8Array): void {
    this.#db.erase(table, day, id);
    this.#db.write(table, day, id, bytes);
  }
}
