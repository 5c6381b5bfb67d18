import type { ConditionResult } from '../../model/check.ts';
import { normalizeStatement } from '../../model/statement.ts';
import type { BlockedSession, FactsOptions, ServerFacts, ServerSession } from './kind.ts';
import { judgeSeconds, judgeShare, known } from './levels.ts';
import { lockWaits, mysqlQuestions, type SessionRow } from './mysql-questions.ts';
import { topStatements } from './statements.ts';
import type { Window } from './window.ts';

/** What is taken from SHOW GLOBAL STATUS, and the series it becomes; counters grow since the server's start. */
const wanted = [
  { variable: 'Threads_connected', series: 'database_connections_used', counter: false },
  { variable: 'Threads_running', series: 'database_connections_active', counter: false },
  { variable: 'Questions', series: 'database_commands_total', counter: true },
  { variable: 'Slow_queries', series: 'database_slow_queries_total', counter: true },
  { variable: 'Aborted_connects', series: 'database_aborted_connects_total', counter: true },
  { variable: 'Innodb_deadlocks', series: 'database_deadlocks_total', counter: true },
  { variable: 'Innodb_row_lock_current_waits', series: 'database_sessions_blocked', counter: false },
] as const;
const cacheVariables = ['Innodb_buffer_pool_reads', 'Innodb_buffer_pool_read_requests'] as const;

type Row = Record<string, unknown>;
export type AskMysql = (sql: string) => Promise<Row[]>;

/** Asks MySQL or MariaDB how it is: three statements a pass, one more when somebody waits. What the user may not see is left out and said. */
export async function mysqlFacts(ask: AskMysql, isMariadb: boolean, options: FactsOptions): Promise<ServerFacts> {
  const { window } = options;
  const notes: Record<string, string> = {};
  /** The server's refusal costs only its own part; a lost connection is the caller's business. */
  const part = async (name: string, sql: string): Promise<Row[]> => {
    if (window.texts.get(`no ${name}`) !== undefined) {
      notes[name] = window.texts.get(`no ${name}`) ?? '';
      return [];
    }
    try {
      return await ask(sql);
    } catch (error) {
      if (!(error instanceof Error && 'sqlMessage' in error)) throw error;
      notes[name] = `not available: ${error.message}`;
      window.texts.set(`no ${name}`, notes[name]);
      return [];
    }
  };
  const names = [...cacheVariables, ...wanted.map((one) => one.variable)];
  const status = await part('statistics', mysqlQuestions.status(names));
  const [limits] = await part('limits', mysqlQuestions.limits);
  const sessions = (await part('sessions', mysqlQuestions.sessions)) as unknown as SessionRow[];
  const waits = sessions.some((one) => one.waiting !== null) ? await part('lock_waits', lockWaits(isMariadb)) : [];
  const [replica] = await part('replication', mysqlQuestions.replica);
  const digests =
    options.withStatements && Number(limits?.['digests'] ?? 0) === 1
      ? await part('statement_statistics', mysqlQuestions.digests)
      : [];
  const values = new Map(status.map((row) => [String(row['Variable_name']), Number(row['Value'])]));
  const statements = takeDigests(digests, window);
  const facts = describe({ values, limits, sessions, waits, replica }, options);
  return { ...facts, figures: { ...facts.figures, ...notes }, ...(statements ? { statements } : {}) };
}

interface Answers {
  readonly values: ReadonlyMap<string, number>;
  readonly limits: Row | undefined;
  readonly sessions: readonly SessionRow[];
  readonly waits: readonly Row[];
  readonly replica: Row | undefined;
}

function describe(answers: Answers, { window, levels }: FactsOptions): ServerFacts {
  const { values, limits, sessions, replica } = answers;
  const figures = wanted.flatMap(({ variable, series, counter }) => {
    const value = values.get(variable);
    return value === undefined || !Number.isFinite(value) ? [] : [{ series, counter, value }];
  });
  const most = Number(limits?.['most'] ?? 0);
  const readOnly = Number(limits?.['readonly'] ?? 0) === 1;
  const hitRatio = cacheHit(values, window);
  const deadlocks = window.growth('deadlocks', values.get('Innodb_deadlocks'));
  const idle = sessions.filter((one) => one.command === 'Sleep');
  const lag = replica ? replicaLag(replica) : undefined;
  const running = sessions.filter((one) => one.command !== 'Sleep' && one.who !== 'system user');
  const longest = (list: readonly SessionRow[], of: (one: SessionRow) => number | null) =>
    Math.max(0, ...list.map((one) => of(one) ?? 0));
  return {
    figures: {
      connections_max: most,
      read_only: readOnly,
      ...Object.fromEntries(figures.map(({ series, value }) => [series.slice('database_'.length), value])),
      ...(hitRatio === undefined ? {} : { cache_hit_ratio: hitRatio }),
      ...(deadlocks === undefined ? {} : { deadlocks_since_last_pass: deadlocks }),
      connections_idle_in_transaction: idle.length,
      longest_query_seconds: longest(running, (one) => one.seconds),
      longest_idle_in_transaction_seconds: longest(idle, (one) => one.seconds),
      role: replica ? 'replica' : 'primary',
      ...(replica ? { replication_lag_seconds: lag ?? null, replication_running: replicaRuns(replica) } : {}),
    },
    conditions: conditions({
      used: values.get('Threads_connected'),
      most,
      blocked: longest(sessions, (one) => one.waiting),
      longestQuery: longest(running, (one) => one.seconds),
      longestIdle: longest(idle, (one) => one.seconds),
      deadlocks,
      lag,
      replica,
      levels,
    }),
    samples: [
      { name: 'database_connections_max', labels: {}, value: most },
      { name: 'database_connections_idle_in_transaction', labels: {}, value: idle.length },
      ...(hitRatio === undefined ? [] : [{ name: 'database_cache_hit_ratio', labels: {}, value: hitRatio }]),
      ...(lag === undefined ? [] : [{ name: 'database_replay_age_seconds', labels: {}, value: lag }]),
      ...figures.map(({ series, counter, value }) => ({
        name: series,
        labels: {},
        value,
        ...(counter ? { kind: 'counter' as const } : {}),
      })),
    ],
    activity: sessions.slice(0, 10).map(session),
    blocking: blocking(answers),
    readOnly,
  };
}

function conditions(of: {
  readonly used: number | undefined;
  readonly most: number;
  readonly blocked: number;
  readonly longestQuery: number;
  readonly longestIdle: number;
  readonly deadlocks: number | undefined;
  readonly lag: number | undefined;
  readonly replica: Row | undefined;
  readonly levels: FactsOptions['levels'];
}): ConditionResult[] {
  const { levels, deadlocks } = of;
  return known(
    judgeShare('connections', 'connections', of.used, of.most, levels.connections_used_percent),
    judgeSeconds('blocked', 'a session waits for another’s lock', of.blocked, levels.blocked_seconds),
    judgeSeconds('long-query', 'a query runs', of.longestQuery, levels.long_query_seconds),
    judgeSeconds(
      'idle-in-transaction',
      'a session sits idle in a transaction',
      of.longestIdle,
      levels.idle_in_transaction_seconds,
    ),
    judgeSeconds('replication-lag', 'the replica is behind', of.lag, levels.replication_lag_seconds),
    of.replica && {
      id: 'replication',
      condition: 'replication runs',
      met: replicaRuns(of.replica),
      seen: replicaRuns(of.replica) ? 'running' : 'replication has stopped',
      severity: 'error',
    },
    deadlocks === undefined
      ? undefined
      : {
          id: 'deadlocks',
          condition: 'no deadlock since the last look',
          met: deadlocks === 0,
          seen: `${deadlocks} ${deadlocks === 1 ? 'deadlock' : 'deadlocks'}`,
          severity: 'warning',
        },
  );
}

/** Share of reads served from memory: since the last pass where enough was read, otherwise since the server's start. */
function cacheHit(values: ReadonlyMap<string, number>, window: Window): number | undefined {
  const [reads, requests] = cacheVariables.map((name) => values.get(name));
  const [newReads, newRequests] = [window.growth('reads', reads), window.growth('requests', requests)];
  if (newRequests !== undefined && newRequests >= 1000) return 1 - (newReads ?? 0) / newRequests;
  return requests !== undefined && requests > 0 ? 1 - (reads ?? 0) / requests : undefined;
}

/** MySQL and MariaDB, old and new, have different names for the same thing. */
function replicaLag(row: Row): number | undefined {
  const lag = row['Seconds_Behind_Source'] ?? row['Seconds_Behind_Master'];
  return lag === null || lag === undefined ? undefined : Number(lag);
}

function replicaRuns(row: Row): boolean {
  const io = row['Replica_IO_Running'] ?? row['Slave_IO_Running'];
  const sql = row['Replica_SQL_Running'] ?? row['Slave_SQL_Running'];
  return io === 'Yes' && sql === 'Yes';
}

function session(row: SessionRow): ServerSession {
  const isIdle = row.command === 'Sleep';
  return {
    pid: row.pid,
    who: (row.who ?? 'unknown').slice(0, 80),
    state: isIdle ? 'idle in transaction' : (row.state || row.command || 'unknown').slice(0, 60),
    ...(row.waiting === null ? {} : { wait: 'Lock' }),
    seconds: Math.max(0, row.waiting ?? row.seconds),
    ...(row.transaction === null ? {} : { transaction_seconds: row.transaction }),
    statement: normalizeStatement(row.query ?? '', 'mysql').slice(0, 200),
  };
}

function blocking({ sessions, waits }: Answers): BlockedSession[] {
  const byWaiter = new Map<number, Set<number>>();
  for (const wait of waits) {
    const waiter = Number(wait['waiter']);
    byWaiter.set(waiter, (byWaiter.get(waiter) ?? new Set()).add(Number(wait['blocker'])));
  }
  const involved = new Set([...byWaiter.keys(), ...[...byWaiter.values()].flatMap((blockers) => [...blockers])]);
  return sessions
    .filter((one) => involved.has(one.pid))
    .map((one) => ({ ...session(one), blocked_by: [...(byWaiter.get(one.pid) ?? [])] }))
    .sort((a, b) => a.blocked_by.length - b.blocked_by.length)
    .slice(0, 20);
}

function takeDigests(rows: readonly Row[], window: Window): ServerFacts['statements'] {
  if (rows.length === 0) return undefined;
  for (const row of rows.slice(0, 200)) {
    const id = String(row['id']);
    if (window.texts.get(id) === undefined) {
      window.texts.set(id, normalizeStatement(String(row['text'] ?? ''), 'mysql').slice(0, 200));
    }
  }
  const counts = rows.map((row) => ({
    id: String(row['id']),
    calls: Number(row['calls']),
    totalMs: Number(row['ms']),
  }));
  return topStatements(counts, counts.length < 200, window)?.statements;
}
