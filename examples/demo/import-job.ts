/**
 * The PubChem import: 5,000 compounds in batches whose size follows how well it goes, with a checkpoint after each batch. Stopped and started
 * again, it goes on where it was.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { MonitoringService } from 'cryoprotect-monitoring';
import type { Database } from './database.ts';

const total = 5000;

export interface ImportJob {
  /** Resolves after the batch in hand is finished and saved. */
  stop(): Promise<void>;
}

/** Runs imports one after the other until it is stopped; a finished one starts again after a pause. */
export function startImportJob(monitor: MonitoringService, database: Database, checkpoint: string): ImportJob {
  const stopped = new AbortController();
  const pause = (ms: number) => sleep(ms, undefined, { signal: stopped.signal }).catch(() => undefined);

  const once = async () => {
    // The monitor keeps the checkpoint: how far the last run came is where this one begins.
    const progress = monitor.trackProgress('PubChem import', { totalItems: total, checkpointFile: checkpoint });
    let position = progress.restoredItems < total ? progress.restoredItems : 0;
    let batchSize = 100;
    while (position < total) {
      const size = Math.min(batchSize, total - position);
      const ids = Array.from({ length: size }, (_, at) => position + at + 1);
      // PubChem turns requests away when it is busy; then the next batch is smaller.
      const limited = Math.random() < 0.08;
      await pause(limited ? 8000 : 1500 + size * 20);
      if (stopped.signal.aborted) return;
      try {
        await monitor.trackOperation('pubchem.import_batch', () => database.importCompounds(ids));
      } catch {
        // The operation has recorded the error; the batch is tried again.
        await pause(2000);
        continue;
      }
      if (limited) {
        const message = 'PubChem answered 503 PUGREST.ServerBusy';
        monitor.recordError('PubChemRateLimit', message, undefined, { batch_size: size });
      }
      position += size;
      const failed = limited ? Math.ceil(size * 0.1) : Math.random() < 0.3 ? 1 : 0;
      progress.update({ itemsProcessed: size, successful: size - failed, failed });
      batchSize = limited ? Math.max(10, Math.floor(batchSize / 2)) : Math.min(200, batchSize + 10);
    }
    progress.done();
  };
  const running = (async () => {
    while (!stopped.signal.aborted) {
      await once();
      await pause(60_000);
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await running;
    },
  };
}
