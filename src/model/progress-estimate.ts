import type { ProgressRun } from './progress.ts';

/** What can honestly be said about a run: how fast it is and when it will end. */
export interface ProgressEstimate {
  /** 0..1; null when the total is unknown. */
  readonly ratio: number | null;
  /** From the start to the end, or to now. */
  readonly elapsedSeconds: number;
  /** Items per second of this run's own work; null before the first batch. */
  readonly itemsPerSecond: number | null;
  /** A range, because a single number would be a lie; null when nothing can be said. */
  readonly remainingSeconds: { readonly low: number; readonly likely: number; readonly high: number } | null;
  /** Likely end, epoch ms. */
  readonly completesAt: number | null;
  readonly averageBatchSeconds: number | null;
  readonly averageBatchItems: number | null;
}

/**
 * Rate from the newest batches, ETA as a range.
 * Restored items never count into the rate, a pause never counts into the time (batches carry their own durations), and between two
 * updates the estimate runs down by at most one batch, so that a job that hangs does not seem to come nearer to its end.
 */
export function estimateProgress(run: ProgressRun, now: number): ProgressEstimate {
  const end = run.endedAt ?? now;
  const elapsedSeconds = Math.max(0, end - run.startedAt) / 1000;
  const batches = run.recentBatches.filter((batch) => batch.durationMs > 0 && batch.items >= 0);
  const batchMs = batches.reduce((sum, batch) => sum + batch.durationMs, 0);
  const batchItems = batches.reduce((sum, batch) => sum + batch.items, 0);
  const averageBatchSeconds = batches.length > 0 ? batchMs / batches.length / 1000 : null;
  const averageBatchItems = batches.length > 0 ? batchItems / batches.length : null;
  const rate = pace(run, batchItems, batchMs, elapsedSeconds);
  const ratio = run.totalItems > 0 ? Math.min(1, Math.max(0, run.processedItems / run.totalItems)) : null;
  const remainingSeconds = remaining(run, rate, batches, now);
  const completesAt =
    remainingSeconds && run.state === 'running' ? Math.round(now + remainingSeconds.likely * 1000) : null;
  return {
    ratio,
    elapsedSeconds,
    itemsPerSecond: rate,
    remainingSeconds,
    completesAt,
    averageBatchSeconds,
    averageBatchItems,
  };
}

/** Items per second: the recent batches while it runs, everything it did once it has ended. */
function pace(run: ProgressRun, batchItems: number, batchMs: number, elapsedSeconds: number): number | null {
  const own = Math.max(0, run.processedItems - run.restoredItems);
  const ended = run.state === 'done' || run.state === 'failed' || run.state === 'abandoned';
  if (!ended && batchMs > 0) return (batchItems * 1000) / batchMs;
  if (own > 0 && elapsedSeconds > 0) return own / elapsedSeconds;
  return null;
}

function remaining(
  run: ProgressRun,
  rate: number | null,
  batches: ProgressRun['recentBatches'],
  now: number,
): ProgressEstimate['remainingSeconds'] {
  if (run.state === 'done') return { low: 0, likely: 0, high: 0 };
  if (run.state !== 'running' || run.totalItems <= 0 || rate === null || rate <= 0) return null;
  const left = Math.max(0, run.totalItems - run.processedItems);
  if (left === 0) return { low: 0, likely: 0, high: 0 };
  const averageBatchMs = batches.reduce((sum, batch) => sum + batch.durationMs, 0) / Math.max(1, batches.length);
  const sinceUpdate = Math.min(Math.max(0, now - run.updatedAt), averageBatchMs) / 1000;
  const spread = uncertainty(batches, left);
  const likely = Math.max(0, left / rate - sinceUpdate);
  return {
    low: Math.max(0, (left / rate) * (1 - spread) - sinceUpdate),
    likely,
    high: Math.max(likely, (left / rate) * (1 + spread) - sinceUpdate),
  };
}

/**
 * Half width of the range as a share of the estimate: how much the time per item differed between batches, less the more batches are
 * still to come (differences even out), never below 5 %. With fewer than three batches nobody knows: half.
 */
function uncertainty(batches: ProgressRun['recentBatches'], left: number): number {
  const useful = batches.filter((batch) => batch.items > 0);
  if (useful.length < 3) return 0.5;
  const perItem = useful.map((batch) => batch.durationMs / batch.items);
  const mean = perItem.reduce((sum, value) => sum + value, 0) / perItem.length;
  const variance = perItem.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (perItem.length - 1);
  const variation = mean > 0 ? Math.sqrt(variance) / mean : 0;
  const items = useful.reduce((sum, batch) => sum + batch.items, 0) / useful.length;
  const batchesLeft = Math.max(1, left / items);
  // Error of the mean that was measured, and of the sum that is to come; 1.645 is 90 % of a normal distribution.
  const relative = 1.645 * variation * Math.sqrt(1 / useful.length + 1 / batchesLeft);
  return Math.min(0.9, Math.max(0.05, relative));
}

/** How long a run may be silent before it counts as stalled: at least a minute, and five times its usual gap. */
export function stallAfterMs(run: ProgressRun): number {
  const gaps = run.recentBatches.map((batch) => batch.durationMs).sort((a, b) => a - b);
  const median = gaps[Math.floor(gaps.length / 2)] ?? 0;
  return Math.max(60_000, 5 * median);
}
