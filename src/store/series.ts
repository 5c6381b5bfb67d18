import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock, Timer } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { Labels, Sample, SeriesKind, SketchPoint } from '../model/sample.ts';
import { Sketch } from '../model/sketch.ts';
import type { LatestPoint, RangeQuery, SeriesInfo, SeriesStore, StoreStats } from '../model/store.ts';
import { Catalog } from './catalog.ts';
import { makeUsable, unusable } from './data-directory.ts';
import { Head } from './head.ts';
import { Journal, listSegments, readSegment, removeSegment } from './journal.ts';
import { readEntries, writePoint, writeRow, writeSeries, writeSet, writeSketch } from './journal-entries.ts';
import { Latest } from './latest.ts';
import { Maintenance } from './maintenance.ts';
import { Queries } from './query.ts';
import { Reader } from './reader.ts';
import { setAside } from './salvage.ts';
import { Sealer } from './sealing.ts';
import { PAGE_SIZE, SeriesDb } from './series-db.ts';
import type { StoreSettings } from './settings.ts';
import { SketchMinutes } from './sketch-minutes.ts';
import { isCorruption, openSqlite } from './sqlite.ts';
import { storeStats } from './stats.ts';
import { Windows } from './windows.ts';

const HOUR = 3_600_000;
/** Most points in memory: 24 MB, of which only what is used is touched. */
const HEAD_POINTS = 2 ** 21;
/** Most bytes kept for a journal that cannot be written. */
const JOURNAL_BACKLOG = 16 * 1024 * 1024;
const SLICE_MS = 12;

export interface SeriesStoreOptions {
  /** The data directory; made when missing. */
  readonly dir: string;
  /** Section `store`, and how many days raw values are kept. */
  readonly settings: StoreSettings & { readonly retention_days: number };
  readonly log: Log;
  readonly clock: Clock;
}

/**
 * Opens `series.db` and takes up what the journal holds since the last time.
 * Throws MonitorError `data-directory-unusable` when the directory cannot be used.
 */
export async function openSeriesStore(options: SeriesStoreOptions): Promise<SeriesStore> {
  makeUsable(options.dir);
  const file = join(options.dir, 'series.db');
  const open = () => openSqlite(file, { pageSize: PAGE_SIZE, incrementalVacuum: true });
  let problem: string | undefined;
  let raw: DatabaseSync | undefined;
  try {
    let db: SeriesDb;
    try {
      raw = open();
      db = new SeriesDb(raw);
      db.series();
      db.windows();
    } catch (error) {
      if (!isCorruption(error)) throw error;
      raw?.close();
      const aside = setAside(file, options.clock.now());
      problem = `series.db was damaged and set aside as ${aside}; new data goes into a new file.`;
      options.log.error({ file: aside, error: String(error) }, problem);
      raw = open();
      db = new SeriesDb(raw);
    }
    return new DiskSeriesStore(options, db, problem);
  } catch (error) {
    raw?.close();
    throw unusable(options.dir, error);
  }
}

class DiskSeriesStore implements SeriesStore {
  readonly #options: SeriesStoreOptions;
  readonly #db: SeriesDb;
  readonly #catalog: Catalog;
  readonly #windows: Windows;
  readonly #journal: Journal;
  readonly #sealer: Sealer;
  readonly #reader: Reader;
  readonly #queries: Queries;
  readonly #maintenance: Maintenance;
  readonly #latest = new Latest();
  readonly #drops: Record<string, number> = {};
  readonly #timer: Timer;
  /** The set of series the journal's rows are about at present. */
  #set: Uint32Array = new Uint32Array(0);
  #problem: string | undefined;
  readonly #damage: string | undefined;
  #closed = false;

  constructor(options: SeriesStoreOptions, db: SeriesDb, damage: string | undefined) {
    const { settings, dir, clock } = options;
    this.#options = options;
    this.#db = db;
    this.#damage = damage;
    this.#catalog = new Catalog({
      series: settings.max_series,
      seriesPerMetric: settings.max_series_per_metric,
      valuesPerLabel: settings.max_values_per_label,
    });
    for (const entry of db.series()) this.#catalog.restore(entry);
    const segments = listSegments(dir);
    const used = [db.highestWindow(), db.getMeta('journal_from') ?? 0, ...segments];
    this.#windows = new Windows(new Head(HEAD_POINTS), HOUR, Math.max(...used) + 1);
    this.#journal = new Journal(dir);
    this.#sealer = new Sealer(db, this.#windows, this.#catalog, settings.precision_digits);
    this.#reader = new Reader(db, this.#windows);
    this.#reader.onDamage = (error) => this.#report(`A damaged chunk was left out: ${String(error)}`);
    this.#queries = new Queries(this.#catalog, this.#reader);
    this.#maintenance = new Maintenance(db, this.#windows, this.#catalog, this.#reader, settings);
    this.#reader.refresh();
    this.#replay(segments);
    this.#windows.onOpen = (number) => this.#startSegment(number);
    this.#catalog.onNew = (entry) => {
      this.#sealer.unsaved.add(entry.id);
      writeSeries(this.#journal.entries, entry);
      this.#windows.ensure(entry.id + 1);
    };
    this.#timer = clock.every(1000, () => void this.#tick());
  }

  append(samples: readonly Sample[]): void {
    for (const sample of samples) {
      const id = this.#catalog.resolve(sample.name, sample.labels, sample.kind ?? 'gauge');
      if (id < 0) this.#drop('samples_without_room_for_series', 1);
      else this.#appendPoint(id, Math.floor(sample.at), sample.value);
    }
  }

  #appendPoint(id: number, at: number, value: number): void {
    if (!Number.isFinite(at)) {
      this.#drop('samples_without_time', 1);
      return;
    }
    const window = this.#windows.for(at);
    if (!this.#windows.head.put(window, id, at, value)) {
      this.#makeRoom();
      if (!this.#windows.head.put(this.#windows.for(at), id, at, value)) {
        this.#drop('samples_without_memory', 1);
        return;
      }
    }
    this.#latest.note(id, at, value);
    writePoint(this.#journal.entries, id, at, value);
  }

  appendSketches(points: readonly SketchPoint[]): void {
    for (const { name, labels, at, sketch } of points) {
      const id = this.#catalog.resolve(name, labels, 'sketch');
      if (id < 0 || !Number.isFinite(at)) {
        this.#drop('sketches_without_room_for_series', 1);
        continue;
      }
      this.#takeSketch(id, Math.floor(at), sketch);
      writeSketch(this.#journal.entries, id, Math.floor(at), sketch.encode());
    }
  }

  #takeSketch(id: number, at: number, sketch: Sketch): void {
    const window = this.#windows.for(at);
    let minutes = window.sketches.get(id);
    if (!minutes) {
      minutes = new SketchMinutes();
      window.sketches.set(id, minutes);
    }
    minutes.add(at, sketch);
    if (sketch.count > 0) this.#latest.note(id, at, sketch.sum / sketch.count);
  }

  seriesId(name: string, labels: Labels, kind: Exclude<SeriesKind, 'sketch'> = 'gauge'): number {
    const id = this.#catalog.resolve(name, labels, kind);
    // Past every budget there is one last place: it is counted, and it is not stored.
    return id < 0 ? 0xffff_ffff : id;
  }

  appendColumns(at: number, ids: Uint32Array, values: Float64Array): void {
    const time = Math.floor(at);
    const count = Math.min(ids.length, values.length);
    if (count === 0) return;
    if (!Number.isFinite(time)) {
      this.#drop('samples_without_time', count);
      return;
    }
    const bound = this.#catalog.bound;
    for (let i = 0; i < count; i++) {
      // A number that is not a series: take the slow way, which leaves it out.
      if (ids[i]! >= bound) {
        this.#appendCarefully(time, ids, values, count);
        return;
      }
    }
    const window = this.#windows.for(time);
    window.ensure(bound);
    if (ids.length !== count || values.length !== count) {
      this.#appendCarefully(time, ids, values, count);
      return;
    }
    const taken = this.#windows.head.putRow(window, time, ids, values, 0);
    if (taken < count) {
      this.#makeRoom();
      const next = this.#windows.for(time);
      next.ensure(bound);
      const rest = this.#windows.head.putRow(next, time, ids, values, taken);
      if (taken + rest < count) this.#drop('samples_without_memory', count - taken - rest);
    }
    this.#latest.noteRow(ids, time, values);
    if (!sameIds(this.#set, ids)) {
      this.#set = ids.slice();
      writeSet(this.#journal.entries, ids);
    }
    writeRow(this.#journal.entries, time, values);
  }

  #appendCarefully(at: number, ids: Uint32Array, values: Float64Array, count: number): void {
    for (let i = 0; i < count; i++) {
      if (this.#catalog.get(ids[i]!)) this.#appendPoint(ids[i]!, at, values[i]!);
      else this.#drop('samples_without_room_for_series', 1);
    }
  }

  async flush(): Promise<void> {
    if (this.#closed) return;
    await this.#commit(true);
    // A flood must not run ahead of the sealing.
    if (this.#windows.closed().length > 1 || this.#windows.head.fill > 0.6) await this.#sealAll();
  }

  query(query: RangeQuery, signal?: AbortSignal) {
    return this.#queries.range(query, signal);
  }

  sketches(query: Pick<RangeQuery, 'name' | 'matchers' | 'from' | 'to'>, signal?: AbortSignal) {
    return this.#queries.sketches(query, signal);
  }

  top(query: Parameters<SeriesStore['top']>[0], signal?: AbortSignal): Promise<LatestPoint[]> {
    return this.#queries.top(query, signal);
  }

  latest(query: { name?: string; matchers?: RangeQuery['matchers'] & object }): LatestPoint[] {
    const list: LatestPoint[] = [];
    for (const { id, name, labels, kind } of this.#catalog.find(query)) {
      const at = this.#latest.at(id);
      if (at !== undefined) list.push({ name, labels, kind, at, value: this.#latest.value(id) });
    }
    return list;
  }

  list(query: { name?: string; matchers?: RangeQuery['matchers'] & object; limit?: number } = {}): SeriesInfo[] {
    return this.#catalog.find(query, query.limit).map(({ name, labels, kind }) => ({ name, labels, kind }));
  }

  stats(): StoreStats {
    const problem = this.#problem ?? this.#damage;
    const drops = { ...this.#drops, ...(this.#reader.damaged > 0 ? { damaged_chunks: this.#reader.damaged } : {}) };
    return storeStats({
      ...this.#options,
      db: this.#db,
      windows: this.#windows,
      catalog: this.#catalog,
      reader: this.#reader,
      drops,
      problem,
    });
  }

  async maintain(now: number): Promise<void> {
    if (this.#closed) return;
    const open = this.#windows.open;
    if (open && now >= open.to + 60_000) this.#windows.close();
    if (!open && this.#windows.late) this.#windows.close();
    await this.#commit(false);
    await this.#sealAll();
    if (this.#windows.closed().length > 0 || this.#closed) return;
    try {
      await this.#maintenance.run(now);
      this.#problem = undefined;
    } catch (error) {
      this.#report(`series.db could not be tidied: ${messageOf(error)}`);
    }
    this.#reader.refresh();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#timer.cancel();
    await this.#commit(false);
    this.#closed = true;
    await this.#maintenance.idle();
    await this.#journal.close();
    this.#db.db.close();
  }

  async #tick(): Promise<void> {
    if (this.#closed) return;
    await this.#commit(false);
    if (!this.#closed && this.#windows.closed().length > 0) await this.#sealAll();
  }

  /** Makes what was gathered durable. A disk that is full or gone is said and counted, and tried again a second later. */
  async #commit(loud: boolean): Promise<void> {
    try {
      await this.#journal.commit();
      this.#problem = undefined;
    } catch (error) {
      this.#report(`The journal could not be written: ${messageOf(error)}`);
      if (this.#journal.pendingBytes > JOURNAL_BACKLOG) {
        this.#drop('journal_bytes', this.#journal.dropWaiting());
        this.#definitionsAgain();
      }
      if (loud) throw error;
    }
  }

  #sealing: Promise<void> | undefined;

  #sealAll(): Promise<void> {
    this.#sealing ??= this.#sealSlices().finally(() => {
      this.#sealing = undefined;
    });
    return this.#sealing;
  }

  async #sealSlices(): Promise<void> {
    let more = true;
    while (more && !this.#closed) {
      more = this.#sealSlice(SLICE_MS);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** Returns true when there is more to seal and the disk takes it. */
  #sealSlice(budgetMs: number): boolean {
    try {
      const more = this.#sealer.slice(budgetMs);
      this.#afterSealing();
      return more;
    } catch (error) {
      this.#report(`series.db could not be written: ${messageOf(error)}`);
      return false;
    }
  }

  #afterSealing(): void {
    // The parts of a late window have other numbers on the disk: in memory they would count twice.
    for (const window of this.#windows.all.filter((one) => one.sealed && !Number.isFinite(one.from)))
      this.#windows.remove(window);
    this.#windows.evict(1);
    this.#reader.refresh();
    const oldest = this.#db.getMeta('journal_from') ?? 0;
    for (const segment of listSegments(this.#options.dir))
      if (segment < oldest) removeSegment(this.#options.dir, segment);
  }

  /** The memory is full: cached windows go first, then the open window is sealed at once. */
  #makeRoom(): void {
    this.#windows.evict(0);
    if (this.#windows.head.fill < 0.9) return;
    this.#windows.close();
    while (this.#sealSlice(1000));
    this.#windows.evict(0);
    if (this.#windows.head.fill < 0.9) return;
    // The disk does not take it: the oldest detail is given up so that the present can be seen.
    const oldest = this.#windows.closed()[0];
    if (!oldest) return;
    this.#drop('samples_without_disk', oldest.samples);
    this.#sealer.giveUp(oldest);
    this.#windows.remove(oldest);
  }

  #startSegment(number: number): void {
    this.#journal.startSegment(number);
    this.#definitionsAgain();
  }

  /** A segment must be readable by itself: it begins with the series that are not in the database, and a new set. */
  #definitionsAgain(): void {
    this.#set = new Uint32Array(0);
    for (const id of this.#sealer.unsaved) writeSeries(this.#journal.entries, this.#catalog.get(id)!);
  }

  /** Takes up what was in memory when the last process ended. */
  #replay(segments: readonly number[]): void {
    const oldest = this.#db.getMeta('journal_from') ?? 0;
    for (const segment of segments) {
      if (segment < oldest) {
        removeSegment(this.#options.dir, segment);
        continue;
      }
      const state = { ids: new Uint32Array(0) };
      this.#windows.close();
      const { lost } = readSegment(this.#options.dir, segment, (payload) =>
        readEntries(payload, state, this.#reading()),
      );
      if (lost > 0)
        this.#options.log.warn(
          { segment, lost },
          'The journal ended in the middle of a write; what was whole is kept.',
        );
      for (const window of this.#windows.closed()) if (window.segment > segment) window.segment = segment;
      if (this.#windows.open) this.#windows.open.segment = segment;
      if (this.#windows.late) this.#windows.late.segment = segment;
    }
    this.#windows.close();
  }

  #reading(): Parameters<typeof readEntries>[2] {
    const put = (id: number, at: number, value: number) => {
      if (!this.#catalog.get(id)) return;
      if (!this.#windows.head.put(this.#windows.for(at), id, at, value)) {
        this.#makeRoom();
        this.#windows.head.put(this.#windows.for(at), id, at, value);
      }
      this.#latest.note(id, at, value);
    };
    return {
      series: (entry) => {
        if (this.#catalog.get(entry.id)) return;
        this.#catalog.restore(entry);
        this.#sealer.unsaved.add(entry.id);
      },
      row: (at, ids, values) => {
        for (let i = 0; i < ids.length; i++) put(ids[i]!, at, values[i]!);
      },
      point: put,
      sketch: (id, at, bytes) => {
        if (this.#catalog.get(id)) this.#takeSketch(id, at, Sketch.decode(bytes));
      },
    };
  }

  #drop(what: string, count: number): void {
    this.#drops[what] = (this.#drops[what] ?? 0) + count;
  }

  #report(text: string): void {
    if (this.#problem !== text) this.#options.log.error({}, text);
    this.#problem = text;
  }
}

function sameIds(a: Uint32Array, b: Uint32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
