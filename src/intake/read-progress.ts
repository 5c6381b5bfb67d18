import type { ProgressRun } from '../model/progress.ts';
import { redactText } from '../model/redact.ts';
import type { Source } from '../model/signal.ts';
import { amount, count, fields, finite, list, optionalText, text, word } from './fields.ts';

/** Reads one run. `stalled` and `abandoned` are the monitor's own words: a job that says them is running. */
export function readProgress(item: unknown, source: Source): ProgressRun | undefined {
  const raw = fields(item);
  const id = text(raw?.['id'], 64);
  const name = optionalText(raw?.['name'], 200);
  const startedAt = finite(raw?.['startedAt']);
  const updatedAt = finite(raw?.['updatedAt']);
  if (!raw || !name || !/^[A-Za-z0-9_-]{8,64}$/.test(id) || startedAt === undefined || updatedAt === undefined)
    return undefined;
  const endedAt = finite(raw['endedAt']);
  const checkpointFile = optionalText(raw['checkpointFile'], 1000);
  const checkpointAt = finite(raw['checkpointAt']);
  return {
    id,
    name,
    instance: source.instance,
    state: word(raw['state'], ['running', 'paused', 'done', 'failed']),
    totalItems: count(raw['totalItems']),
    processedItems: count(raw['processedItems']),
    successfulItems: count(raw['successfulItems']),
    failedItems: count(raw['failedItems']),
    skippedItems: count(raw['skippedItems']),
    restoredItems: count(raw['restoredItems']),
    message: redactText(text(raw['message'], 1000)),
    startedAt,
    updatedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    batches: count(raw['batches']),
    recentBatches: list(raw['recentBatches'], 20).flatMap((entry) => {
      const batch = fields(entry);
      const at = finite(batch?.['at']);
      return batch && at !== undefined
        ? [{ at, items: count(batch['items']), durationMs: amount(batch['durationMs']) }]
        : [];
    }),
    ...(checkpointFile ? { checkpointFile } : {}),
    ...(checkpointAt === undefined ? {} : { checkpointAt }),
  };
}
