import type { Matcher } from '../../model/sample.ts';
import type { Aggregate, RangeAnswer, SeriesStore } from '../../model/store.ts';

/** Which line a card draws: one aggregate over all matching series, joined step by step. */
export interface SparkQuery {
  readonly name: string;
  readonly matchers?: readonly Matcher[];
  readonly aggregate: Aggregate;
  /** How the series become one line. @default 'sum' */
  readonly join?: 'sum' | 'avg' | 'max';
}

/** `steps` values over the last `spanMs`, oldest first; null where nothing was seen. */
export async function spark(
  series: SeriesStore,
  query: SparkQuery,
  now: number,
  spanMs = 3_600_000,
  steps = 60,
): Promise<(number | null)[]> {
  const stepMs = spanMs / steps;
  const start = Math.ceil((now - spanMs) / stepMs) * stepMs;
  const answer = await series.query({
    name: query.name,
    ...(query.matchers && { matchers: query.matchers }),
    from: start,
    to: start + steps * stepMs,
    stepMs,
    aggregates: [query.aggregate],
    limit: 200,
  });
  return joinSeries(answer, query.aggregate, start, steps, query.join ?? 'sum');
}

function joinSeries(
  answer: RangeAnswer,
  aggregate: string,
  start: number,
  steps: number,
  join: 'sum' | 'avg' | 'max',
): (number | null)[] {
  const line: (number | null)[] = new Array(steps).fill(null);
  const counts = new Uint32Array(steps);
  for (const one of answer.series) {
    const values = one.values[aggregate] ?? [];
    for (const [i, at] of one.at.entries()) {
      const value = values[i];
      const step = Math.floor((at - start) / answer.stepMs);
      if (value === undefined || !Number.isFinite(value) || step < 0 || step >= steps) continue;
      const before = line[step] ?? null;
      counts[step]! += 1;
      if (before === null) line[step] = value;
      else line[step] = join === 'max' ? Math.max(before, value) : before + value;
    }
  }
  if (join === 'avg') return line.map((value, i) => (value === null ? null : value / counts[i]!));
  return line;
}
