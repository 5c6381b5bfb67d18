import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { Bundle } from './codec/bundle.ts';
import { createPoints } from './codec/chunk.ts';
import { DAY, type SeriesDb } from './series-db.ts';
import { openSqlite } from './sqlite.ts';

/** The tables with a number as their key, and its name. */
const tables = { series: 'id', windows: 'number', days: 'day', chunks: 'key', minutes: 'key', hours: 'key' } as const;
type Name = keyof typeof tables;

/** Copies whatever can still be read of a damaged `series.db` into a new one. Returns how many windows and days that are. */
export function salvageSeries(damaged: string, into: SeriesDb): number {
  let source: DatabaseSync;
  try {
    source = openSqlite(damaged, { readOnly: true });
  } catch {
    return 0;
  }
  try {
    into.transaction(() => {
      for (const name of Object.keys(tables) as Name[]) copyTable(source, into.db, name);
      copyMeta(source, into);
      nameLostWindows(into);
    });
  } finally {
    source.close();
  }
  return into.windows().length + into.days().length;
}

function copyTable(source: DatabaseSync, target: DatabaseSync, name: Name): void {
  const columns = target
    .prepare(`PRAGMA table_info(${name})`)
    .all()
    .map((row) => row['name'] as string);
  const insert = target.prepare(
    `INSERT OR IGNORE INTO ${name} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  for (const row of readableRows(source, name)) {
    try {
      insert.run(...columns.map((column) => row[column] ?? null));
    } catch {
      // A row whose content makes no sense any more.
    }
  }
}

/** All rows that can be read; damaged stretches are jumped over with growing steps. */
function* readableRows(source: DatabaseSync, name: Name): Generator<Record<string, SQLInputValue>> {
  const key = tables[name];
  let after = -1;
  let gap = 1;
  while (gap < 2 ** 52) {
    let row: Record<string, SQLInputValue> | undefined;
    try {
      row = source.prepare(`SELECT * FROM ${name} WHERE ${key} > ? ORDER BY ${key} LIMIT 1`).get(after);
    } catch {
      after += gap;
      gap *= 2;
      continue;
    }
    if (row === undefined) return;
    const at = Number(row[key]);
    // Damage can turn the order around: it must not turn us around with it.
    if (!(at > after)) return;
    after = at;
    gap = 1;
    yield row;
  }
}

function copyMeta(source: DatabaseSync, into: SeriesDb): void {
  try {
    for (const { key, value } of source.prepare('SELECT key, value FROM meta').all())
      into.setMeta(String(key), Number(value));
  } catch {
    // Without it the whole journal is read again, in which nothing is lost.
  }
}

/**
 * Chunks whose window was lost get one again, from the times in them. And numbers of series that were lost are not given to others,
 * whose chunks these would then seem to be.
 */
function nameLostWindows(into: SeriesDb): void {
  const known = new Set([...into.windows().map((window) => window.number), ...into.wasteWindows()]);
  let highest = into.getMeta('series_from') ?? 0;
  for (const number of into.windowsWithChunks()) {
    const points = createPoints();
    let samples = 0;
    let bytes = 0;
    for (const first of into.bundlesIn(number)) {
      const data = into.read('chunks', number, first)!;
      try {
        const bundle = new Bundle(first, data);
        highest = Math.max(highest, (bundle.ids.at(-1) ?? 0) + 1);
        if (known.has(number)) continue;
        for (const id of bundle.ids) {
          points.count = 0;
          if (bundle.points(id, points)) samples += points.count;
        }
        bytes += data.length;
      } catch {
        // Counted and left out when somebody reads it.
      }
    }
    if (known.has(number) || samples === 0) continue;
    const day = Math.floor(points.times[0]! / DAY);
    into.beginWindow(number, day * DAY, (day + 1) * DAY, 0);
    into.finishWindow(number, samples, bytes);
  }
  into.setMeta('series_from', highest);
}
