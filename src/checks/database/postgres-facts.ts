import type { Client } from 'pg';
import { formatDuration } from '../../model/duration.ts';
import type { ServerFacts } from './kind.ts';

/** Longer than this in a transaction without doing anything holds locks and keeps vacuum from cleaning. */
const idleInTransactionSeconds = 300;
/** From this share of max_connections on the next burst of clients is refused. */
const crowdedShare = 0.9;
/** Longer than this waiting for another's lock is worth a word. */
const blockedSeconds = 30;

/**
 * Everything worth knowing in one question, so that a pass costs the server about a millisecond. Only catalogues are read, nothing is locked.
 * pg_stat_activity shows others' states without special rights; durations of others need pg_monitor and are null without.
 */
const question = `
SELECT
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS max_connections,
  pg_is_in_recovery() AS standby,
  CASE WHEN pg_is_in_recovery() THEN EXTRACT(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 END AS replay_age,
  a.*, d.blks_hit::float8, d.blks_read::float8, d.deadlocks::float8, d.xact_commit::float8, d.xact_rollback::float8
FROM (
  SELECT
    count(*) FILTER (WHERE backend_type = 'client backend')::int AS used,
    count(*) FILTER (WHERE state = 'active' AND pid <> pg_backend_pid())::int AS active,
    count(*) FILTER (WHERE state = 'idle')::int AS idle,
    count(*) FILTER (WHERE state LIKE 'idle in transaction%')::int AS idle_in_transaction,
    count(*) FILTER (WHERE wait_event_type = 'Lock')::int AS blocked,
    COALESCE(max(EXTRACT(epoch FROM clock_timestamp() - query_start)) FILTER (WHERE state = 'active' AND backend_type = 'client backend' AND pid <> pg_backend_pid()), 0)::float8 AS longest_query,
    COALESCE(max(EXTRACT(epoch FROM clock_timestamp() - state_change)) FILTER (WHERE state LIKE 'idle in transaction%'), 0)::float8 AS longest_idle_in_transaction,
    COALESCE(max(EXTRACT(epoch FROM clock_timestamp() - state_change)) FILTER (WHERE wait_event_type = 'Lock'), 0)::float8 AS longest_blocked
  FROM pg_stat_activity
) a, pg_stat_database d
WHERE d.datname = current_database()`;

/** Asked only when somebody waits: who stands in whose way, at most ten. Queries are cut and never contain parameters' values by themselves. */
const blockers = `
SELECT w.pid, w.usename AS who, left(w.query, 120) AS query, pg_blocking_pids(w.pid) AS blocked_by,
  (SELECT left(b.query, 120) FROM pg_stat_activity b WHERE b.pid = (pg_blocking_pids(w.pid))[1]) AS blocking_query
FROM pg_stat_activity w WHERE w.wait_event_type = 'Lock' ORDER BY w.query_start LIMIT 10`;

interface Row {
  readonly max_connections: number;
  readonly standby: boolean;
  readonly replay_age: number | null;
  readonly used: number;
  readonly active: number;
  readonly idle: number;
  readonly idle_in_transaction: number;
  readonly blocked: number;
  readonly longest_query: number;
  readonly longest_idle_in_transaction: number;
  readonly longest_blocked: number;
  readonly blks_hit: number;
  readonly blks_read: number;
  readonly deadlocks: number;
  readonly xact_commit: number;
  readonly xact_rollback: number;
}

/** Asks a PostgreSQL server how it is. A server that refuses the question (a pooler's console, no rights) has no facts, which is no failure. */
export async function postgresFacts(client: Client, budgetMs: number): Promise<ServerFacts> {
  const limits = `SET LOCAL statement_timeout = ${Math.max(1, Math.floor(budgetMs / 2))}; SET LOCAL lock_timeout = 100;`;
  const ask = async <T>(sql: string): Promise<T[]> => {
    // Several statements give a list of results; ours is the last.
    const answer = (await client.query(`${limits} ${sql}`)) as unknown as { rows: T[] }[] | { rows: T[] };
    return (Array.isArray(answer) ? answer.at(-1)?.rows : answer.rows) ?? [];
  };
  try {
    const [row] = await ask<Row>(question);
    if (!row) return { seen: {} };
    const tree = row.blocked > 0 ? await ask<Record<string, unknown>>(blockers) : [];
    return describe(row, tree);
  } catch (error) {
    // Only the server's own refusal is forgiven; a lost connection is the caller's business.
    if (!(error instanceof Error && 'severity' in error)) throw error;
    return { seen: { statistics: `not available: ${error.message}` } };
  }
}

function describe(row: Row, tree: readonly Record<string, unknown>[]): ServerFacts {
  const usedShare = row.max_connections > 0 ? row.used / row.max_connections : 0;
  const hits = row.blks_hit + row.blks_read;
  const problems: string[] = [];
  if (usedShare >= crowdedShare) problems.push(`${row.used} of ${row.max_connections} connections are in use`);
  if (row.longest_idle_in_transaction > idleInTransactionSeconds) {
    problems.push(`a session sits idle in a transaction for ${formatDuration(row.longest_idle_in_transaction * 1000)}`);
  }
  if (row.longest_blocked > blockedSeconds) {
    problems.push(`${row.blocked} waiting for locks, the longest for ${formatDuration(row.longest_blocked * 1000)}`);
  }
  const gauge = (name: string, value: number) => ({ name, labels: {}, value });
  const counter = (name: string, value: number) => ({ name, labels: {}, value, kind: 'counter' as const });
  return {
    seen: {
      connections_used: row.used,
      connections_max: row.max_connections,
      connections_active: row.active,
      connections_idle: row.idle,
      connections_idle_in_transaction: row.idle_in_transaction,
      sessions_blocked: row.blocked,
      longest_query_seconds: row.longest_query,
      longest_idle_in_transaction_seconds: row.longest_idle_in_transaction,
      ...(hits > 0 ? { cache_hit_ratio: row.blks_hit / hits } : {}),
      deadlocks_total: row.deadlocks,
      role: row.standby ? 'standby' : 'primary',
      ...(row.replay_age === null ? {} : { replay_age_seconds: row.replay_age }),
      ...(tree.length > 0 ? { blocking: tree } : {}),
    },
    samples: [
      gauge('database_connections_used', row.used),
      gauge('database_connections_max', row.max_connections),
      gauge('database_connections_active', row.active),
      gauge('database_connections_idle_in_transaction', row.idle_in_transaction),
      gauge('database_sessions_blocked', row.blocked),
      gauge('database_longest_query_seconds', row.longest_query),
      ...(hits > 0 ? [gauge('database_cache_hit_ratio', row.blks_hit / hits)] : []),
      ...(row.replay_age === null ? [] : [gauge('database_replay_age_seconds', row.replay_age)]),
      counter('database_deadlocks_total', row.deadlocks),
      counter('database_transactions_total', row.xact_commit + row.xact_rollback),
      counter('database_rollbacks_total', row.xact_rollback),
    ],
    problems,
  };
}
