import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import type { ImportAnswer, StoreView } from '../../model/api.ts';
import { MonitorError } from '../../model/problem.ts';
import type { Client } from '../client.ts';
import type { CliCommand, CliContext } from '../command.ts';
import { bytes, count, time } from '../text/format.ts';
import { heading, pairs } from '../text/section.ts';
import { table } from '../text/table.ts';
import { plain } from '../text/width.ts';

interface ExportFlags {
  readonly name?: string;
  readonly match: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly format: string;
  readonly output?: string;
}

/** `cryomon store`: what the series store holds, and the way out of it and into it. */
export const storeCommand: CliCommand = {
  register(program, context) {
    const store = program.command('store').description('what the store of numbers holds; export and import');
    store
      .command('stats')
      .description('size, bytes per sample, series, tiers, retention, losses')
      .action(() => stats(context));
    exportOptions(store.command('export'))
      .description('write numbers as they came, a part of a series a line')
      .action((flags: ExportFlags) => exportSeries(context, flags));
    store
      .command('import')
      .description('take an export in; exit with 1 when some lines could not be taken')
      .argument('<file>', 'a file of `store export`, or - for standard input')
      .action((file: string) => importSeries(context, file));
  },
};

function exportOptions(command: Command): Command {
  return command
    .option('-n, --name <metric>', 'only this metric')
    .option('-m, --match <label=value>', 'only series with this label; also != =~ !~; may be repeated', collect, [])
    .option('--since <time>', 'from here on: ISO 8601, epoch ms, or e.g. 7d for seven days back')
    .option('--until <time>', 'up to here')
    .option('-f, --format <format>', 'ndjson (can be imported) or prometheus (OpenMetrics, for promtool)', 'ndjson')
    .option('-o, --output <file>', 'write into a file instead of standard output');
}

const collect = (value: string, all: readonly string[]) => [...all, value];
/** `7d` is what the API calls `now-7d`. */
const momentOf = (text: string | undefined) => (text && /^\d+(\.\d+)?[a-z]+$/i.test(text) ? `now-${text}` : text);

async function stats(context: CliContext): Promise<void> {
  const client = await context.connect();
  const store = await client.call<StoreView>('store');
  if (context.options().json) return context.json(store);
  const { paint, print, io } = context;
  const perSample = store.bytes_per_sample === null ? 'unknown' : store.bytes_per_sample.toFixed(2);
  if (store.problem !== null) print(paint.bad(plain(store.problem)));
  print(
    ...pairs([
      ['On disk', bytes(store.size_bytes)],
      ['Series', store.series.toLocaleString('en-US')],
      ['Samples', `${store.samples.toLocaleString('en-US')}, ${perSample} bytes each`],
      ['Oldest', time(store.oldest_at)],
      ['Newest', time(store.newest_at)],
    ]),
    heading(paint, 'Tiers'),
  );
  io.out(
    table(
      [{ title: 'RESOLUTION' }, { title: 'KEPT FOR' }, { title: 'POINTS' }, { title: 'ON DISK' }, { title: 'OLDEST' }],
      store.tiers.map((tier) => [
        tier.tier,
        count(tier.retention_days, 'day'),
        tier.points.toLocaleString('en-US'),
        bytes(tier.size_bytes),
        time(tier.oldest_at),
      ]),
      io.width,
    ),
  );
  const losses = Object.entries(store.drops).filter(([, number]) => number > 0);
  print(heading(paint, 'Lost or folded'));
  if (losses.length + store.overflow.length === 0) print('  nothing');
  for (const [what, number] of losses) print(`  ${number.toLocaleString('en-US')} ${what.replaceAll('_', ' ')}`);
  for (const { metric, label, folded } of store.overflow)
    print(
      `  ${plain(metric)}: ${count(folded, 'value')} of ${plain(label)} went into "other"; the label budget is used up`,
    );
}

async function exportSeries(context: CliContext, flags: ExportFlags): Promise<void> {
  const client = await context.connect();
  const { io } = context;
  const query = {
    name: flags.name,
    match: flags.match,
    from: momentOf(flags.since),
    to: momentOf(flags.until),
    format: flags.format,
  };
  const stream = whole(await client.stream('storeExport', { query }));
  if (flags.output === undefined) {
    for await (const piece of stream) await io.pour(piece);
    return;
  }
  const file = await open(resolve(io.cwd, flags.output), 'w');
  try {
    for await (const piece of stream) await file.write(piece);
  } finally {
    await file.close();
  }
}

/** A stream that is cut off must not pass for a whole one. */
async function* whole(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let length = 0;
  try {
    for await (const piece of stream) {
      length += piece.length;
      yield piece;
    }
  } catch (error) {
    throw new MonitorError('monitor-unreachable', `The export was cut off after ${bytes(length)}.`, {
      cause: error,
      hint: 'What was written so far is not complete; the log of the monitor may say why.',
    });
  }
}

/** So much is sent at once; the API takes 8 MiB. */
const batchLength = 2 * 1_048_576;
/** A part is on the disk before it is answered; a slow disk may take its time. */
const importTimeoutMs = 60_000;
/** Rejected lines that are named; all are counted. */
const mostNamed = 20;

interface Batch {
  readonly lines: string[];
  /** Number of the first line, counted from 1. */
  readonly first: number;
  length: number;
}

type Total = Omit<ImportAnswer, 'lines' | 'rejects'> & { rejects: ImportAnswer['rejects'] };

async function importSeries(context: CliContext, file: string): Promise<void> {
  const client = await context.connect();
  const total: Total = { samples: 0, sketches: 0, rejected: 0, rejects: [] };
  let batch: Batch = { lines: [], first: 1, length: 0 };
  let number = 0;
  for await (const line of linesOf(context, file)) {
    number += 1;
    if (batch.length + line.length > batchLength && batch.lines.length > 0) {
      await send(client, batch, total);
      batch = { lines: [], first: number, length: 0 };
    }
    batch.lines.push(line);
    batch.length += line.length;
  }
  if (batch.length > 0) await send(client, batch, total);
  report(context, total);
}

function linesOf({ io }: CliContext, file: string): AsyncIterable<string> {
  if (file === '-') return io.lines();
  const input = createReadStream(resolve(io.cwd, file));
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  return (async function* () {
    const failed = new Promise<never>((_, fail) => input.once('error', fail));
    failed.catch(() => undefined);
    const iterator = lines[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([iterator.next(), failed]).catch((error: NodeJS.ErrnoException) => {
        throw new MonitorError('bad-argument', `${file} cannot be read (${error.code ?? error.message}).`);
      });
      if (next.done) return;
      yield next.value;
    }
  })();
}

async function send(client: Client, { lines, first }: Batch, total: Total): Promise<void> {
  const taken = await client.call<ImportAnswer>('storeImport', {
    lines: lines.join('\n'),
    query: { first_line: first },
    timeoutMs: importTimeoutMs,
  });
  total.samples += taken.samples;
  total.sketches += taken.sketches;
  total.rejected += taken.rejected;
  total.rejects.push(...taken.rejects.slice(0, mostNamed - total.rejects.length));
}

function report(context: CliContext, total: Total): void {
  if (total.rejected > 0) context.exitWith(1);
  if (context.options().json) return context.json(total);
  const { print, paint } = context;
  print(`Taken: ${count(total.samples, 'sample')}, ${count(total.sketches, 'sketch', 'sketches')}.`);
  if (total.rejected === 0) return;
  print(paint.bad(`Not taken: ${count(total.rejected, 'line')}.`));
  for (const { line, reason } of total.rejects) print(`  line ${line}: ${plain(reason)}`);
}
