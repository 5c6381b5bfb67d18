import type { Catalog } from './catalog.ts';
import type { Chunks } from './chunks.ts';
import { Expiry } from './expiry.ts';
import type { Reader } from './reader.ts';
import { Rechunking } from './rechunking.ts';
import type { SeriesDb, StoredWindow } from './series-db.ts';
import { DAY } from './series-db.ts';
import type { StoreSettings } from './settings.ts';
import { MINUTE } from './sketch-minutes.ts';
import { Slices } from './slices.ts';
import type { Windows } from './windows.ts';

/** How long after its end a day is put together: late points come mostly within minutes. */
const GRACE = 10 * MINUTE;
/** Pages given back to the file system at a time. */
const PAGES_AT_ONCE = 32;

/**
 * What comes round by itself: whole days become one chunk per series with their hours; raw values past their retention become minutes;
 * what is past every retention or over the size cap goes. Works in transactions of a few milliseconds and gives way in between.
 */
export class Maintenance {
  readonly #db: SeriesDb;
  readonly #reader: Reader;
  readonly #settings: StoreSettings & { readonly retention_days: number };
  readonly #slices: Slices;
  readonly #rechunking: Rechunking;
  readonly #expiry: Expiry;
  #running: Promise<void> | undefined;

  constructor(
    db: SeriesDb,
    chunks: Chunks,
    windows: Windows,
    catalog: Catalog,
    reader: Reader,
    settings: StoreSettings & { readonly retention_days: number },
  ) {
    this.#db = db;
    this.#reader = reader;
    this.#settings = settings;
    this.#slices = new Slices(db);
    this.#rechunking = new Rechunking(db, chunks, windows, catalog, reader, this.#slices);
    this.#expiry = new Expiry(db, chunks, catalog, reader, this.#slices);
  }

  run(now: number): Promise<void> {
    this.#running ??= this.#all(now).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Ends after the present slice. */
  async idle(): Promise<void> {
    this.#slices.stopped = true;
    await this.#running?.catch(() => {});
  }

  async #all(now: number): Promise<void> {
    await this.#expiry.clearWaste();
    await this.#rechunkDays(now);
    await this.#expire(now);
    await this.#keepWithinSize();
    await this.#slices.while(() => this.#shrink());
    if (!this.#slices.stopped) this.#db.checkpoint();
  }

  async #rechunkDays(now: number): Promise<void> {
    const byDay = new Map<number, StoredWindow[]>();
    for (const window of this.#reader.stored) {
      const day = Math.floor(window.from / DAY);
      byDay.set(day, [...(byDay.get(day) ?? []), window]);
    }
    for (const [day, windows] of [...byDay].sort(([a], [b]) => a - b)) {
      if (this.#slices.stopped) return;
      if ((day + 1) * DAY + GRACE > now) continue;
      if (windows.length === 1 && windows[0]!.level === 1) continue;
      await this.#rechunking.day(day, windows);
      await this.#expiry.clearWaste();
    }
  }

  async #expire(now: number): Promise<void> {
    const { retention_days: raw, minute_retention_days: minutes, hour_retention_days: hours } = this.#settings;
    for (const window of [...this.#reader.stored]) {
      if (this.#slices.stopped) return;
      if (window.level === 1 && window.to < now - raw * DAY) await this.#expiry.rawToMinutes(window);
    }
    for (const day of [...this.#reader.days.values()]) {
      if (this.#slices.stopped) return;
      const end = (day.day + 1) * DAY;
      if (day.minutePoints > 0 && end < now - minutes * DAY) await this.#expiry.dropTier('minutes', day.day);
      if (day.hourPoints > 0 && end < now - hours * DAY) await this.#expiry.dropTier('hours', day.day);
    }
  }

  /** Over the size cap: the oldest raw day becomes minutes, then the oldest minutes go, then the oldest hours; today goes last. */
  async #keepWithinSize(): Promise<void> {
    const cap = this.#settings.max_size_mb * 1024 * 1024;
    while (!this.#slices.stopped && this.#db.sizeBytes - this.#db.freeBytes > cap) {
      const days = [...this.#reader.days.values()];
      const raw = this.#reader.stored.find((window) => window.level === 1);
      const minutes = days.find((day) => day.minutePoints > 0);
      const hours = days.find((day) => day.hourPoints > 0);
      const today = this.#reader.stored[0];
      if (raw) await this.#expiry.rawToMinutes(raw);
      else if (minutes) await this.#expiry.dropTier('minutes', minutes.day);
      else if (hours) await this.#expiry.dropTier('hours', hours.day);
      else if (today) await this.#expiry.dropWindow(today);
      else return;
    }
  }

  /** Gives unused pages back to the file system; true when there are more. */
  #shrink(): boolean {
    if (this.#db.freeBytes === 0) return false;
    this.#db.shrink(PAGES_AT_ONCE);
    return this.#db.freeBytes > 0;
  }
}
