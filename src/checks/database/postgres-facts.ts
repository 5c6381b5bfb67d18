import type { ConditionResult } from '../../model/check.ts';
import { normalizeStatement } from '../../model/statement.ts';
import type { BlockedSession, FactsOptions, ServerFacts, ServerSession } from './kind.ts';
import { judge, judgeSeconds, judgeShare, known } from './levels.ts';
import { type ActivityRow, mostStatements, type PostgresAnswer, postgresQuestion } from './postgres-question.ts';
import { topStatements } from './statements.ts';
import type { Window } from './window.ts';

/** From this age on the server's own protection against running out of transaction ids has failed for a while; at 2 billion it stops. */
const oldTransactionIds = { warning: 1_000_000_000, error: 1_600_000_000 };
/** A slot that nobody reads keeps the write-ahead log until the disk is full. */
const abandonedSlotBytes = 1024 ** 3;
/** Fewer blocks than this in a window tell nothing about the cache. */
const fewestBlocks = 1000;

/** Runs SQL in one message and gives the last statement's rows. */
export type AskPostgres = (sql: string) => Promise<readonly Record<string, unknown>[]>;

/** Asks a PostgreSQL server how it is. A server that refuses the question (a pooler's console, no rights) has no facts, which is no failure. */
export async function postgresFacts(ask: AskPostgres, options: FactsOptions): Promise<ServerFacts> {
  const { window, budgetMs } = options;
  // SET LOCAL ends with this message's own transaction, so that a pooler's shared connection keeps nothing of it.
  const limits = `SET LOCAL statement_timeout = ${Math.max(1, Math.floor(budgetMs))}; SET LOCAL lock_timeout = 100;`;
  const put = async (question: string) =>
    (await ask(`${limits} ${question}`))[0]?.['answer'] as PostgresAnswer | undefined;
  const schema = options.withStatements ? window.texts.get('schema') : undefined;
  try {
    const wanted = (window.texts.get('wanted') ?? '').split(',').filter((id) => id !== '');
    const answer = await put(postgresQuestion(schema ? { schema, wanted } : undefined));
    return answer ? describe(answer, options) : { figures: {} };
  } catch (error) {
    // Only the server's own refusal is forgiven; a lost connection is the caller's business.
    if (!(error instanceof Error && 'severity' in error)) throw error;
    if (!schema) return { figures: { statistics: `not available: ${error.message}` } };
    // Installed, but not loaded or not ours to read: from now on without it.
    window.texts.set('schema', '');
    window.texts.set('refusal', error.message);
    const answer = await put(postgresQuestion());
    return answer ? describe(answer, options) : { figures: {} };
  }
}

function describe(answer: PostgresAnswer, { window, levels }: FactsOptions): ServerFacts {
  const blocks = {
    hit: window.growth('blks_hit', answer.blks_hit),
    read: window.growth('blks_read', answer.blks_read),
  };
  const total = answer.blks_hit + answer.blks_read;
  const recent = (blocks.hit ?? 0) + (blocks.read ?? 0);
  const cacheHit =
    recent >= fewestBlocks ? (blocks.hit ?? 0) / recent : total > 0 ? answer.blks_hit / total : undefined;
  const deadlocks = window.growth('deadlocks', answer.deadlocks);
  const statements = takeStatements(answer, window);
  const lag = Math.max(0, answer.replay_lag ?? 0, ...(answer.replicas ?? []).map((one) => one.lag_seconds ?? 0));
  const role = answer.standby ? 'standby' : 'primary';
  return {
    figures: {
      role,
      connections_used: answer.used,
      connections_max: answer.max_connections,
      connections_active: answer.active,
      connections_idle: answer.idle,
      connections_idle_in_transaction: answer.idle_in_transaction,
      sessions_blocked: answer.blocked,
      longest_query_seconds: answer.longest_query ?? 0,
      longest_idle_in_transaction_seconds: answer.longest_idle_in_transaction ?? 0,
      ...(cacheHit === undefined ? {} : { cache_hit_ratio: cacheHit }),
      deadlocks_total: answer.deadlocks,
      ...(deadlocks === undefined ? {} : { deadlocks_since_last_pass: deadlocks }),
      oldest_transaction_id_age: answer.xid_age,
      ...(answer.replay_lag === null ? {} : { replay_lag_seconds: answer.replay_lag }),
      ...(answer.replicas ? { replicas: answer.replicas } : {}),
      ...(answer.slots ? { replication_slots: answer.slots } : {}),
      ...(answer.sees_all ? {} : { rights: 'limited: GRANT pg_monitor to this user shows what other users do' }),
      ...(window.texts.get('refusal') ? { statement_statistics: `not available: ${window.texts.get('refusal')}` } : {}),
      statistics_server_ms: answer.server_ms,
    },
    conditions: conditions(answer, lag, deadlocks, levels),
    activity: (answer.activity ?? []).map(session),
    blocking: (answer.blocking ?? []).map((row): BlockedSession => ({ ...session(row), blocked_by: row.by })),
    ...(statements ? { statements } : {}),
    samples: samples(answer, cacheHit, lag),
    readOnly: answer.read_only || answer.standby,
  };
}

function conditions(
  answer: PostgresAnswer,
  lag: number,
  deadlocks: number | undefined,
  levels: FactsOptions['levels'],
): ConditionResult[] {
  const abandoned = (answer.slots ?? []).find(
    (slot) => !slot.active && (slot.retained_bytes ?? 0) > abandonedSlotBytes,
  );
  return known(
    judgeShare('connections', 'connections', answer.used, answer.max_connections, levels.connections_used_percent),
    judgeSeconds('blocked', 'a session waits for another’s lock', answer.longest_blocked, levels.blocked_seconds),
    judgeSeconds('long-query', 'a query runs', answer.longest_query, levels.long_query_seconds),
    judgeSeconds(
      'idle-in-transaction',
      'a session sits idle in a transaction',
      answer.longest_idle_in_transaction,
      levels.idle_in_transaction_seconds,
    ),
    answer.replay_lag !== null || answer.replicas
      ? judgeSeconds('replication-lag', 'a replica is behind', lag, levels.replication_lag_seconds)
      : undefined,
    judge(
      'transaction-ids',
      {
        condition: (limit) => `the oldest transaction id is at most ${limit} transactions old`,
        seen: `${answer.xid_age} transactions old`,
        show: String,
      },
      answer.xid_age,
      oldTransactionIds,
    ),
    deadlocks === undefined
      ? undefined
      : {
          id: 'deadlocks',
          condition: 'no deadlock since the last look',
          met: deadlocks === 0,
          seen: `${deadlocks} ${deadlocks === 1 ? 'deadlock' : 'deadlocks'}`,
          severity: 'warning',
        },
    answer.slots
      ? {
          id: 'replication-slot',
          condition: 'no unused replication slot holds more than 1 GiB of write-ahead log',
          met: abandoned === undefined,
          seen: abandoned
            ? `the unused slot ${abandoned.name} holds ${Math.round((abandoned.retained_bytes ?? 0) / 1024 ** 2)} MiB of write-ahead log`
            : 'none',
          severity: 'warning',
        }
      : undefined,
  );
}

function samples(
  answer: PostgresAnswer,
  cacheHit: number | undefined,
  lag: number,
): NonNullable<ServerFacts['samples']> {
  const gauge = (name: string, value: number) => ({ name, labels: {}, value });
  const counter = (name: string, value: number) => ({ name, labels: {}, value, kind: 'counter' as const });
  return [
    gauge('database_connections_used', answer.used),
    gauge('database_connections_max', answer.max_connections),
    gauge('database_connections_active', answer.active),
    gauge('database_connections_idle_in_transaction', answer.idle_in_transaction),
    gauge('database_sessions_blocked', answer.blocked),
    gauge('database_longest_query_seconds', answer.longest_query ?? 0),
    ...(cacheHit === undefined ? [] : [gauge('database_cache_hit_ratio', cacheHit)]),
    ...(answer.replay_lag === null && !answer.replicas ? [] : [gauge('database_replay_age_seconds', lag)]),
    counter('database_deadlocks_total', answer.deadlocks),
    counter('database_transactions_total', answer.commits + answer.rollbacks),
    counter('database_rollbacks_total', answer.rollbacks),
  ];
}

function session(row: ActivityRow): ServerSession {
  return {
    pid: row.pid,
    who: `${row.who ?? 'unknown'}${row.application ? ` (${row.application})` : ''}`.slice(0, 80),
    state: row.state ?? 'not visible',
    ...(row.wait ? { wait: row.wait } : {}),
    seconds: Math.max(0, row.seconds ?? 0),
    ...(row.xact_seconds === null ? {} : { transaction_seconds: row.xact_seconds }),
    statement: normalizeStatement(row.query ?? '').slice(0, 200),
  };
}

/** Takes the statements' counters in, and notes which texts are to be asked for in the next pass. */
function takeStatements(answer: PostgresAnswer, window: Window): ServerFacts['statements'] {
  if (answer.statements_schema && !window.texts.get('refusal')) window.texts.set('schema', answer.statements_schema);
  for (const [id, text] of answer.texts ?? []) window.texts.set(id, normalizeStatement(text).slice(0, 200));
  if (!answer.statements) return undefined;
  const counts = answer.statements.map(([id, calls, totalMs]) => ({ id, calls, totalMs }));
  const top = topStatements(counts, counts.length < mostStatements, window);
  window.texts.set('wanted', (top?.unknown ?? []).join(','));
  return top?.statements;
}
