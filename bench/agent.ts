import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * What the agent costs, as ratios within one run: an operation against prom-client's timer with three labels, an operation with a span
 * against an OpenTelemetry span with a batch processor, and a request through our middleware against bare Express.
 * Every variant runs in a process of its own; rounds alternate, medians count.
 */
export const title = 'What a tracked operation, a span and a watched request cost';

const rounds = 5;
const require = createRequire(import.meta.url);

/** CPU nanoseconds per call of one variant, in a fresh process. */
async function measure(variant: string): Promise<number> {
  const child = fork(fileURLToPath(new URL('./agent/loop.ts', import.meta.url)), [variant], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [message] = (await once(child, 'message')) as [{ ns: number }];
  child.kill();
  return message.ns;
}

/** CPU microseconds per request of one variant, with the load from a process of its own. */
async function serve(variant: string): Promise<number> {
  const server = fork(fileURLToPath(new URL('./agent/server.ts', import.meta.url)), [variant], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [{ port }] = (await once(server, 'message')) as [{ port: number }];
  const load = async (requests: number) => {
    const child = fork(fileURLToPath(new URL('./agent/load.ts', import.meta.url)), [String(port), String(requests)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    await once(child, 'exit');
  };
  const ask = async (): Promise<number> => {
    server.send('cpu');
    const [{ cpu }] = (await once(server, 'message')) as [{ cpu: number }];
    return cpu;
  };
  await load(6000);
  const before = await ask();
  await load(12_000);
  const used = (await ask()) - before;
  server.kill();
  return used / 12_000;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function alternate(
  variants: readonly string[],
  run: (variant: string) => Promise<number>,
): Promise<Map<string, number[]>> {
  const results = new Map<string, number[]>(variants.map((variant) => [variant, []]));
  for (let round = 0; round < rounds; round++) {
    // Forwards and backwards in turn, so that a machine that slows down slows everybody down.
    for (const variant of round % 2 === 0 ? variants : variants.toReversed())
      results.get(variant)!.push(await run(variant));
  }
  return results;
}

/** Runs everything and gives the figures: ratios, nanoseconds, microseconds over bare Express. */
export async function run(_options: { json: boolean }): Promise<Record<string, number>> {
  require.resolve('prom-client');
  const loops = await alternate(['operation', 'prom', 'span', 'otel'], measure);
  const ns = (variant: string) => median(loops.get(variant)!);
  const requests = await alternate(['bare', 'metrics', 'full'], serve);
  // Ratios and differences within a round, then the median: what the machine does meanwhile hits both sides.
  const over = (variant: string) =>
    median(requests.get(variant)!.map((us, round) => us - requests.get('bare')![round]!));
  const ratio = (a: string, b: string) => median(loops.get(a)!.map((value, round) => value / loops.get(b)![round]!));
  return {
    operation_vs_prom_client: ratio('operation', 'prom'),
    span_vs_opentelemetry: ratio('span', 'otel'),
    express_us_metrics: over('metrics'),
    express_us_full: over('full'),
    operation_ns: ns('operation'),
    prom_client_timer_ns: ns('prom'),
    operation_and_span_ns: ns('span'),
    opentelemetry_span_ns: ns('otel'),
    express_us_bare: median(requests.get('bare')!),
  };
}
