import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Labels } from '../model/sample.ts';
import type { SeriesEntry } from './catalog.ts';
import { kinds } from './journal-entries.ts';
import { PagePacker } from './page-packer.ts';
import { scalar, transaction } from './sqlite.ts';

export const PAGE_SIZE = 16_384;
export const DAY = 86_400_000;
const LAYOUT = 2;

/** A row's key: window (or day) number, (first) series, and part of the bytes. 20 + 24 + 9 bits fit a float64. */
const PARTS = 2 ** 9;
const SERIES = 2 ** 24;
const keyOf = (group: number, series: number): number => (group * SERIES + series) * PARTS;

/** Rows are ordered by time first (window or day), then by series. In `chunks` a row is a bundle of several series, or a part of one. */
export type Table = 'chunks' | 'minutes' | 'hours';

/** A stretch of time with its chunks on the disk. */
export interface StoredWindow {
  readonly number: number;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** 0 as sealed, 1 after the daily re-chunking. */
  readonly level: number;
  readonly samples: number;
  readonly bytes: number;
}

/** What is known of one UTC day, by its number since 1970. */
export interface StoredDay {
  readonly day: number;
  /** Points and bytes in `minutes`; 0 when there are none. */
  readonly minutePoints: number;
  readonly minuteBytes: number;
  readonly hourPoints: number;
  readonly hourBytes: number;
}

const BUILDING = 0;
const LIVE = 1;
const DROPPED = 2;

/** The layout and the statements of `series.db`. Knows rows and bytes, nothing of their meaning. */
export class SeriesDb {
  readonly db: DatabaseSync;
  readonly #read: Record<Table, StatementSync>;
  readonly #write: Record<Table, StatementSync>;
  readonly #erase: Record<Table, StatementSync>;
  readonly #packers: Record<Table, PagePacker>;
  readonly #firstBefore: StatementSync;

  constructor(db: DatabaseSync) {
    this.db = db;
    createLayout(db);
    const each = <T>(make: (table: Table) => T): Record<Table, T> => ({
      chunks: make('chunks'),
      minutes: make('minutes'),
      hours: make('hours'),
    });
    this.#read = each((table) => db.prepare(`SELECT data FROM ${table} WHERE key >= ? AND key < ? ORDER BY key`));
    this.#write = each((table) => db.prepare(`INSERT OR REPLACE INTO ${table} (key, data) VALUES (?, ?)`));
    this.#erase = each((table) => db.prepare(`DELETE FROM ${table} WHERE key >= ? AND key < ?`));
    this.#packers = each(() => new PagePacker(PAGE_SIZE));
    this.#firstBefore = db.prepare('SELECT key FROM chunks WHERE key >= ? AND key < ? ORDER BY key DESC LIMIT 1');
  }

  /** Runs `work` in one transaction that is durable when this returns. */
  transaction<T>(work: () => T): T {
    return transaction(this.db, work);
  }

  /** The bytes of one series in one window or day, put together from their parts; undefined when there are none. */
  read(table: Table, group: number, series: number): Uint8Array | undefined {
    const key = keyOf(group, series);
    const rows = this.#read[table].all(key, key + PARTS);
    if (rows.length === 0) return undefined;
    if (rows.length === 1) return rows[0]!['data'] as Uint8Array;
    return Buffer.concat(rows.map((row) => row['data'] as Uint8Array));
  }

  /** Stores the bytes of one series in one window or day in as many rows as fill the pages best. */
  write(table: Table, group: number, series: number, bytes: Uint8Array): void {
    let key = keyOf(group, series);
    const end = key + PARTS - 1;
    let at = 0;
    while (at < bytes.length) {
      const length = key === end ? bytes.length - at : this.#packers[table].next(key, bytes.length - at);
      this.#write[table].run(key, length === bytes.length ? bytes : bytes.subarray(at, at + length));
      key++;
      at += length;
    }
  }

  erase(table: Table, group: number, series: number): void {
    const key = keyOf(group, series);
    this.#erase[table].run(key, key + PARTS);
  }

  /** Deletes about `limit` rows of a window or day. Returns false when nothing of it is left. */
  eraseSome(table: Table, group: number, limit: number): boolean {
    const from = keyOf(group, 0);
    const last = scalar(
      this.db.prepare(`SELECT key FROM ${table} WHERE key >= ? AND key < ? ORDER BY key LIMIT 1 OFFSET ?`),
      from,
      keyOf(group + 1, 0),
      limit,
    );
    this.#erase[table].run(from, last === undefined ? keyOf(group + 1, 0) : (last as number));
    return last !== undefined;
  }

  /** The first series of the bundle that would hold this one; undefined when all bundles of the window lie behind it. */
  bundleOf(window: number, series: number): number | undefined {
    const row = this.#firstBefore.get(keyOf(window, 0), keyOf(window, series + 1));
    return row === undefined ? undefined : Math.floor((row['key'] as number) / PARTS) % SERIES;
  }

  /** The first series of every bundle of a window, ascending. */
  bundlesIn(window: number): number[] {
    const rows = this.db
      .prepare(`SELECT DISTINCT (key / ${PARTS}) % ${SERIES} AS id FROM chunks WHERE key >= ? AND key < ? ORDER BY id`)
      .all(keyOf(window, 0), keyOf(window + 1, 0));
    return rows.map((row) => row['id'] as number);
  }

  /** Numbers of all windows that have rows. */
  windowsWithChunks(): number[] {
    return this.db
      .prepare(`SELECT DISTINCT key / ${PARTS * SERIES} AS number FROM chunks ORDER BY number`)
      .all()
      .map((row) => row['number'] as number);
  }

  /** Reads what was written last. Throws when the file ends before it. */
  touchLast(): void {
    for (const table of ['chunks', 'minutes', 'hours'])
      this.db.prepare(`SELECT data FROM ${table} ORDER BY key DESC LIMIT 1`).get();
  }

  beginWindow(number: number, from: number, to: number, level: number): void {
    this.db
      .prepare(
        'INSERT OR REPLACE INTO windows (number, from_at, to_at, level, state, samples, bytes) VALUES (?, ?, ?, ?, ?, 0, 0)',
      )
      .run(number, from, to, level, BUILDING);
  }

  finishWindow(number: number, samples: number, bytes: number): void {
    this.db
      .prepare('UPDATE windows SET state = ?, samples = ?, bytes = ? WHERE number = ?')
      .run(LIVE, samples, bytes, number);
  }

  /** From now on nobody reads it; its rows go later, in portions. */
  dropWindow(number: number): void {
    this.db.prepare('UPDATE windows SET state = ? WHERE number = ?').run(DROPPED, number);
  }

  forgetWindow(number: number): void {
    this.db.prepare('DELETE FROM windows WHERE number = ?').run(number);
  }

  /** Windows that can be read, in the order in which they were made. */
  windows(): StoredWindow[] {
    const rows = this.db
      .prepare('SELECT number, from_at, to_at, level, samples, bytes FROM windows WHERE state = ? ORDER BY number')
      .all(LIVE);
    return rows.map((row) => ({
      number: row['number'] as number,
      from: row['from_at'] as number,
      to: row['to_at'] as number,
      level: row['level'] as number,
      samples: row['samples'] as number,
      bytes: row['bytes'] as number,
    }));
  }

  /** The largest number a window ever had; 0 when there was none. */
  highestWindow(): number {
    return Number(scalar(this.db.prepare('SELECT coalesce(max(number), 0) FROM windows')) ?? 0);
  }

  /** Windows whose rows are waste: given up, or left half written by a crash. */
  wasteWindows(): number[] {
    return this.db
      .prepare('SELECT number FROM windows WHERE state <> ? ORDER BY number')
      .all(LIVE)
      .map((row) => row['number'] as number);
  }

  days(): StoredDay[] {
    const rows = this.db
      .prepare('SELECT day, minute_points, minute_bytes, hour_points, hour_bytes FROM days ORDER BY day')
      .all();
    return rows.map((row) => ({
      day: row['day'] as number,
      minutePoints: row['minute_points'] as number,
      minuteBytes: row['minute_bytes'] as number,
      hourPoints: row['hour_points'] as number,
      hourBytes: row['hour_bytes'] as number,
    }));
  }

  putDay(day: StoredDay): void {
    this.db
      .prepare(
        'INSERT OR REPLACE INTO days (day, minute_points, minute_bytes, hour_points, hour_bytes) VALUES (?, ?, ?, ?, ?)',
      )
      .run(day.day, day.minutePoints, day.minuteBytes, day.hourPoints, day.hourBytes);
  }

  forgetDay(day: number): void {
    this.db.prepare('DELETE FROM days WHERE day = ?').run(day);
  }

  saveSeries(entry: SeriesEntry): void {
    this.db
      .prepare('INSERT OR IGNORE INTO series (id, name, labels, kind) VALUES (?, ?, ?, ?)')
      .run(entry.id, entry.name, JSON.stringify(entry.labels), kinds.indexOf(entry.kind));
  }

  removeSeries(id: number): void {
    this.db.prepare('DELETE FROM series WHERE id = ?').run(id);
  }

  series(): SeriesEntry[] {
    return this.db
      .prepare('SELECT id, name, labels, kind FROM series ORDER BY id')
      .all()
      .map((row) => ({
        id: row['id'] as number,
        name: row['name'] as string,
        labels: Object.freeze(JSON.parse(row['labels'] as string)) as Labels,
        kind: kinds[row['kind'] as number] ?? 'gauge',
      }));
  }

  getMeta(key: string): number | undefined {
    const value = scalar(this.db.prepare('SELECT value FROM meta WHERE key = ?'), key);
    return value === undefined ? undefined : Number(value);
  }

  setMeta(key: string, value: number): void {
    this.db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(key, value);
  }

  getBytes(key: string): Uint8Array | undefined {
    const value = scalar(this.db.prepare('SELECT value FROM meta WHERE key = ?'), key);
    return value instanceof Uint8Array ? value : undefined;
  }

  setBytes(key: string, value: Uint8Array): void {
    this.db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(key, value);
  }

  removeMeta(key: string): void {
    this.db.prepare('DELETE FROM meta WHERE key = ?').run(key);
  }

  /** Size of the database in bytes, without its write-ahead log. */
  get sizeBytes(): number {
    return Number(scalar(this.db.prepare('PRAGMA page_count'))) * PAGE_SIZE;
  }

  get freeBytes(): number {
    return Number(scalar(this.db.prepare('PRAGMA freelist_count'))) * PAGE_SIZE;
  }

  /** Gives up to `pages` unused pages back to the file system. */
  shrink(pages: number): void {
    this.db.exec(`PRAGMA incremental_vacuum(${Math.floor(pages)})`);
  }

  /** Moves everything from the write-ahead log into the database and empties the log. */
  checkpoint(): void {
    this.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }
}

function createLayout(db: DatabaseSync): void {
  const version = Number(scalar(db.prepare('PRAGMA user_version')));
  if (version > LAYOUT)
    throw new Error(`series.db was written by a newer version (layout ${version}, this one knows ${LAYOUT}).`);
  if (version === LAYOUT) return;
  // Before the first release there was another layout; nothing reads it any more. Said like damage, so that the file is set aside.
  if (version > 0) throw Object.assign(new Error(`series.db has the unreleased layout ${version}.`), { errcode: 26 });
  transaction(db, () => {
    db.exec(`
      CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
      CREATE TABLE series (id INTEGER PRIMARY KEY, name TEXT NOT NULL, labels TEXT NOT NULL, kind INTEGER NOT NULL);
      CREATE TABLE windows (number INTEGER PRIMARY KEY, from_at INTEGER NOT NULL, to_at INTEGER NOT NULL, level INTEGER NOT NULL,
        state INTEGER NOT NULL, samples INTEGER NOT NULL, bytes INTEGER NOT NULL);
      CREATE TABLE days (day INTEGER PRIMARY KEY, minute_points INTEGER NOT NULL, minute_bytes INTEGER NOT NULL,
        hour_points INTEGER NOT NULL, hour_bytes INTEGER NOT NULL);
      CREATE TABLE chunks (key INTEGER PRIMARY KEY, data BLOB NOT NULL);
      CREATE TABLE minutes (key INTEGER PRIMARY KEY, data BLOB NOT NULL);
      CREATE TABLE hours (key INTEGER PRIMARY KEY, data BLOB NOT NULL);
      PRAGMA user_version = ${LAYOUT};
    `);
  });
}
