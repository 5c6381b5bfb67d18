import { Option } from 'commander';
import type { AgentView, OperationView, SelfView, SystemView } from '../../model/api.ts';
import type { CliCommand, CliContext } from '../command.ts';
import { bytes, count, number, percent, quantity, seconds } from '../text/format.ts';
import type { Paint } from '../text/paint.ts';
import { heading, pairs } from '../text/section.ts';
import { table } from '../text/table.ts';
import { plain } from '../text/width.ts';

const types = ['database', 'api', 'system', 'resources'] as const;
type MetricsType = (typeof types)[number];

interface Seen {
  readonly operations: readonly OperationView[];
  readonly system: SystemView;
  readonly self: SelfView;
  readonly agents: readonly AgentView[];
}

/** `cryomon metrics`: what operations cost and what the machine and the processes use. */
export const metricsCommand: CliCommand = {
  register(program, context) {
    program
      .command('metrics')
      .description('show operations, processes and resources')
      .addOption(new Option('-t, --type <type>', 'only one kind').choices(types))
      .option('-v, --verbose', 'also every single operation')
      .action(async ({ type, verbose = false }: { type?: MetricsType; verbose?: boolean }) => {
        const client = await context.connect();
        const [{ operations }, system, self, { agents }] = await Promise.all([
          client.call<{ operations: OperationView[] }>('operations'),
          client.call<SystemView>('system'),
          client.call<SelfView>('self'),
          client.call<{ agents: AgentView[] }>('agents'),
        ]);
        const wanted = (kind: MetricsType) => type === undefined || type === kind;
        const chosen = operations.filter((operation) =>
          operation.category === 'database' ? wanted('database') : wanted('api'),
        );
        if (context.options().json) {
          context.json({
            operations: chosen,
            ...(wanted('system') ? { self, agents } : {}),
            ...(wanted('resources') ? { system } : {}),
          });
          return;
        }
        const seen = { operations, system, self, agents };
        if (wanted('database'))
          printOperations(
            context,
            'Database operations',
            chosen.filter((each) => each.category === 'database'),
            verbose,
          );
        if (wanted('api'))
          printOperations(
            context,
            'API and other operations',
            chosen.filter((each) => each.category !== 'database'),
            verbose,
          );
        if (wanted('system')) printProcesses(context, seen);
        if (wanted('resources')) printResources(context, seen);
      });
  },
};

function printOperations(
  { paint, print, io }: CliContext,
  title: string,
  operations: readonly OperationView[],
  verbose: boolean,
): void {
  print(heading(paint, title));
  if (operations.length === 0) {
    print(paint.faint('  none yet: an application reports them with startMonitoring(app)'));
    return;
  }
  const total = operations.reduce((sum, each) => sum + each.count, 0);
  const failed = operations.reduce((sum, each) => sum + each.errors, 0);
  const success = total > 0 ? 1 - failed / total : null;
  const spent = operations.reduce((sum, each) => sum + each.count * (each.avg ?? 0), 0);
  const entries: [string, string][] = [
    ['Operations', `${number(total)} total, ${number(total - failed)} successful, ${number(failed)} failed`],
    ['Success rate', successColour(paint, success)],
    [
      'Time',
      `average ${seconds(total > 0 ? spent / total : null)}, shortest ${seconds(least(operations))}, longest ${seconds(most(operations))}`,
    ],
  ];
  const items = operations.reduce((sum, each) => sum + each.items, 0);
  if (items > 0) entries.push(['Throughput', count(items, 'item')]);
  for (const line of pairs(entries)) print(line);
  if (!verbose) return;
  io.out(`\n${operationTable(paint, operations, io.width)}`);
}

function operationTable(paint: Paint, operations: readonly OperationView[], width: number): string {
  const numbers = ['COUNT', 'ERRORS', 'PER S', 'AVG', 'P50', 'P95', 'P99', 'MAX'].map((title) => ({
    title,
    align: 'right' as const,
  }));
  return table(
    [{ title: 'OPERATION', flexible: true }, ...numbers],
    operations.map((each) => [
      plain(each.operation),
      number(each.count),
      each.errors > 0 ? paint.bad(number(each.errors)) : '0',
      number(each.per_second),
      seconds(each.avg),
      seconds(each.p50),
      seconds(each.p95),
      seconds(each.p99),
      seconds(each.max),
    ]),
    width,
    paint.faint,
  );
}

function successColour(paint: Paint, ratio: number | null): string {
  if (ratio === null) return '–';
  return ratio >= 0.95
    ? paint.good(percent(ratio))
    : ratio >= 0.8
      ? paint.warning(percent(ratio))
      : paint.bad(percent(ratio));
}

function least(operations: readonly OperationView[]): number | null {
  const values = operations.flatMap((each) => (each.min === null ? [] : [each.min]));
  return values.length > 0 ? Math.min(...values) : null;
}

function most(operations: readonly OperationView[]): number | null {
  const values = operations.flatMap((each) => (each.max === null ? [] : [each.max]));
  return values.length > 0 ? Math.max(...values) : null;
}

function printProcesses({ paint, print, io }: CliContext, { self, agents }: Seen): void {
  print(heading(paint, 'Processes'));
  const columns = [
    { title: 'PROCESS', flexible: true },
    { title: 'STATE' },
    ...['CPU', 'MEMORY', 'HEAP', 'LOOP DELAY P99'].map((title) => ({ title, align: 'right' as const })),
  ];
  const monitor = [
    `monitor (pid ${self.pid})`,
    paint.state('live'),
    percent(self.cpu_ratio),
    bytes(self.rss_bytes),
    '–',
    seconds(self.event_loop_delay_p99_seconds),
  ];
  const rows = agents.map((agent) => [
    `${plain(agent.service)} (pid ${agent.pid}${agent.host === '' ? '' : ` on ${plain(agent.host)}`})`,
    paint.state(agent.state),
    percent(agent.cpu_ratio),
    bytes(agent.rss_bytes),
    bytes(agent.heap_used_bytes),
    seconds(agent.event_loop_delay_p99_seconds),
  ]);
  io.out(table(columns, [monitor, ...rows], io.width, paint.faint));
  const dropped = Object.entries(self.dropped).filter(([, amount]) => amount > 0);
  if (dropped.length > 0)
    print(
      paint.warning(
        `  Lost since the start: ${dropped.map(([what, amount]) => `${number(amount)} ${plain(what)}`).join(', ')}`,
      ),
    );
}

function printResources({ paint, print }: CliContext, { system }: Seen): void {
  print(heading(paint, `Resources of ${plain(system.hostname)}`));
  const figures = system.figures.filter((figure) => figure.group === 'machine');
  const lines = pairs(
    figures.map((figure) => {
      const limit = figure.error ?? figure.warning;
      const value = quantity(figure.value, figure.unit);
      return [
        plain(figure.title),
        `${paint.state(figure.verdict, value)}${limit === null ? '' : paint.faint(` (limit ${quantity(limit, figure.unit)})`)}`,
      ] as const;
    }),
  );
  for (const line of lines.length > 0 ? lines : ['  not measured yet']) print(line);
}
