import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Option } from 'commander';
import type {
  AlertView,
  CheckView,
  ErrorGroupView,
  OperationView,
  OverviewView,
  ProgressView,
  SystemView,
} from '../../model/api.ts';
import { MonitorError } from '../../model/problem.ts';
import type { Client } from '../client.ts';
import type { CliCommand } from '../command.ts';
import { type ReportFacts, reportText } from '../text/report-text.ts';

interface Flags {
  readonly format: 'text' | 'json';
  readonly output?: string;
}

/** `cryomon report`: everything of now in one document. */
export const reportCommand: CliCommand = {
  register(program, context) {
    program
      .command('report')
      .description('write a report of everything as it is now')
      .addOption(new Option('-f, --format <format>', 'text or json').choices(['text', 'json']).default('text'))
      .option('-o, --output <file>', 'write it to a file instead of the terminal')
      .action(async ({ format, output }: Flags) => {
        const facts = await gather(await context.connect(), context.io.now());
        const json = format === 'json' || context.options().json === true;
        const text = json ? `${JSON.stringify(facts, null, 2)}\n` : reportText(facts);
        if (output === undefined) return context.io.out(text);
        const file = resolve(context.io.cwd, output);
        try {
          writeFileSync(file, text);
        } catch (error) {
          throw new MonitorError(
            'bad-argument',
            `The report cannot be written to ${file}: ${(error as Error).message}.`,
            { cause: error },
          );
        }
        context.io.err(`Report written to ${file}\n`);
      });
  },
};

async function gather(client: Client, now: number): Promise<ReportFacts> {
  const [overview, { checks }, system, { operations }, { progress }, { alerts }, { errors }] = await Promise.all([
    client.call<OverviewView>('overview'),
    client.call<{ checks: CheckView[] }>('checks'),
    client.call<SystemView>('system'),
    client.call<{ operations: OperationView[] }>('operations'),
    client.call<{ progress: ProgressView[] }>('progress'),
    client.call<{ alerts: AlertView[] }>('alerts', { query: { limit: 100 } }),
    client.call<{ errors: ErrorGroupView[] }>('errors', { query: { limit: 100 } }),
  ]);
  return { generated_at: now, url: client.url, overview, checks, system, operations, progress, alerts, errors };
}
