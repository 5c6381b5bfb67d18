import type { Clock } from '../model/clock.ts';

/**
 * Keeps the newest answer of `compute` for `ttlMs` and lets callers share a computation under way, so that ten open
 * dashboards cost what one costs. A failure is not kept.
 */
export function memo<T>(clock: Clock, ttlMs: number, compute: () => Promise<T>): () => Promise<T> {
  let until = Number.NEGATIVE_INFINITY;
  let kept: Promise<T> | undefined;
  return () => {
    if (kept !== undefined && clock.monotonic() < until) return kept;
    const mine = compute();
    kept = mine;
    until = clock.monotonic() + ttlMs;
    mine.catch(() => {
      if (kept === mine) kept = undefined;
    });
    return mine;
  };
}
