import type { CheckView } from '../../model/api.ts';
import type { Clock } from '../../model/clock.ts';
import type { SeriesStore } from '../../model/store.ts';

type Uptime = CheckView['uptime'];
const hour = 3_600_000;
const windows = [
  { window: '24h', spanMs: 24 * hour, stepMs: 60_000 },
  { window: '7d', spanMs: 7 * 24 * hour, stepMs: hour },
  { window: '30d', spanMs: 30 * 24 * hour, stepMs: hour },
] as const;

export const noUptime: Uptime = windows.map(({ window }) => ({ window, ratio: null, coverage_ratio: 0 }));

/** Uptime of every check over three windows, computed for all checks at once and kept for a minute. */
export interface Uptimes {
  of(checkId: string): Promise<Uptime>;
}

/** Reads `check_up` (1 = ok or warning, 0 = error, no point = not observed). */
export function createUptimes(series: SeriesStore, clock: Clock): Uptimes {
  let computedAt = Number.NEGATIVE_INFINITY;
  let kept: Promise<Map<string, Uptime>> = Promise.resolve(new Map());
  return {
    async of(checkId) {
      if (clock.monotonic() - computedAt > 60_000) {
        computedAt = clock.monotonic();
        kept = compute(series, clock.now());
        kept.catch(() => {
          computedAt = Number.NEGATIVE_INFINITY;
        });
      }
      return (await kept).get(checkId) ?? noUptime;
    },
  };
}

async function compute(series: SeriesStore, now: number): Promise<Map<string, Uptime>> {
  const all = new Map<string, Uptime>();
  for (const [index, { window, spanMs, stepMs }] of windows.entries()) {
    const answer = await series.query({
      name: 'check_up',
      from: now - spanMs,
      to: now + 1,
      stepMs,
      aggregates: ['avg'],
      limit: 2000,
    });
    for (const one of answer.series) {
      const id = one.labels['check'];
      if (id === undefined) continue;
      const values = (one.values['avg'] ?? []).filter((value) => Number.isFinite(value));
      const uptime = all.get(id) ?? noUptime.map((entry) => ({ ...entry }));
      // Steps count alike, however many runs they hold: uptime is a share of time, not of runs.
      uptime[index] = {
        window,
        ratio: values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length,
        coverage_ratio: Math.min(1, values.length / (spanMs / stepMs)),
      };
      all.set(id, uptime);
    }
  }
  return all;
}
