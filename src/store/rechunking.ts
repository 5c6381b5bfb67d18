import type { Catalog, SeriesEntry } from './catalog.ts';
import type { Chunks } from './chunks.ts';
import type { BundleWriter } from './codec/bundle.ts';
import { encodeRecords, Records } from './codec/records.ts';
import type { Reader } from './reader.ts';
import type { SeriesDb, StoredWindow } from './series-db.ts';
import { DAY } from './series-db.ts';
import { encodeSketches, HOUR, MINUTE, mergeInto, type SketchSlots } from './sketch-minutes.ts';
import type { Slices } from './slices.ts';
import type { Windows } from './windows.ts';

/** Puts a whole day together: all its windows become one, with one chunk for each series, and its hours are summed up. */
export class Rechunking {
  readonly #db: SeriesDb;
  readonly #chunks: Chunks;
  readonly #windows: Windows;
  readonly #catalog: Catalog;
  readonly #reader: Reader;
  readonly #slices: Slices;
  readonly #records = new Records(24);

  constructor(db: SeriesDb, chunks: Chunks, windows: Windows, catalog: Catalog, reader: Reader, slices: Slices) {
    this.#db = db;
    this.#chunks = chunks;
    this.#windows = windows;
    this.#catalog = catalog;
    this.#reader = reader;
    this.#slices = slices;
  }

  /** The old windows count until the new one is whole: a crash in between costs only the work. */
  async day(day: number, windows: readonly StoredWindow[]): Promise<void> {
    const number = this.#windows.nextNumber();
    const sources = new Set(windows.map((window) => window.number));
    const ids = await this.#seriesOf(windows);
    const known = this.#reader.days.get(day);
    // Raw values of this day were given up before, so these came late: its hours already hold more than they could say.
    const hoursAreMade = (known?.minutePoints ?? 0) > 0;
    const sum = { samples: 0, bytes: 0, hourPoints: 0, hourBytes: 0 };
    this.#db.transaction(() => this.#db.beginWindow(number, day * DAY, (day + 1) * DAY, 1));
    const writer = this.#chunks.writer(number);
    const whole = await this.#slices.each(
      ids,
      (id) => {
        const entry = this.#catalog.get(id);
        if (!entry) return;
        const made = this.#merge(entry, day, sources, writer);
        sum.samples += made.samples;
        sum.bytes += made.bytes;
        if (hoursAreMade) return;
        this.#db.erase('hours', day, id);
        this.#db.write('hours', day, id, made.hours);
        sum.hourPoints += made.hourPoints;
        sum.hourBytes += made.hours.length;
      },
      () => writer.end(),
    );
    if (!whole) return;
    this.#db.transaction(() => {
      this.#db.finishWindow(number, sum.samples, sum.bytes);
      for (const window of windows) this.#db.dropWindow(window.number);
      const { hourPoints, hourBytes } = hoursAreMade && known ? known : sum;
      const { minutePoints = 0, minuteBytes = 0 } = known ?? {};
      this.#db.putDay({ day, minutePoints, minuteBytes, hourPoints, hourBytes });
    });
    for (const window of this.#windows.all.filter((one) => sources.has(one.number))) this.#windows.remove(window);
    this.#reader.refresh();
  }

  async #seriesOf(windows: readonly StoredWindow[]): Promise<number[]> {
    const ids = new Set<number>();
    for (const window of windows) {
      for (const id of this.#chunks.seriesIn(window.number, this.#reader.onDamage)) ids.add(id);
      await this.#slices.pause();
    }
    return [...ids].sort((a, b) => a - b);
  }

  /** Writes all points of a series and day as one chunk, and sums them up by the hour. */
  #merge(
    entry: SeriesEntry,
    day: number,
    sources: ReadonlySet<number>,
    writer: BundleWriter,
  ): { samples: number; bytes: number; hours: Uint8Array; hourPoints: number } {
    const only = (window: StoredWindow) => sources.has(window.number);
    if (entry.kind === 'sketch') {
      const slots = this.#reader.sketchSlots(entry.id, only);
      const hours: SketchSlots = new Map();
      for (const [start, sketch] of slots) mergeInto(hours, Math.floor(start / HOUR) * HOUR, sketch);
      const bytes = writer.addOpaque(entry.id, encodeSketches(slots, MINUTE));
      return { samples: slots.size, bytes, hours: encodeSketches(hours, HOUR), hourPoints: hours.size };
    }
    const { times, values, count } = this.#reader.points(entry.id, day * DAY, (day + 1) * DAY, only);
    const hours = this.#records;
    hours.count = 0;
    hours.counter = entry.kind === 'counter';
    hours.addPoints({ times, values, count }, HOUR);
    const bytes = count > 0 ? writer.addPoints(entry.id, times, values, count) : 0;
    return { samples: count, bytes, hours: encodeRecords(hours, HOUR), hourPoints: hours.count };
  }
}
