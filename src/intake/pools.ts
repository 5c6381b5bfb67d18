import type { Clock } from '../model/clock.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { FallbackReport, FallbackState, PoolState, PoolsView } from '../model/pool.ts';
import type { AgentsView, Source } from '../model/signal.ts';
import { Sketch } from '../model/sketch.ts';
import type { DeltaSeries } from './delta-series.ts';
import type { PendingChanges } from './pending.ts';
import type { TrustedPool } from './read-pool.ts';
import type { SlowShelf } from './slow-shelf.ts';

/** Pools and chains of all processes; more are refused and counted. */
const mostPools = 500;
/** Statements with figures of their own, of all pools; more go into `other`. */
const mostStatements = 1000;
const keepGoneMs = 60_000;
const windowMs = 60_000;
/** The text of a statement is written again so often, so that it outlives its figures. */
const textEveryMs = 6 * 3_600_000;

interface Pool {
  readonly source: Source;
  readonly name: string;
  kind: string;
  snapshot: PoolState['snapshot'];
  /** On the monotonic clock. */
  heardAt: number;
  gone: boolean;
  errors: number;
  timeouts: number;
  exhaustions: number;
  waits: { readonly at: number; readonly sketch: Sketch }[];
}

interface Chain {
  readonly source: Source;
  report: FallbackReport;
  heardAt: number;
  readonly totals: Map<string, { served: number; failed: number }>;
}

export interface PoolsOptions {
  readonly clock: Clock;
  readonly agents: AgentsView;
  readonly deltas: DeltaSeries;
  readonly pending: PendingChanges;
  readonly slow: SlowShelf;
  readonly journal: (entry: Omit<JournalEntry, 'id' | 'at'>) => void;
  readonly onLoss: (kind: string, amount: number) => void;
}

/** Knows every watched pool and fallback chain: the newest snapshot, and the series they become. */
export class Pools implements PoolsView {
  readonly #options: PoolsOptions;
  readonly #pools = new Map<string, Pool>();
  readonly #chains = new Map<string, Chain>();
  /** When the text of a statement was written last. */
  readonly #written = new Map<string, number>();

  constructor(options: PoolsOptions) {
    this.#options = options;
  }

  add(report: TrustedPool, source: Source): void {
    const { clock, deltas, slow, onLoss } = this.#options;
    const key = `${source.instance}\n${report.name}`;
    let pool = this.#pools.get(key);
    if (!pool) {
      if (this.#pools.size >= mostPools) {
        onLoss('pools', 1);
        return;
      }
      pool = {
        source,
        name: report.name,
        kind: report.kind,
        snapshot: report.snapshot,
        heardAt: 0,
        gone: false,
        errors: 0,
        timeouts: 0,
        exhaustions: 0,
        waits: [],
      };
      this.#pools.set(key, pool);
    }
    pool.kind = report.kind;
    pool.snapshot = report.snapshot;
    pool.heardAt = clock.monotonic();
    pool.gone = report.gone;
    const labels = { pool: report.name, service: source.service };
    for (const what of ['errors', 'timeouts', 'exhaustions'] as const) {
      pool[what] += report[what];
      deltas.count(`db_pool_${what}_total`, labels, report[what]);
    }
    if (report.waits.count > 0) {
      pool.waits.push({ at: clock.monotonic(), sketch: report.waits });
      deltas.distribution('db_pool_wait_seconds', labels, report.waits);
    }
    if (report.holds.count > 0) deltas.distribution('db_pool_hold_seconds', labels, report.holds);
    for (const statement of report.statements) this.#statement(statement, labels);
    for (const query of report.slow) slow.add(query);
  }

  addFallback(report: FallbackReport, source: Source): void {
    const { clock, deltas, journal } = this.#options;
    const key = `${source.instance}\n${report.name}`;
    const known = this.#chains.get(key);
    if (!known && this.#chains.size >= mostPools) {
      this.#options.onLoss('fallbacks', 1);
      return;
    }
    const chain: Chain = known ?? { source, report, heardAt: 0, totals: new Map() };
    for (const connection of report.connections) {
      const labels = { fallback: report.name, connection: connection.name, service: source.service };
      deltas.count('db_fallback_operations_total', labels, connection.served);
      deltas.count('db_fallback_failures_total', labels, connection.failed);
      deltas.set('db_fallback_breaker_open', labels, connection.breaker === 'closed' ? 0 : 1);
      const total = chain.totals.get(connection.name) ?? { served: 0, failed: 0 };
      chain.totals.set(connection.name, {
        served: total.served + connection.served,
        failed: total.failed + connection.failed,
      });
      const before = known?.report.connections.find(({ name }) => name === connection.name)?.breaker ?? 'closed';
      // Half-open is a moment on the way; opened and closed are what happened.
      if (connection.breaker === 'open' && before === 'closed')
        journal(
          breakerEntry(
            report,
            connection.name,
            source,
            `opened after ${connection.failures} failures: ${connection.reason}`,
            'warning',
          ),
        );
      if (connection.breaker === 'closed' && before !== 'closed')
        journal(breakerEntry(report, connection.name, source, 'closed again', 'info'));
    }
    chain.report = report;
    chain.heardAt = clock.monotonic();
    this.#chains.set(key, chain);
  }

  pools(): PoolState[] {
    return [...this.#pools.values()].map((pool) => {
      const sketch = new Sketch();
      for (const one of pool.waits) sketch.merge(one.sketch);
      const quantile = (q: number) => (sketch.count === 0 ? null : sketch.quantile(q));
      const { source, name, kind, snapshot, errors, timeouts, exhaustions } = pool;
      return {
        name,
        kind,
        service: source.service,
        instance: source.instance,
        snapshot,
        waits: { count: sketch.count, p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) },
        errors,
        timeouts,
        exhaustions,
        state: this.#state(source, pool.gone),
      };
    });
  }

  fallbacks(): FallbackState[] {
    return [...this.#chains.values()].map(({ source, report, totals }) => ({
      name: report.name,
      service: source.service,
      instance: source.instance,
      connections: report.connections.map((one) => {
        const total = totals.get(one.name) ?? { served: 0, failed: 0 };
        return { ...one, servedTotal: total.served, failedTotal: total.failed };
      }),
      current: report.current,
      state: this.#state(source, report.gone === true),
    }));
  }

  /** Once a second: gauges of all processes together, and forgetting. */
  tick(): void {
    const { clock, deltas } = this.#options;
    const now = clock.monotonic();
    const sums = new Map<
      string,
      { pool: string; service: string; used: number; idle: number; waiting: number; max: number }
    >();
    for (const [key, pool] of this.#pools) {
      while (pool.waits[0] && now - pool.waits[0].at > windowMs) pool.waits.shift();
      const state = this.#state(pool.source, pool.gone);
      if (state !== 'live' && now - pool.heardAt > keepGoneMs) this.#pools.delete(key);
      const id = `${pool.name}\n${pool.source.service}`;
      const sum = sums.get(id) ?? {
        pool: pool.name,
        service: pool.source.service,
        used: 0,
        idle: 0,
        waiting: 0,
        max: 0,
      };
      sums.set(id, sum);
      // What ended holds nothing; its zero is written once more while it is in view.
      if (pool.gone) continue;
      sum.used += pool.snapshot.used;
      sum.idle += pool.snapshot.idle;
      sum.waiting += pool.snapshot.waiting;
      sum.max += pool.snapshot.max ?? 0;
    }
    for (const { pool, service, used, idle, waiting, max } of sums.values()) {
      const labels = { pool, service };
      deltas.set('db_pool_connections', { ...labels, state: 'used' }, used);
      deltas.set('db_pool_connections', { ...labels, state: 'idle' }, idle);
      deltas.set('db_pool_waiting_requests', labels, waiting);
      if (max > 0) deltas.set('db_pool_connections_max', labels, max);
    }
    for (const [key, chain] of this.#chains) {
      const state = this.#state(chain.source, chain.report.gone === true);
      if (state !== 'live' && now - chain.heardAt > keepGoneMs) this.#chains.delete(key);
    }
  }

  #statement(
    { shape, errors, rows, durations }: TrustedPool['statements'][number],
    labels: { pool: string; service: string },
  ): void {
    const { clock, deltas, pending, onLoss } = this.#options;
    const now = clock.now();
    const written = this.#written.get(shape.id);
    let id = shape.id;
    if (written === undefined && this.#written.size >= mostStatements) {
      onLoss('statements', 1);
      id = 'other';
    } else if (id !== 'other' && (written === undefined || Math.abs(now - written) > textEveryMs)) {
      this.#written.set(id, now);
      pending.put('statements', { ...shape, lastSeenAt: now });
    }
    const all = { ...labels, statement: id };
    deltas.distribution('db_query_duration_seconds', all, durations);
    deltas.count('db_query_total', all, durations.count);
    deltas.count('db_query_errors_total', all, errors);
    if (rows > 0) deltas.count('db_query_rows_total', all, rows);
  }

  #state(source: Source, gone: boolean): PoolState['state'] {
    if (gone) return 'gone';
    const agent = this.#options.agents.all().find((one) => one.source.instance === source.instance);
    if (agent === undefined || agent.state === 'gone' || agent.state === 'lost') return 'gone';
    return agent.state === 'live' ? 'live' : 'stale';
  }
}

function breakerEntry(
  report: FallbackReport,
  connection: string,
  source: Source,
  what: string,
  severity: JournalEntry['severity'],
): Omit<JournalEntry, 'id' | 'at'> {
  const now = report.current === null ? 'no connection is left' : `operations use ${report.current}`;
  return {
    kind: 'breaker',
    severity,
    text: `${source.service}: the breaker of ${connection} (${report.name}) ${what}; ${now}.`,
    about: { fallback: report.name, connection, service: source.service },
  };
}
