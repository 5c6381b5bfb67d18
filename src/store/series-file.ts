import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { Health } from './health.ts';
import { messageOf } from './health.ts';
import { setAside } from './salvage.ts';
import { PAGE_SIZE, SeriesDb } from './series-db.ts';
import { salvageSeries } from './series-salvage.ts';
import { checkIntegrity, isCorruption, openSqlite } from './sqlite.ts';

/** Files up to this size are checked page by page when they are opened: 64 MB take about 0.1 s. */
const CHECKED_SIZE = 64 * 1024 * 1024;

/** No database is shorter: this is its header. */
const SHORTEST = 100;

/** Says that damage was met while the store was running, so that the file is checked at the next start whatever its size. */
const suspicion = (file: string) => `${file}.suspect`;

export function markSuspect(file: string): void {
  try {
    writeFileSync(suspicion(file), '');
  } catch {
    // The disk takes nothing: then there is nothing to be remembered either.
  }
}

/**
 * Opens `series.db`, making it when it is missing. Of a damaged file everything that can be read goes into a new one; the old one is set
 * aside, and that is said in `health`. Throws what SQLite throws when the directory cannot be used.
 */
export function openSeriesFile(file: string, now: number, health: Health): SeriesDb {
  try {
    const db = openChecked(file);
    rmSync(suspicion(file), { force: true });
    return db;
  } catch (error) {
    if (!isCorruption(error)) throw error;
    return rescue(file, now, health, error);
  }
}

function openChecked(file: string): SeriesDb {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  // SQLite takes so short a file for a new one.
  if (size > 0 && size < SHORTEST) throw Object.assign(new Error('The file is cut off.'), { errcode: 26 });
  const raw = openRaw(file);
  try {
    if (size > 0 && (size <= CHECKED_SIZE || existsSync(suspicion(file)))) checkIntegrity(raw);
    const db = new SeriesDb(raw);
    // The lists without which nothing can be read, and the last page: a file that was cut off does not have it.
    db.series();
    db.windows();
    db.days();
    db.touchLast();
    return db;
  } catch (error) {
    raw.close();
    throw error;
  }
}

function rescue(file: string, now: number, health: Health, reason: unknown): SeriesDb {
  const aside = setAside(file, now);
  const raw = openRaw(file);
  try {
    const db = new SeriesDb(raw);
    const kept = salvageSeries(aside, db);
    rmSync(suspicion(file), { force: true });
    health.report(
      'damage',
      `series.db was damaged (${messageOf(reason)}) and set aside as ${aside}. ${kept} windows and days of it could be read and are kept.`,
    );
    return db;
  } catch (error) {
    raw.close();
    throw error;
  }
}

function openRaw(file: string): DatabaseSync {
  return openSqlite(file, { pageSize: PAGE_SIZE, incrementalVacuum: true });
}
