import type { ServerFacts } from './kind.ts';

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

/** From this share of max_connections on the next burst of clients is refused. */
const crowdedShare = 0.9;

/** Asks MySQL or MariaDB how it is. A server that refuses the question has no facts, which is no failure. */
export async function mysqlFacts(ask: (sql: string) => Promise<Record<string, unknown>[]>): Promise<ServerFacts> {
  try {
    const names = [
      'Innodb_buffer_pool_reads',
      'Innodb_buffer_pool_read_requests',
      ...wanted.map((one) => one.variable),
    ];
    const rows = await ask(
      `SHOW GLOBAL STATUS WHERE Variable_name IN (${names.map((name) => `'${name}'`).join(', ')})`,
    );
    const [limits] = await ask('SELECT @@GLOBAL.max_connections AS most, @@GLOBAL.read_only AS readonly');
    const status = new Map(rows.map((row) => [String(row.Variable_name), Number(row.Value)]));
    return describe(status, Number(limits?.most ?? 0), Number(limits?.readonly ?? 0) === 1);
  } catch (error) {
    // Only the server's own refusal is forgiven; a lost connection is the caller's business.
    if (!(error instanceof Error && 'sqlMessage' in error)) throw error;
    return { seen: { statistics: `not available: ${error.message}` } };
  }
}

function describe(status: ReadonlyMap<string, number>, most: number, readOnly: boolean): ServerFacts {
  const known = wanted.flatMap(({ variable, series, counter }) => {
    const value = status.get(variable);
    return value === undefined || !Number.isFinite(value) ? [] : [{ series, counter, value }];
  });
  const used = status.get('Threads_connected') ?? 0;
  const requests = status.get('Innodb_buffer_pool_read_requests') ?? 0;
  const hitRatio = requests > 0 ? 1 - (status.get('Innodb_buffer_pool_reads') ?? 0) / requests : undefined;
  return {
    seen: {
      connections_max: most,
      read_only: readOnly,
      ...Object.fromEntries(known.map(({ series, value }) => [series.slice('database_'.length), value])),
      ...(hitRatio === undefined ? {} : { cache_hit_ratio: hitRatio }),
    },
    samples: [
      { name: 'database_connections_max', labels: {}, value: most },
      ...(hitRatio === undefined ? [] : [{ name: 'database_cache_hit_ratio', labels: {}, value: hitRatio }]),
      ...known.map(({ series, counter, value }) => ({
        name: series,
        labels: {},
        value,
        ...(counter ? { kind: 'counter' as const } : {}),
      })),
    ],
    problems: most > 0 && used / most >= crowdedShare ? [`${used} of ${most} connections are in use`] : [],
  };
}
