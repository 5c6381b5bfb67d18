import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../model/clock.ts';
import { silentLog } from '../model/log.ts';
import { createMemorySeriesStore } from '../testing/memory-series-store.ts';
import { openSeriesStore } from './series.ts';
import { seriesStoreContract } from './series-store.contract.ts';
import { storeSettings } from './settings.ts';

seriesStoreContract('the store on the disk', () => {
  let dir = '';
  const open = () =>
    openSeriesStore({
      dir,
      settings: { ...storeSettings.parse({}), retention_days: 7 },
      log: silentLog,
      clock: systemClock,
    });
  return {
    open: async () => {
      dir = await mkdtemp(join(tmpdir(), 'series-contract-'));
      return open();
    },
    reopen: open,
    cleanUp: () => rm(dir, { recursive: true, force: true }),
  };
});

seriesStoreContract('the store in memory', () => ({ open: async () => createMemorySeriesStore() }));
