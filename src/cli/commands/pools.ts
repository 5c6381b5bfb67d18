import type { FallbackView, PoolView, SlowQueryView } from '../../model/api.ts';
import { formatDuration } from '../../model/duration.ts';
import type { CliCommand, CliContext } from '../command.ts';
import { ago } from '../text/format.ts';
import { plain } from '../text/width.ts';

interface Flags {
  readonly slow?: boolean;
  readonly check?: boolean;
}

/** `cryomon pools`: connection pools of the applications seen from inside, and their fallback chains. */
export const poolsCommand: CliCommand = {
  register(program, context) {
    program
      .command('pools')
      .description('show connection pools of the applications: who holds, who waits, which way they go')
      .option('--slow', 'also the slowest queries of the last day')
      .option('--check', 'exit with 1 when a pool is exhausted or no connection of a chain is left')
      .action((flags: Flags) => showPools(context, flags));
  },
};

async function showPools(context: CliContext, flags: Flags): Promise<void> {
  const client = await context.connect();
  const { pools, fallbacks } = await client.call<{ pools: PoolView[]; fallbacks: FallbackView[] }>('pools');
  const slow = flags.slow
    ? (await client.call<{ queries: SlowQueryView[] }>('slowQueries', { query: { order: 'slowest', limit: 10 } }))
        .queries
    : undefined;
  if (context.options().json) context.json({ pools, fallbacks, ...(slow ? { slow_queries: slow } : {}) });
  else {
    const blocks = [
      ...pools.map((pool) => poolLines(context, pool)),
      ...fallbacks.map((one) => fallbackLines(context, one)),
    ];
    if (slow) blocks.push(slowLines(context, slow));
    if (pools.length + fallbacks.length === 0)
      context.print('No pool is watched; an application gives its own to watchPool.');
    for (const [index, lines] of blocks.entries()) context.print(...(index === 0 ? [] : ['']), ...lines);
  }
  const bad =
    pools.some(({ verdict }) => verdict === 'error') ||
    fallbacks.some(({ state, current }) => state === 'live' && current === null);
  if (flags.check && bad) context.exitWith(1);
}

function poolLines({ paint }: CliContext, pool: PoolView): string[] {
  const wait = (seconds: number | null) => (seconds === null ? '–' : formatDuration(seconds * 1000));
  const { count, p50, p95, p99 } = pool.wait;
  const facts = [
    `${pool.used} used, ${pool.idle} idle, ${pool.waiting} waiting, max ${pool.max ?? 'unknown'}`,
    ...(count > 0 ? [`wait p50 ${wait(p50)}, p95 ${wait(p95)}, p99 ${wait(p99)} (last minute)`] : []),
    ...(pool.errors > 0 ? [`${pool.errors} failed requests (${pool.timeouts} timeouts)`] : []),
    ...(pool.exhaustions > 0 ? [`exhausted ${pool.exhaustions} times`] : []),
  ];
  return [
    `${paint.state(pool.verdict)}  ${paint.title(plain(pool.name))}  ${paint.faint(plain(`${pool.kind}, ${pool.service}`))}`,
    `  ${plain(pool.text)}`,
    ...facts.map((fact) => paint.faint(`  ${fact}`)),
    ...pool.holders.map((one) =>
      plain(
        `  ${one.count} held by ${one.site}, longest ${formatDuration(one.longest_ms)}${one.statement ? `: ${one.statement}` : ''}`,
      ),
    ),
  ];
}

function fallbackLines({ paint, io }: CliContext, chain: FallbackView): string[] {
  return [
    `${paint.title(plain(`fallback ${chain.name}`))}  ${paint.faint(plain(chain.service))}  ${chain.current === null ? 'every connection fails' : `uses ${plain(chain.current)}`}`,
    ...chain.connections.map((one) => {
      const retry =
        one.retry_at === null ? '' : `, tried again in ${formatDuration(Math.max(0, one.retry_at - io.now()))}`;
      const why = one.breaker === 'closed' ? '' : `: ${one.reason}${retry}`;
      return plain(`  ${one.name}  ${one.breaker}  ${one.served} served, ${one.failed} failed${why}`);
    }),
  ];
}

function slowLines({ paint, io }: CliContext, queries: readonly SlowQueryView[]): string[] {
  if (queries.length === 0) return ['No slow query in the last day.'];
  return [
    paint.title('Slowest queries of the last day'),
    ...queries.map((query) =>
      plain(
        `  ${formatDuration(query.duration_ms).padStart(8)}  ${query.caller || 'unknown caller'}  ${query.text}  (${query.pool}, ${ago(query.at, io.now())})`,
      ),
    ),
  ];
}
