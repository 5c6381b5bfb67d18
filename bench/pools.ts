import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Postgres, startPostgres } from '../test/services/postgres.ts';

/**
 * What it costs to watch a pool: CPU time of a query through a watched `pg.Pool` against the same query through a bare one, in one run. With
 * a client in memory, so that nothing else is measured; and with a real PostgreSQL (Debian's, as the tests install it), so that the
 * share can be seen. Every variant runs in a process of its own; rounds alternate, medians of differences and ratios within a round count.
 */
export const title = 'What a query through a watched pool costs more than through a bare one';

const rounds = 5;
const variants = ['bare', 'watched', 'traced', 'stacks'] as const;
const real = ['bare', 'watched'] as const;

/** CPU microseconds per query of one variant, in a fresh process. */
async function measure(variant: string, url: string): Promise<number> {
  const child = fork(fileURLToPath(new URL('./pools/loop.ts', import.meta.url)), [variant, url], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [{ us }] = (await once(child, 'message')) as [{ us: number }];
  child.kill();
  await once(child, 'exit');
  return us;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function alternate(names: readonly string[], url: string): Promise<Map<string, number[]>> {
  const results = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const name of round % 2 === 0 ? names : names.toReversed()) results.get(name)!.push(await measure(name, url));
  return results;
}

/** Runs everything and gives the figures. */
export async function run(_options: { json: boolean }): Promise<Record<string, number>> {
  const memory = await alternate(variants, '');
  let server: Postgres | undefined;
  try {
    server = await startPostgres();
    const postgres = await alternate(real, server.url);
    const over = (of: Map<string, number[]>, name: string) =>
      median(of.get(name)!.map((us, round) => us - of.get('bare')![round]!));
    const ratio = (of: Map<string, number[]>, name: string) =>
      median(of.get(name)!.map((us, round) => us / of.get('bare')![round]!));
    return {
      watched_us: over(memory, 'watched'),
      watched_in_request_us: over(memory, 'traced'),
      watched_every_stack_us: over(memory, 'stacks'),
      memory_ratio: ratio(memory, 'watched'),
      postgres_watched_us: over(postgres, 'watched'),
      postgres_ratio: ratio(postgres, 'watched'),
      memory_bare_us: median(memory.get('bare')!),
      postgres_bare_us: median(postgres.get('bare')!),
    };
  } finally {
    await server?.stop();
  }
}
