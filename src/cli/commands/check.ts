import type { CheckView } from '../../model/api.ts';
import { isMonitorError, MonitorError } from '../../model/problem.ts';
import { withBriefMonitor } from '../brief-monitor.ts';
import type { Client } from '../client.ts';
import type { CliCommand, CliContext } from '../command.ts';
import { checkTable } from '../text/check-table.ts';
import { count, milliseconds, time } from '../text/format.ts';
import { pairs } from '../text/section.ts';
import { plain } from '../text/width.ts';

/** So many checks run at one time; the monitor has other things to do too. */
const atOnce = 8;

interface Flags {
  readonly all?: boolean;
  readonly once?: boolean;
}

/** `cryomon check`: runs checks now and says what they saw; exit code 1 when one is not fine. */
export const checkCommand: CliCommand = {
  register(program, context) {
    program
      .command('check')
      .description('run a check now and print all it saw; exit with 1 when it is not fine')
      .argument('[names...]', 'names or ids of checks, e.g. /health or database:pooler')
      .option('--all', 'run every check')
      .option('--once', 'where no monitor runs: run one for this command alone, e.g. in a pipeline; it tells nobody')
      .action(async (names: string[], flags: Flags) => {
        if (!flags.all && names.length === 0 && flags.once) throw nothingChosen(false, []);
        const client = await context.connect().catch((error: unknown) => {
          if (flags.once && isMonitorError(error) && error.code === 'monitor-unreachable') return undefined;
          throw error;
        });
        if (client) return checkWith(client, context, names, flags);
        context.io.err('No monitor runs here, so this command runs the checks itself.\n');
        return withBriefMonitor(context, (own) => checkWith(own, context, names, flags));
      });
  },
};

async function checkWith(client: Client, context: CliContext, names: readonly string[], { all = false }: Flags) {
  const { checks } = await client.call<{ checks: CheckView[] }>('checks');
  const chosen = all ? checks : names.map((name) => choose(checks, name));
  if (chosen.length === 0) throw nothingChosen(all, checks);
  const results = await runAll(client, chosen, context.options().timeout);
  if (context.options().json) context.json({ checks: results });
  else printResults(context, results);
  if (results.some((check) => check.status !== 'ok')) context.exitWith(1);
}

function nothingChosen(all: boolean, checks: readonly CheckView[]): MonitorError {
  const known = checks.map((check) => check.id).join(', ');
  return new MonitorError('bad-argument', all ? 'There are no checks.' : 'Say which check, or --all.', {
    hint: `Checks: ${known || 'none'}`,
  });
}

/** By id, by name, or by what only one of them contains. */
function choose(checks: readonly CheckView[], name: string): CheckView {
  const exact = checks.find((check) => check.id === name) ?? checks.find((check) => check.name === name);
  const similar = checks.filter((check) => check.id.includes(name) || check.name.includes(name));
  const found = exact ?? (similar.length === 1 ? similar[0] : undefined);
  if (found) return found;
  const known = (similar.length > 1 ? similar : checks).map((check) => check.id).join(', ');
  throw new MonitorError(
    'bad-argument',
    similar.length > 1 ? `${name} fits ${similar.length} checks.` : `There is no check ${name}.`,
    {
      hint: `Checks: ${known || 'none'}`,
    },
  );
}

async function runAll(client: Client, checks: readonly CheckView[], timeoutSeconds: number): Promise<CheckView[]> {
  const results: CheckView[] = [];
  const waiting = checks.map((check, index) => ({ check, index }));
  await Promise.all(
    Array.from({ length: Math.min(atOnce, waiting.length) }, async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const { check, index } = next;
        // The run may take as long as the check itself may.
        results[index] = await client.call<CheckView>('runCheck', {
          path: { id: check.id },
          body: {},
          timeoutMs: (timeoutSeconds + check.timeout_seconds) * 1000,
        });
      }
    }),
  );
  return results;
}

function printResults(context: CliContext, results: readonly CheckView[]): void {
  const { io, paint, print } = context;
  if (results.length > 1) {
    io.out(checkTable(paint, results, io.now(), io.width));
    const bad = results.filter((check) => check.status !== 'ok').length;
    print(
      '',
      bad === 0
        ? paint.good(`All ${results.length} checks are fine.`)
        : paint.bad(`${count(bad, 'check is', 'checks are')} not fine.`),
    );
    return;
  }
  for (const check of results) printOne(context, check);
}

function printOne({ paint, print }: CliContext, check: CheckView): void {
  print(
    `${paint.state(check.status, check.status.toUpperCase())}  ${paint.title(plain(check.name))}: ${plain(check.reason)}`,
    ...pairs([
      ['Target', plain(check.target)],
      ['When', time(check.last_at)],
      ['Took', `${milliseconds(check.duration_ms)} of at most ${check.timeout_seconds} s`],
      ...(check.phases.length > 0
        ? [['Phases', check.phases.map(({ name, ms }) => `${plain(name)} ${milliseconds(ms)}`).join(', ')] as const]
        : []),
      ...check.conditions.map(
        (each) =>
          [
            each.met ? '✓' : '✗',
            `${plain(each.condition)}: ${each.met ? 'yes' : paint.state(each.severity, 'no')}, seen ${plain(each.seen)}`,
          ] as const,
      ),
      ...Object.entries(check.seen).map(
        ([key, value]) => [plain(key), plain(typeof value === 'string' ? value : JSON.stringify(value))] as const,
      ),
    ]),
    paint.faint(`  ${plain(check.explanation)}`),
  );
}
