/** Our store in this process, fed through its interface. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/model/clock.ts';
import { silentLog } from '../../src/model/log.ts';
import type { SeriesStore } from '../../src/model/store.ts';
import { openSeriesStore } from '../../src/store/series.ts';
import { storeSettings } from '../../src/store/settings.ts';
import type { Dataset } from './dataset.ts';
import { timeOf } from './dataset.ts';
import { folderBytes } from './process.ts';

export interface OurStore {
  readonly store: SeriesStore;
  readonly dir: string;
  bytes(): number;
  /** Closes it, and deletes its folder unless it is to be opened again. */
  stop(keep?: boolean): Promise<void>;
}

/** Opens a store in `dir`, or in a fresh folder. */
export async function openOurs(settings: Record<string, number> = {}, dir?: string, rawDays = 400): Promise<OurStore> {
  const folder = dir ?? mkdtempSync(join(tmpdir(), 'bench-store-'));
  const store = await openSeriesStore({
    dir: folder,
    settings: { ...storeSettings.parse(settings), retention_days: rawDays },
    log: silentLog,
    clock: systemClock,
  });
  return {
    store,
    dir: folder,
    bytes: () => folderBytes(folder),
    async stop(keep = false) {
      await store.close();
      if (!keep) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Appends a data set tick by tick, made durable every ten ticks as with the peers. Time and CPU of the whole process, in ms. */
export async function feedOurs(store: SeriesStore, data: Dataset): Promise<{ wallMs: number; cpuMs: number }> {
  const count = data.series.length;
  const started = performance.now();
  const cpu = process.cpuUsage();
  const ids = Uint32Array.from(data.series, ({ name, labels, counter }) =>
    store.seriesId(name, labels, counter ? 'counter' : 'gauge'),
  );
  for (let tick = 0; tick < data.ticks; tick++) {
    store.appendColumns(timeOf(data, tick), ids, data.values.subarray(tick * count, (tick + 1) * count));
    // Ten ticks are what the peers get with one request.
    if (tick % 10 === 9) await store.flush();
  }
  await store.flush();
  const used = process.cpuUsage(cpu);
  return { wallMs: performance.now() - started, cpuMs: (used.user + used.system) / 1000 };
}
