/**
 * The PubChem import: 5,000 compounds in batches whose size follows how well it goes, with a checkpoint after each batch. Stopped and started
 * again, it goes on where it was.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MonitoringService } from 'cryoprotect-monitoring';
import type { Database } from './database.ts';

const total = 5000;

export interface ImportJob {
  /** Resolves after the batch in hand is finished and saved. */
  stop(): Promise<void>;
}

/** Where the import was, from its own checkpoint. */
function readPosition(file: string): number {
  if (!existsSync(file)) return 0;
  const { position } = JSON.parse(readFileSync(file, 'utf8')) as { position?: number };
  return typeof position === 'number' && position < total ? position : 0;
}

/** Written beside and renamed: a crash leaves the old checkpoint or the new one, never half of one. */
function writePosition(file: string, position: number): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify({ position }));
  renameSync(`${file}.new`, file);
}

/** Runs imports one after the other until it is stopped; a finished one starts again after a pause. */
export function startImportJob(monitor: MonitoringService, database: Database, checkpoint: string): ImportJob {
  const stopped = new AbortController();
  const pause = (ms: number) => sleep(ms, undefined, { signal: stopped.signal }).catch(() => undefined);

  const once = async () => {
    let position = readPosition(checkpoint);
    let batchSize = 100;
    const progress = monitor.trackProgress('PubChem import', total);
    if (position > 0) progress.update({ itemsProcessed: position, successful: position, failed: 0, batchSize });
    while (position < total && !stopped.signal.aborted) {
      const size = Math.min(batchSize, total - position);
      const ids = Array.from({ length: size }, (_, at) => position + at + 1);
      // PubChem turns requests away when it is busy; then the next batch is smaller.
      const limited = Math.random() < 0.08;
      const failed = limited ? Math.ceil(size * 0.1) : Math.random() < 0.3 ? 1 : 0;
      await pause(limited ? 2500 : 900 + size * 4);
      try {
        await monitor.trackOperation('pubchem.import_batch', () => database.importCompounds(ids));
      } catch {
        // The operation has recorded the error; the batch is tried again.
        await pause(2000);
        continue;
      }
      if (limited) {
        monitor.recordError('PubChemRateLimit', 'PubChem answered 503 PUGREST.ServerBusy', undefined, {
          batch_size: size,
        });
      }
      position += size;
      progress.update({ itemsProcessed: position, successful: size - failed, failed, batchSize: size });
      writePosition(checkpoint, position);
      batchSize = limited ? Math.max(10, Math.floor(batchSize / 2)) : Math.min(200, batchSize + 10);
    }
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
