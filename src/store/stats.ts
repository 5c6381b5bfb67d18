import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreStats } from '../model/store.ts';
import type { Catalog } from './catalog.ts';
import { listSegments, segmentPath } from './journal.ts';
import type { Reader } from './reader.ts';
import { DAY, type SeriesDb } from './series-db.ts';
import type { StoreSettings } from './settings.ts';
import type { Windows } from './windows.ts';

interface Parts {
  readonly dir: string;
  readonly settings: StoreSettings & { readonly retention_days: number };
  readonly db: SeriesDb;
  readonly windows: Windows;
  readonly catalog: Catalog;
  readonly reader: Reader;
  readonly drops: Record<string, number>;
  readonly problem: string | undefined;
}

const size = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** What the store costs and holds at this moment. */
export function storeStats({ dir, settings, db, windows, catalog, reader, drops, problem }: Parts): StoreStats {
  const database = size(join(dir, 'series.db'));
  const journals = listSegments(dir).reduce((sum, segment) => sum + size(segmentPath(dir, segment)), 0);
  const stored = reader.stored.reduce((sum, window) => sum + window.samples, 0);
  const chunkBytes = reader.stored.reduce((sum, window) => sum + window.bytes, 0);
  let inMemory = 0;
  let oldest = Number.POSITIVE_INFINITY;
  let newest = Number.NEGATIVE_INFINITY;
  for (const window of windows.all) {
    if (window.samples === 0) continue;
    if (!window.sealed) inMemory += window.samples;
    oldest = Math.min(oldest, window.minAt);
    newest = Math.max(newest, window.maxAt);
  }
  for (const window of reader.stored) {
    oldest = Math.min(oldest, window.from);
    newest = Math.max(newest, Math.min(window.to, newest > 0 ? newest : window.to));
  }
  const rawOldest = oldest;
  const days = [...reader.days.values()];
  const first = (has: (day: (typeof days)[number]) => boolean) => {
    const day = days.find(has);
    return day ? day.day * DAY : null;
  };
  const sum = (of: (day: (typeof days)[number]) => number) => days.reduce((total, day) => total + of(day), 0);
  const minuteOldest = first((day) => day.minutePoints > 0);
  const hourOldest = first((day) => day.hourPoints > 0);
  for (const at of [minuteOldest, hourOldest]) if (at !== null) oldest = Math.min(oldest, at);
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  return {
    sizeBytes: database + size(join(dir, 'series.db-wal')) + journals,
    series: catalog.size,
    samplesStored: stored + inMemory,
    bytesPerSample: stored > 0 ? Math.round(((database - db.freeBytes) / stored) * 1000) / 1000 : null,
    oldestAt: finite(oldest),
    newestAt: finite(newest),
    tiers: [
      {
        tier: 'raw',
        retentionDays: settings.retention_days,
        sizeBytes: chunkBytes + journals,
        points: stored + inMemory,
        oldestAt: finite(rawOldest),
      },
      {
        tier: 'minute',
        retentionDays: settings.minute_retention_days,
        sizeBytes: sum((day) => day.minuteBytes),
        points: sum((day) => day.minutePoints),
        oldestAt: minuteOldest,
      },
      {
        tier: 'hour',
        retentionDays: settings.hour_retention_days,
        sizeBytes: sum((day) => day.hourBytes),
        points: sum((day) => day.hourPoints),
        oldestAt: hourOldest,
      },
    ],
    drops: catalog.refused > 0 ? { ...drops, series_refused: catalog.refused } : drops,
    overflow: catalog.overflow(),
    ...(problem === undefined ? {} : { problem }),
  };
}
