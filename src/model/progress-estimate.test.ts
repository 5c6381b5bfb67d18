import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ProgressRun } from './progress.ts';
import { estimateProgress, stallAfterMs } from './progress-estimate.ts';

const run = (parts: Partial<ProgressRun> = {}): ProgressRun => ({
  id: 'r',
  name: 'import',
  instance: 'i',
  state: 'running',
  totalItems: 1000,
  processedItems: 100,
  successfulItems: 100,
  failedItems: 0,
  skippedItems: 0,
  restoredItems: 0,
  message: '',
  startedAt: 0,
  updatedAt: 10_000,
  batches: 10,
  recentBatches: Array.from({ length: 10 }, (_, index) => ({ at: index * 1000, items: 10, durationMs: 1000 })),
  ...parts,
});

test('steady batches give a narrow range around the truth', () => {
  const { itemsPerSecond, remainingSeconds, ratio } = estimateProgress(run(), 10_000);
  expect([itemsPerSecond, ratio, remainingSeconds?.likely]).toEqual([10, 0.1, 90]);
  expect(remainingSeconds!.low).toBeCloseTo(85.5);
  expect(remainingSeconds!.high).toBeCloseTo(94.5);
});

test('restored items do not make the job look faster', () => {
  const resumed = run({
    processedItems: 910,
    restoredItems: 900,
    batches: 1,
    recentBatches: [{ at: 0, items: 10, durationMs: 1000 }],
  });
  expect(estimateProgress(resumed, 1000)).toMatchObject({ itemsPerSecond: 10, remainingSeconds: { likely: 9 } });
  expect(estimateProgress(run({ processedItems: 900, restoredItems: 900, recentBatches: [] }), 1000)).toMatchObject({
    itemsPerSecond: null,
    remainingSeconds: null,
  });
});

test('between updates the estimate runs down by at most one batch', () => {
  expect(estimateProgress(run(), 10_500).remainingSeconds?.likely).toBe(89.5);
  expect(estimateProgress(run(), 600_000).remainingSeconds?.likely).toBe(89);
});

test.each(['paused', 'stalled', 'failed', 'abandoned'] as const)('says nothing of the end while it is %s', (state) => {
  expect(estimateProgress(run({ state }), 10_000).remainingSeconds).toBeNull();
});

test('never says nonsense, whatever a run reports', () => {
  const amount = fc.integer({ min: 0, max: 1_000_000 });
  fc.assert(
    fc.property(
      fc.record({
        totalItems: amount,
        processedItems: amount,
        restoredItems: amount,
        updatedAt: amount,
        startedAt: amount,
      }),
      fc.array(fc.record({ at: amount, items: amount, durationMs: amount }), { maxLength: 20 }),
      amount,
      (parts, recentBatches, now) => {
        const { ratio, itemsPerSecond, remainingSeconds, elapsedSeconds } = estimateProgress(
          run({ ...parts, recentBatches }),
          now,
        );
        if (ratio !== null) expect(ratio >= 0 && ratio <= 1).toBe(true);
        if (itemsPerSecond !== null) expect(Number.isFinite(itemsPerSecond) && itemsPerSecond >= 0).toBe(true);
        expect(elapsedSeconds).toBeGreaterThanOrEqual(0);
        if (!remainingSeconds) return;
        expect(remainingSeconds.low).toBeGreaterThanOrEqual(0);
        expect(remainingSeconds.low).toBeLessThanOrEqual(remainingSeconds.likely);
        expect(remainingSeconds.likely).toBeLessThanOrEqual(remainingSeconds.high);
      },
    ),
  );
});

test('a job counts as stalled after a minute or five usual gaps', () => {
  expect(stallAfterMs(run())).toBe(60_000);
  expect(stallAfterMs(run({ recentBatches: [{ at: 0, items: 1, durationMs: 30_000 }] }))).toBe(150_000);
});
