import type { CheckView } from '../../model/api.ts';
import { type Query, useQuery } from './query.ts';

/** All checks, kept up to date by the events of the stream: one result does not ask for all of them again. */
export function useChecks(): Query<{ checks: CheckView[] }> {
  return useQuery<{ checks: CheckView[] }>('checks', () => '/checks', {
    every: 60_000,
    patch: (data, event) => {
      if (event.type !== 'check') return undefined;
      const { check } = event;
      const known = data.checks.findIndex(({ id }) => id === check.id);
      return { checks: known < 0 ? [...data.checks, check] : data.checks.with(known, check) };
    },
  });
}

/** Worst first, then as they were configured. */
const order: Record<CheckView['status'], number> = { error: 0, stale: 1, warning: 2, unknown: 3, ok: 4 };
export const worstFirst = (a: CheckView, b: CheckView): number => order[a.status] - order[b.status];

/** The one `q` of a share, over the durations that were seen; null when there are none. */
export function typical(recent: CheckView['recent'], share: number): number | null {
  const sorted = recent.map((result) => result.duration_ms).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}
