import type { CheckWindowView } from '../../model/api.ts';
import type { CheckInfo } from '../../model/check.ts';
import type { Matcher } from '../../model/sample.ts';
import { Sketch } from '../../model/sketch.ts';
import type { SeriesStore } from '../../model/store.ts';

const hour = 3_600_000;
/** The windows, with the finest steps their tier of the store holds. */
const windows = [
  { window: '1h', spanMs: hour, finestMs: 1000 },
  { window: '24h', spanMs: 24 * hour, finestMs: 10_000 },
  { window: '7d', spanMs: 7 * 24 * hour, finestMs: 60_000 },
] as const;

/**
 * How a check was over three windows: how many runs failed, and the percentiles of how long they took; beside it the same of the
 * application's real traffic, when the check asks one of its routes. Percentiles come from single runs where runs are as far apart as
 * the steps that are kept, else from the means of steps (`step_seconds` says which).
 */
export async function checkWindows(
  series: SeriesStore,
  check: CheckInfo,
  now: number,
  signal?: AbortSignal,
): Promise<CheckWindowView[]> {
  return Promise.all(
    windows.map(async ({ window, spanMs, finestMs }) => {
      const range = { from: now - spanMs, to: now + 1, stepMs: Math.max(finestMs, check.intervalMs) };
      const [runs, traffic] = await Promise.all([
        synthetic(series, check.id, range, signal),
        check.operation === undefined ? null : realTraffic(series, check.operation, range, signal),
      ]);
      return { window, step_seconds: range.stepMs / 1000, ...runs, traffic };
    }),
  );
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
}

async function synthetic(series: SeriesStore, id: string, range: Range, signal?: AbortSignal) {
  const matchers: Matcher[] = [{ name: 'check', op: '=', value: id }];
  const query = { ...range, matchers, aggregates: ['avg', 'count'] as const };
  const [up, took] = await Promise.all([
    series.query({ name: 'check_up', ...query }, signal),
    series.query({ name: 'check_duration_seconds', ...query }, signal),
  ]);
  let runs = 0;
  let good = 0;
  for (const [value, count] of steps(up)) {
    runs += count;
    good += value * count;
  }
  const sketch = new Sketch();
  // A step of several runs counts as often as it has runs, up to what keeps this quick.
  for (const [value, count] of steps(took)) for (let i = 0; i < Math.min(count, 60); i++) sketch.record(value);
  return { runs, error_ratio: runs === 0 ? null : Math.max(0, 1 - good / runs), ...percentiles(sketch) };
}

function* steps(answer: Awaited<ReturnType<SeriesStore['query']>>): Generator<[number, number]> {
  for (const { values } of answer.series) {
    for (const [index, value] of (values['avg'] ?? []).entries()) {
      const count = values['count']?.[index] ?? 0;
      if (Number.isFinite(value) && count > 0) yield [value, count];
    }
  }
}

const nothing = { p50_ms: null, p95_ms: null, p99_ms: null };

function percentiles(sketch: Sketch) {
  if (sketch.count === 0) return nothing;
  const ms = (share: number) => sketch.quantile(share) * 1000;
  return { p50_ms: ms(0.5), p95_ms: ms(0.95), p99_ms: ms(0.99) };
}

async function realTraffic(series: SeriesStore, operation: string, { from, to }: Range, signal?: AbortSignal) {
  const found = await series.sketches(
    { name: 'operation_duration_seconds', matchers: [{ name: 'category', op: '=', value: 'api' }], from, to },
    signal,
  );
  const own = found.filter(({ labels }) => isRoute(labels['operation'] ?? '', operation));
  const sketch = new Sketch();
  for (const one of own) sketch.merge(one.sketch);
  if (sketch.count === 0) return null;
  const names = [...new Set(own.map(({ labels }) => labels['operation'] ?? ''))];
  let errors = 0;
  for (const name of names) {
    const matchers: Matcher[] = [{ name: 'operation', op: '=', value: name }];
    const stepMs = Math.max(1, to - from);
    const answer = await series.query(
      { name: 'operation_errors_total', matchers, from, to, stepMs, aggregates: ['increase'] },
      signal,
    );
    for (const { values } of answer.series)
      for (const value of values['increase'] ?? []) if (Number.isFinite(value)) errors += value;
  }
  const failed = Math.min(sketch.count, Math.round(errors));
  return { operations: names, requests: sketch.count, error_ratio: failed / sketch.count, ...percentiles(sketch) };
}

/** Whether a route of the application (`GET /orders/:id`) serves what a check asks (`GET /orders/7`). */
export function isRoute(route: string, asked: string): boolean {
  if (route === asked) return true;
  const [a, b] = [route.split('/'), asked.split('/')];
  return a.length === b.length && a.every((part, index) => part === b[index] || (index > 0 && part.startsWith(':')));
}
