import type { Episode } from '../../model/alert.ts';
import type { ExplanationView } from '../../model/api.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Matcher } from '../../model/sample.ts';
import type { ServerOptions } from '../options.ts';

const hour = 3_600_000;
const day = 24 * hour;
const steps = 30;

type Figures = { average: number | null; highest: number | null };

/** The alert's series now and at the same hour of yesterday and last week; empty when it has none. */
export async function baselineOf(
  options: ServerOptions,
  episode: Episode,
  signal: AbortSignal,
): Promise<Pick<ExplanationView, 'baseline' | 'current'>> {
  const { series, startedAt } = episode;
  if (!series) return { baseline: [], current: null };
  const ask = (from: number, to: number) => figuresOf(options, series, from, to, signal);
  const around = (ago: number) => ({ from: startedAt - ago - hour / 2, to: startedAt - ago + hour / 2 });
  const yesterday = around(day);
  const lastWeek = around(7 * day);
  const end = episode.resolvedAt ?? options.clock.now();
  const [before, longBefore, current] = await Promise.all([
    ask(yesterday.from, yesterday.to),
    ask(lastWeek.from, lastWeek.to),
    ask(startedAt, Math.max(end, startedAt + 1000) + 1),
  ]);
  return {
    baseline: [
      { when: 'yesterday', ...yesterday, ...before },
      { when: 'last-week', ...lastWeek, ...longBefore },
    ],
    current,
  };
}

async function figuresOf(
  { series: store }: ServerOptions,
  series: NonNullable<Episode['series']>,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<Figures> {
  const matchers = Object.entries(series.labels).map(([name, value]): Matcher => ({ name, op: '=', value }));
  const query = {
    name: series.name,
    matchers,
    from: Math.floor(from),
    to: Math.ceil(to),
    stepMs: Math.max(1000, Math.ceil((to - from) / steps)),
    limit: 20,
    deadlineMs: 2000,
  };
  try {
    const answer = await store.query({ ...query, aggregates: ['sum', 'count', 'max'] }, signal);
    return summedUp(answer.series.map(({ values }) => values));
  } catch {
    // A distribution has no sum of points; and a store that is too slow must not keep the rest of the explanation away.
    return { average: null, highest: null };
  }
}

function summedUp(list: readonly { readonly [aggregate: string]: readonly number[] }[]): Figures {
  let sum = 0;
  let count = 0;
  let highest = Number.NEGATIVE_INFINITY;
  for (const values of list) {
    for (const [i, amount] of (values['count'] ?? []).entries()) {
      const total = values['sum']?.[i] ?? Number.NaN;
      if (!Number.isFinite(total) || !(amount > 0)) continue;
      sum += total;
      count += amount;
      highest = Math.max(highest, values['max']?.[i] ?? Number.NEGATIVE_INFINITY);
    }
  }
  return { average: count > 0 ? sum / count : null, highest: Number.isFinite(highest) ? highest : null };
}

/** The unit that the name of the alert's series says. */
export function seriesUnit({ series }: Episode): string | null {
  const found = /_(ratio|seconds|bytes)$/.exec(series?.name ?? '');
  return found?.[1] ?? null;
}

/** A number of a series for people. */
export function withUnit(value: number, unit: string | null): string {
  if (unit === 'ratio') return `${Math.round(value * 1000) / 10} %`;
  if (unit === 'seconds') return formatDuration(value * 1000);
  if (unit === 'bytes') return `${Math.round(value / 104_857.6) / 10} MiB`;
  return String(Math.round(value * 1000) / 1000);
}
