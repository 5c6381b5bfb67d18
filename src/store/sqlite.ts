import type { StatementSync } from 'node:sqlite';
import { DatabaseSync } from 'node:sqlite';

/** What SQLite takes and gives. `node:sqlite` throws on undefined and turns booleans into numbers, so neither is in here. */
export type Param = string | number | bigint | null | Uint8Array;
export type Row = Record<string, Param>;

/** SQLite's own words for a file that is damaged or never was a database. */
const CORRUPT_CODES = new Set([11, 26]);

/** True when the error says that the file itself is damaged (SQLITE_CORRUPT, SQLITE_NOTADB). */
export function isCorruption(error: unknown): boolean {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' && CORRUPT_CODES.has(code & 255);
}

export interface SqliteOptions {
  readonly pageSize?: number;
  readonly readOnly?: boolean;
  readonly cacheKiB?: number;
  /** Lets deleted space be given back to the file system; only has an effect on a new file. */
  readonly incrementalVacuum?: boolean;
}

/** Opens a database so that a committed transaction survives `kill -9` and loss of power (WAL, synchronous=FULL). */
export function openSqlite(file: string, options: SqliteOptions = {}): DatabaseSync {
  const db = new DatabaseSync(file, { readOnly: options.readOnly ?? false });
  try {
    db.exec(`PRAGMA busy_timeout = 2000; PRAGMA cache_size = -${options.cacheKiB ?? 2048}; PRAGMA temp_store = MEMORY`);
    if (options.readOnly) return db;
    if (options.pageSize) db.exec(`PRAGMA page_size = ${options.pageSize}`);
    if (options.incrementalVacuum) db.exec('PRAGMA auto_vacuum = INCREMENTAL');
    db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 256; PRAGMA journal_size_limit = 4194304',
    );
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Runs `work` in one transaction; when it throws, nothing of it has happened. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite ends the transaction by itself on some errors (disk full, I/O); a second ROLLBACK would hide the reason.
    try {
      db.exec('ROLLBACK');
    } catch {
      // Already rolled back.
    }
    throw error;
  }
}

/** The first column of the first row, or undefined. */
export function scalar(statement: StatementSync, ...params: Param[]): Param | undefined {
  const row = statement.get(...params) as Row | undefined;
  return row === undefined ? undefined : Object.values(row)[0];
}

/** Throws when the file is damaged. Reads every page, so only for files of moderate size. */
export function checkIntegrity(db: DatabaseSync): void {
  const verdict = scalar(db.prepare('PRAGMA quick_check(1)'));
  if (verdict !== 'ok') throw Object.assign(new Error(`The database is damaged: ${String(verdict)}`), { errcode: 11 });
}
