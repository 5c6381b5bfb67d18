import { join } from 'node:path';
import type { Clock, Timer } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { Labels, Sample, SeriesKind, SketchPoint } from '../model/sample.ts';
import type { LatestPoint, RangeQuery, SeriesInfo, SeriesPart, SeriesStore, StoreStats } from '../model/store.ts';
import { Catalog } from './catalog.ts';
import { Chunks } from './chunks.ts';
import { makeUsable, unusable } from './data-directory.ts';
import { Head } from './head.ts';
import { Health, messageOf } from './health.ts';
import { Ingest } from './ingest.ts';
import { listSegments } from './journal.ts';
import { Keeper } from './keeper.ts';
import { Latest } from './latest.ts';
import { Maintenance } from './maintenance.ts';
import { Queries, type SeriesRange } from './query.ts';
import { Reader } from './reader.ts';
import { replay } from './replay.ts';
import { Sealer } from './sealing.ts';
import type { SeriesDb } from './series-db.ts';
import { markSuspect, openSeriesFile } from './series-file.ts';
import type { StoreSettings } from './settings.ts';
import { isCorruption } from './sqlite.ts';
import { storeStats } from './stats.ts';
import { Top } from './top.ts';
import { Windows } from './windows.ts';

const HOUR = 3_600_000;
/** How often what has come in is made durable: half of the second that may be lost, so that a slow disk has the other half. */
const COMMIT_EVERY_MS = 500;
/** Most points in memory: 24 MB, of which only what is used is touched. */
const HEAD_POINTS = 2 ** 21;

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
  const health = new Health(options.log);
  let db: SeriesDb | undefined;
  try {
    db = openSeriesFile(join(options.dir, 'series.db'), options.clock.now(), health);
    return new DiskSeriesStore(options, db, health);
  } catch (error) {
    db?.db.close();
    throw unusable(options.dir, error);
  }
}

class DiskSeriesStore implements SeriesStore {
  readonly #options: SeriesStoreOptions;
  readonly #db: SeriesDb;
  readonly #health: Health;
  readonly #catalog: Catalog;
  readonly #windows: Windows;
  readonly #latest = new Latest();
  readonly #reader: Reader;
  readonly #queries: Queries;
  readonly #top: Top;
  readonly #keeper: Keeper;
  readonly #ingest: Ingest;
  readonly #maintenance: Maintenance;
  readonly #timer: Timer;
  #closed = false;

  constructor(options: SeriesStoreOptions, db: SeriesDb, health: Health) {
    const { settings, dir, clock, log } = options;
    this.#options = options;
    this.#db = db;
    this.#health = health;
    const catalog = new Catalog({
      series: settings.max_series,
      seriesPerMetric: settings.max_series_per_metric,
      valuesPerLabel: settings.max_values_per_label,
    });
    for (const entry of db.series()) catalog.restore(entry);
    catalog.startAt(db.getMeta('series_from') ?? 0);
    const segments = listSegments(dir);
    const oldest = db.getMeta('journal_from') ?? 0;
    const windows = new Windows(new Head(HEAD_POINTS), HOUR, Math.max(db.highestWindow(), oldest, ...segments) + 1);
    const chunks = new Chunks(db);
    const sealer = new Sealer(db, chunks, windows, catalog, settings.precision_digits);
    this.#catalog = catalog;
    this.#windows = windows;
    this.#reader = new Reader(db, chunks, windows);
    this.#reader.onDamage = (error) => this.#met(error);
    this.#queries = new Queries(catalog, this.#reader);
    this.#top = new Top(catalog, this.#reader, this.#queries.turns);
    this.#maintenance = new Maintenance(db, chunks, windows, catalog, this.#reader, settings);
    this.#keeper = new Keeper(dir, db, catalog, windows, sealer, health);
    this.#keeper.onSealed = () => this.#reader.refresh();
    this.#keeper.onRefused = (error) => this.#suspect(error);
    this.#ingest = new Ingest(catalog, windows, this.#keeper, this.#latest, health);
    this.#reader.refresh();
    this.#restoreLatest();
    sealer.onWhole = () => db.setBytes('latest', this.#latest.encode());
    replay(segments, oldest, { dir, clock, log, health, catalog, windows, sealer, ingest: this.#ingest });
    this.#keeper.start();
    this.#timer = clock.every(COMMIT_EVERY_MS, () => void this.#tick());
  }

  append(samples: readonly Sample[]): void {
    this.#ingest.append(samples);
  }

  appendSketches(points: readonly SketchPoint[]): void {
    this.#ingest.appendSketches(points);
  }

  seriesId(name: string, labels: Labels, kind: Exclude<SeriesKind, 'sketch'> = 'gauge'): number {
    return this.#ingest.seriesId(name, labels, kind);
  }

  appendColumns(at: number, ids: Uint32Array, values: Float64Array): void {
    this.#ingest.appendColumns(at, ids, values);
  }

  async flush(): Promise<void> {
    if (this.#closed) return;
    await this.#keeper.commit();
    // A flood must not run ahead of the sealing.
    if (this.#windows.closed().length > 1 || this.#windows.head.fill > 0.6) await this.#keeper.seal();
  }

  query(query: RangeQuery, signal?: AbortSignal) {
    return this.#queries.range(query, signal);
  }

  sketches(query: Pick<RangeQuery, 'name' | 'matchers' | 'from' | 'to'>, signal?: AbortSignal) {
    return this.#queries.sketches(query, signal);
  }

  top(query: Parameters<SeriesStore['top']>[0], signal?: AbortSignal): Promise<LatestPoint[]> {
    return this.#top.ask(query, signal);
  }

  export(query: Partial<SeriesRange> = {}, signal?: AbortSignal): AsyncIterable<SeriesPart> {
    return this.#queries.export({ from: 0, to: Number.MAX_SAFE_INTEGER, ...query }, signal);
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
    const { drops, problem } = this.#health;
    const damaged = this.#reader.damaged;
    return storeStats({
      ...this.#options,
      db: this.#db,
      windows: this.#windows,
      catalog: this.#catalog,
      reader: this.#reader,
      drops: damaged > 0 ? { ...drops, damaged_chunks: damaged } : drops,
      problem,
    });
  }

  /** Damage that shows while the store runs: what cannot be read is left out, and the whole file is checked at the next start. */
  #met(error: unknown): void {
    this.#health.report('damage', `A damaged part of series.db was left out: ${messageOf(error)}`);
    this.#suspect(error);
  }

  #suspect(error: unknown): void {
    if (isCorruption(error)) markSuspect(join(this.#options.dir, 'series.db'));
  }

  async maintain(now: number): Promise<void> {
    if (this.#closed) return;
    const open = this.#windows.open;
    if (open && now >= open.to + 60_000) this.#windows.close();
    if (!open && this.#windows.late) this.#windows.close();
    await this.#commitQuietly();
    await this.#keeper.seal();
    if (this.#windows.closed().length > 0 || this.#closed) return;
    try {
      await this.#maintenance.run(now);
      this.#health.clear('upkeep');
    } catch (error) {
      this.#suspect(error);
      this.#health.report('upkeep', `series.db could not be tidied: ${messageOf(error)}`);
    }
    this.#reader.refresh();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#timer.cancel();
    await this.#commitQuietly();
    this.#closed = true;
    await this.#maintenance.idle();
    await this.#keeper.close();
    this.#db.db.close();
  }

  #restoreLatest(): void {
    const bytes = this.#db.getBytes('latest');
    try {
      if (bytes) this.#latest.restore(bytes);
    } catch (error) {
      this.#health.report(
        'damage',
        `The newest values could not be read; they come with the next ones. ${messageOf(error)}`,
      );
    }
  }

  async #tick(): Promise<void> {
    if (this.#closed) return;
    await this.#commitQuietly();
    if (!this.#closed && this.#windows.closed().length > 0) await this.#keeper.seal();
  }

  /** A failure is counted and said by the keeper, which tries again a second later. */
  async #commitQuietly(): Promise<void> {
    await this.#keeper.commit().catch(() => {});
  }
}
