import type { OperationView } from '../../model/api.ts';
import type { Labels } from '../../model/sample.ts';
import type { SeriesStore } from '../../model/store.ts';

const trendSteps = 30;
const key = (labels: Labels): string => `${labels['category'] ?? 'other'}\n${labels['operation'] ?? ''}`;

/** Every operation seen in [from, to), busiest in total time first; percentiles come from merged sketches. */
export async function operations(
  series: SeriesStore,
  from: number,
  to: number,
  signal?: AbortSignal,
): Promise<OperationView[]> {
  const spanMs = Math.max(1, to - from);
  const [sketches, trends, errors, items, bytes] = await Promise.all([
    series.sketches({ name: 'operation_duration_seconds', from, to }, signal),
    trend(series, from, to, signal),
    totals(series, 'operation_errors_total', from, to, signal),
    totals(series, 'operation_items_total', from, to, signal),
    totals(series, 'operation_bytes_total', from, to, signal),
  ]);
  const seen = sketches.filter(({ sketch }) => sketch.count > 0);
  const allSeconds = seen.reduce((sum, { sketch }) => sum + sketch.sum, 0);
  return seen
    .map(({ labels, sketch }): OperationView => {
      const id = key(labels);
      const failed = Math.min(sketch.count, Math.round(errors.get(id) ?? 0));
      return {
        operation: labels['operation'] ?? '',
        category: categoryOf(labels),
        count: sketch.count,
        errors: failed,
        error_ratio: failed / sketch.count,
        per_second: sketch.count / (spanMs / 1000),
        min: sketch.min,
        avg: sketch.sum / sketch.count,
        max: sketch.max,
        p50: sketch.quantile(0.5),
        p95: sketch.quantile(0.95),
        p99: sketch.quantile(0.99),
        time_ratio: allSeconds === 0 ? 0 : sketch.sum / allSeconds,
        items: Math.round(items.get(id) ?? 0),
        bytes: Math.round(bytes.get(id) ?? 0),
        trend: trends.get(id) ?? new Array<number>(trendSteps).fill(0),
      };
    })
    .sort((a, b) => b.time_ratio - a.time_ratio);
}

function categoryOf(labels: Labels): OperationView['category'] {
  const category = labels['category'];
  return category === 'database' || category === 'api' ? category : 'other';
}

/** What a counter grew by over [from, to), per operation. */
async function totals(
  series: SeriesStore,
  name: string,
  from: number,
  to: number,
  signal?: AbortSignal,
): Promise<Map<string, number>> {
  const answer = await series.query(
    { name, from, to, stepMs: Math.max(1, to - from), aggregates: ['increase'], limit: 5000 },
    signal,
  );
  const sums = new Map<string, number>();
  for (const one of answer.series) {
    // The range may lie across two aligned steps; their increases add up.
    const sum = (one.values['increase'] ?? []).reduce(
      (total, value) => total + (Number.isFinite(value) ? value : 0),
      0,
    );
    sums.set(key(one.labels), (sums.get(key(one.labels)) ?? 0) + sum);
  }
  return sums;
}

async function trend(
  series: SeriesStore,
  from: number,
  to: number,
  signal?: AbortSignal,
): Promise<Map<string, number[]>> {
  const stepMs = Math.max(1000, Math.ceil((to - from) / trendSteps));
  const start = Math.ceil((to - trendSteps * stepMs) / stepMs) * stepMs;
  const answer = await series.query(
    { name: 'operation_duration_seconds', from: start, to, stepMs, aggregates: ['count'], limit: 5000 },
    signal,
  );
  const lines = new Map<string, number[]>();
  for (const one of answer.series) {
    const line = lines.get(key(one.labels)) ?? new Array<number>(trendSteps).fill(0);
    for (const [i, at] of one.at.entries()) {
      const step = Math.floor((at - start) / answer.stepMs);
      const count = one.values['count']?.[i] ?? 0;
      if (step >= 0 && step < trendSteps && Number.isFinite(count)) line[step]! += count / (answer.stepMs / 1000);
    }
    lines.set(key(one.labels), line);
  }
  return lines;
}
