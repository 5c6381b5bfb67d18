/** What PostgreSQL answers to `postgresQuestion`, as one JSON value. Whatever needs a right that our user lacks is null. */
export interface PostgresAnswer {
  readonly max_connections: number;
  readonly standby: boolean;
  readonly read_only: boolean;
  readonly sees_all: boolean;
  readonly replay_lag: number | null;
  readonly used: number;
  readonly active: number;
  readonly idle: number;
  readonly idle_in_transaction: number;
  readonly blocked: number;
  readonly longest_query: number | null;
  readonly longest_idle_in_transaction: number | null;
  readonly longest_blocked: number | null;
  readonly activity: readonly ActivityRow[] | null;
  readonly blocking: readonly (ActivityRow & { readonly by: readonly number[] })[] | null;
  readonly blks_hit: number;
  readonly blks_read: number;
  readonly deadlocks: number;
  readonly commits: number;
  readonly rollbacks: number;
  readonly temp_bytes: number;
  readonly xid_age: number;
  readonly replicas:
    | readonly {
        readonly name: string;
        readonly state: string;
        readonly lag_bytes: number | null;
        readonly lag_seconds: number | null;
      }[]
    | null;
  readonly slots:
    | readonly { readonly name: string; readonly active: boolean; readonly retained_bytes: number | null }[]
    | null;
  readonly statements_schema: string | null;
  readonly statements?: readonly (readonly [id: string, calls: number, totalMs: number])[] | null;
  readonly texts?: readonly (readonly [id: string, text: string])[] | null;
  readonly server_ms: number;
}

export interface ActivityRow {
  readonly pid: number;
  readonly who: string | null;
  readonly application: string | null;
  readonly state: string | null;
  readonly wait: string | null;
  readonly seconds: number | null;
  readonly xact_seconds: number | null;
  readonly query: string | null;
}

/** So many statements are compared from pass to pass: those that took the most time since the server’s statistics were reset. */
export const mostStatements = 500;

const sessionColumns = `pid, usename AS who, application_name AS application, state,
    wait_event_type || ': ' || wait_event AS wait, state_s AS seconds, xact_s AS xact_seconds, query`;

/**
 * Everything worth knowing in one question, so that a pass costs the server about a millisecond. Only catalogues are read, nothing is
 * locked. pg_stat_activity is read once; who blocks whom is asked only for those who wait. States of other users need pg_monitor.
 * @param statements where pg_stat_statements lives, and the ids of statements whose texts are wanted; texts are read from a file, so only then
 */
export function postgresQuestion(statements?: { readonly schema: string; readonly wanted: readonly string[] }): string {
  return `
WITH a AS MATERIALIZED (
  SELECT pid, usename, application_name, backend_type, state, wait_event_type, wait_event, left(query, 1000) AS query,
    EXTRACT(epoch FROM clock_timestamp() - query_start)::float8 AS query_s,
    EXTRACT(epoch FROM clock_timestamp() - state_change)::float8 AS state_s,
    EXTRACT(epoch FROM clock_timestamp() - xact_start)::float8 AS xact_s
  FROM pg_stat_activity WHERE pid <> pg_backend_pid()
), waiting AS MATERIALIZED (
  SELECT pid, pg_blocking_pids(pid) AS by FROM a WHERE wait_event_type = 'Lock' ORDER BY state_s DESC NULLS LAST LIMIT 20
)
SELECT json_build_object(
  'max_connections', current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
  'standby', pg_is_in_recovery(),
  'read_only', current_setting('transaction_read_only') = 'on',
  'sees_all', pg_has_role(current_user, 'pg_read_all_stats', 'USAGE'),
  'replay_lag', CASE WHEN NOT pg_is_in_recovery() THEN NULL
    WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
    ELSE EXTRACT(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 END,
  'used', 1 + (SELECT count(*) FROM a WHERE backend_type = 'client backend'),
  'active', (SELECT count(*) FROM a WHERE state = 'active' AND backend_type = 'client backend'),
  'idle', (SELECT count(*) FROM a WHERE state = 'idle'),
  'idle_in_transaction', (SELECT count(*) FROM a WHERE state LIKE 'idle in transaction%'),
  'blocked', (SELECT count(*) FROM a WHERE wait_event_type = 'Lock'),
  'longest_query', (SELECT max(query_s) FROM a WHERE state = 'active' AND backend_type = 'client backend'),
  'longest_idle_in_transaction', (SELECT max(state_s) FROM a WHERE state LIKE 'idle in transaction%'),
  'longest_blocked', (SELECT max(state_s) FROM a WHERE wait_event_type = 'Lock'),
  'activity', (SELECT json_agg(t) FROM (SELECT ${sessionColumns} FROM a
    WHERE backend_type = 'client backend' AND state <> 'idle' ORDER BY coalesce(xact_s, query_s) DESC NULLS LAST LIMIT 10) t),
  'blocking', (SELECT json_agg(t) FROM (SELECT ${sessionColumns}, coalesce(w.by, '{}') AS by FROM a
    LEFT JOIN (SELECT pid AS waiter, by FROM waiting) w ON w.waiter = a.pid
    WHERE w.by IS NOT NULL OR pid IN (SELECT unnest(by) FROM waiting) ORDER BY w.by IS NOT NULL, state_s DESC NULLS LAST LIMIT 20) t),
  'blks_hit', d.blks_hit, 'blks_read', d.blks_read, 'deadlocks', d.deadlocks, 'commits', d.xact_commit, 'rollbacks', d.xact_rollback,
  'temp_bytes', d.temp_bytes,
  'xid_age', (SELECT max(age(datfrozenxid)) FROM pg_database),
  'replicas', (SELECT json_agg(t) FROM (SELECT application_name AS name, state,
    pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, replay_lsn)::float8 AS lag_bytes,
    EXTRACT(epoch FROM replay_lag)::float8 AS lag_seconds FROM pg_stat_replication LIMIT 20) t),
  'slots', (SELECT json_agg(t) FROM (SELECT slot_name AS name, active,
    pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn)::float8 AS retained_bytes
    FROM pg_replication_slots LIMIT 20) t),
  'statements_schema', (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'),
  ${statements ? statementColumns(statements.schema, statements.wanted) : ''}
  'server_ms', EXTRACT(epoch FROM clock_timestamp() - statement_timestamp())::float8 * 1000
) AS answer
FROM pg_stat_database d WHERE d.datname = current_database()`;
}

function statementColumns(schema: string, wanted: readonly string[]): string {
  const view = `"${schema.replaceAll('"', '""')}".pg_stat_statements`;
  const ids = wanted.filter((id) => /^-?\d+$/.test(id));
  const texts = `'texts', (SELECT json_agg(json_build_array(queryid::text, left(query, 2000))) FROM ${view}(true)
    WHERE queryid IN (${ids.join(', ')})),`;
  return `'statements', (SELECT json_agg(json_build_array(id, calls, ms)) FROM (
    SELECT queryid::text AS id, sum(calls)::float8 AS calls, sum(total_exec_time)::float8 AS ms FROM ${view}(false)
    WHERE dbid = d.datid AND queryid IS NOT NULL GROUP BY queryid ORDER BY ms DESC LIMIT ${mostStatements}) s),
  ${ids.length > 0 ? texts : ''}`;
}
