import type { FallbackView, PoolView, SlowQueryView, StatementView } from '../../model/api.ts';
import type { FallbackState, PoolState, SlowQuery, StatementRecord } from '../../model/pool.ts';
import { type PoolLimits, poolVerdict } from '../../model/pool-verdict.ts';
import type { Labels, Matcher } from '../../model/sample.ts';
import type { SeriesStore } from '../../model/store.ts';

export function poolView(pool: PoolState, limits: PoolLimits): PoolView {
  const { name, kind, service, instance, state, snapshot, waits, errors, timeouts, exhaustions } = pool;
  const { level, text } = poolVerdict(snapshot, limits);
  return {
    name,
    kind,
    service,
    instance,
    state,
    verdict: state === 'live' ? level : 'unknown',
    text:
      state === 'live' ? text : state === 'gone' ? `ended; it was: ${text}` : `its process is silent; it was: ${text}`,
    at: snapshot.at,
    used: snapshot.used,
    idle: snapshot.idle,
    waiting: snapshot.waiting,
    max: snapshot.max,
    longest_wait_ms: snapshot.longestWaitMs,
    shortest_wait_ms: snapshot.shortestWaitMs,
    longest_hold_ms: snapshot.longestHoldMs,
    shortest_hold_ms: snapshot.shortestHoldMs,
    holders: snapshot.holders.map(({ site, count, longestMs, statement, stack }) => ({
      site,
      count,
      longest_ms: longestMs,
      statement,
      stack,
    })),
    wait: waits,
    errors,
    timeouts,
    exhaustions,
  };
}

export function fallbackView({ name, service, instance, state, current, connections }: FallbackState): FallbackView {
  return {
    name,
    service,
    instance,
    state,
    current,
    connections: connections.map((one) => ({
      name: one.name,
      breaker: one.breaker,
      since_at: one.since,
      failures: one.failures,
      retry_at: one.retryAt,
      reason: one.reason,
      served: one.servedTotal,
      failed: one.failedTotal,
    })),
  };
}

export function slowQueryView(query: SlowQuery): SlowQueryView {
  return {
    id: query.id,
    at: query.at,
    pool: query.pool,
    service: query.service,
    instance: query.instance,
    statement: query.statement,
    text: query.text,
    duration_ms: query.durationMs,
    wait_ms: query.waitMs,
    rows: query.rows,
    caller: query.caller,
    trace_id: query.traceId ?? null,
    correlation_id: query.correlationId ?? null,
    error: query.error ?? null,
  };
}

const key = (labels: Labels): string =>
  `${labels['service'] ?? ''}\n${labels['pool'] ?? ''}\n${labels['statement'] ?? ''}`;

/** What every statement did in [from, to), most time first; percentiles come from merged sketches. */
export async function statements(
  series: SeriesStore,
  texts: ReadonlyMap<string, StatementRecord>,
  range: { readonly from: number; readonly to: number; readonly pool?: string | undefined },
  signal?: AbortSignal,
): Promise<StatementView[]> {
  const { from, to, pool } = range;
  const matchers: Matcher[] = pool === undefined ? [] : [{ name: 'pool', op: '=', value: pool }];
  const [sketches, errors, rows] = await Promise.all([
    series.sketches({ name: 'db_query_duration_seconds', matchers, from, to }, signal),
    totals(series, 'db_query_errors_total', matchers, range, signal),
    totals(series, 'db_query_rows_total', matchers, range, signal),
  ]);
  const seen = sketches.filter(({ sketch }) => sketch.count > 0);
  const allSeconds = seen.reduce((sum, { sketch }) => sum + sketch.sum, 0);
  return seen
    .map(({ labels, sketch }): StatementView => {
      const id = labels['statement'] ?? '';
      const known = texts.get(id);
      return {
        statement: id,
        pool: labels['pool'] ?? '',
        service: labels['service'] ?? '',
        text: known?.text ?? (id === 'other' ? 'other' : ''),
        summary: known?.summary ?? (id === 'other' ? 'other' : ''),
        count: sketch.count,
        errors: Math.min(sketch.count, Math.round(errors.get(key(labels)) ?? 0)),
        rows: Math.round(rows.get(key(labels)) ?? 0),
        per_second: sketch.count / (Math.max(1, to - from) / 1000),
        avg: sketch.sum / sketch.count,
        max: sketch.max,
        p50: sketch.quantile(0.5),
        p95: sketch.quantile(0.95),
        p99: sketch.quantile(0.99),
        time_ratio: allSeconds === 0 ? 0 : sketch.sum / allSeconds,
      };
    })
    .sort((a, b) => b.time_ratio - a.time_ratio);
}

/** What a counter grew by over the range, per statement. */
async function totals(
  series: SeriesStore,
  name: string,
  matchers: readonly Matcher[],
  { from, to }: { readonly from: number; readonly to: number },
  signal?: AbortSignal,
): Promise<Map<string, number>> {
  const stepMs = Math.max(1, to - from);
  const answer = await series.query(
    { name, matchers, from, to, stepMs, aggregates: ['increase'], limit: 5000 },
    signal,
  );
  const sums = new Map<string, number>();
  for (const { labels, values } of answer.series) {
    for (const value of values['increase'] ?? [])
      if (Number.isFinite(value)) sums.set(key(labels), (sums.get(key(labels)) ?? 0) + value);
  }
  return sums;
}
