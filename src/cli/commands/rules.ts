import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { RuleDetailView, RulePreviewView, RuleView } from '../../model/api.ts';
import { isMonitorError, MonitorError } from '../../model/problem.ts';
import type { Client } from '../client.ts';
import type { CliCommand, CliContext } from '../command.ts';
import { durationSeconds } from '../flag-values.ts';
import { ago } from '../text/format.ts';
import { previewLines } from '../text/rule-lines.ts';
import { table } from '../text/table.ts';
import { plain } from '../text/width.ts';

interface TestFlags {
  /** Seconds. */
  readonly since: number;
  readonly check?: boolean;
}

const week = 7 * 86_400;
/** A week of history may take a while on a small machine. */
const previewTimeoutMs = 60_000;

/** `cryomon rules`: the rules in force; `show ID` one of them; `test FILE` when rules of a file would have fired. */
export const rulesCommand: CliCommand = {
  register(program, context) {
    const rules = program
      .command('rules')
      .description('list the rules that make alerts, and try new ones on the stored history')
      .action(() => listRules(context));
    addShow(rules, context);
    addTest(rules, context);
  },
};

function addShow(rules: Command, context: CliContext): void {
  rules
    .command('show')
    .description('show one rule, as it was written and as it stands')
    .argument('<id>', 'its id, as cryomon rules lists it')
    .action((id: string) => showRule(context, id));
}

function addTest(rules: Command, context: CliContext): void {
  rules
    .command('test')
    .description('say when the rules of a file would have fired; nothing is stored or told')
    .argument('<file>', 'JSON: one rule, a list of rules, or a whole configuration; - for standard input')
    .option('--since <duration>', 'how far back, e.g. 7d', durationSeconds, week)
    .option('--check', 'exit with 1 also when a rule would have fired')
    .action((file: string, flags: TestFlags) => testRules(context, file, flags));
}

async function listRules(context: CliContext): Promise<void> {
  const client = await context.connect();
  const { rules } = await client.call<{ rules: RuleView[] }>('rules');
  if (context.options().json) context.json({ rules });
  else {
    const rows = rules.map((rule) => [plain(rule.id), healthOf(rule), rule.origin, plain(rule.condition)]);
    const columns = [{ title: 'Rule' }, { title: 'State' }, { title: 'From' }, { title: 'Fires when', flexible: true }];
    context.io.out(table(columns, rows, context.io.width, context.paint.faint));
  }
}

function healthOf({ health, firing, pending }: RuleView): string {
  if (health === 'firing') return firing === 1 ? 'firing' : `${firing} firing`;
  if (health === 'pending') return pending === 1 ? 'pending' : `${pending} pending`;
  return health === 'no-data' ? 'no data' : health;
}

async function showRule(context: CliContext, id: string): Promise<void> {
  const client = await context.connect();
  const rule = await client.call<RuleDetailView>('rule', { path: { id } });
  if (context.options().json) {
    context.json(rule);
    return;
  }
  const { paint, print, io } = context;
  print(
    `${paint.title(plain(rule.id))}  ${paint.faint(`${rule.origin}, ${plain(rule.source)}`)}`,
    `  ${plain(rule.condition)}`,
    ...(rule.explanation === '' ? [] : [paint.faint(`  ${plain(rule.explanation)}`)]),
    ...(rule.runbook === null ? [] : [`  runbook ${plain(rule.runbook)}`]),
    `  ${healthOf(rule)}${rule.last_evaluated_at === null ? '' : `, evaluated ${ago(rule.last_evaluated_at, io.now())}`}`,
    ...(rule.last_error === null ? [] : [`  ${plain(rule.last_error)}`]),
    ...(rule.overflow === 0 ? [] : [`  ${rule.overflow} times there was no room within its limit`]),
  );
  if (rule.definition !== null) print('', JSON.stringify(rule.definition, null, 2));
}

async function testRules(context: CliContext, file: string, flags: TestFlags): Promise<void> {
  const rules = rulesIn(await textOf(context, file), file);
  const client = await context.connect();
  const results: ({ id: string; preview: RulePreviewView } | { id: string; problem: string })[] = [];
  for (const [index, rule] of rules.entries()) results.push(await tryRule(client, rule, index, flags.since));
  if (context.options().json) context.json({ results });
  else
    for (const [index, result] of results.entries()) {
      if (index > 0) context.print('');
      if ('preview' in result) context.print(...previewLines(context.paint, result.preview));
      else context.print(`${context.paint.title(plain(result.id))}`, `  ${plain(result.problem)}`);
    }
  const bad = results.some((each) => 'problem' in each);
  const fires = results.some((each) => 'preview' in each && each.preview.episodes.length > 0);
  if (bad || (flags.check && fires)) context.exitWith(1);
}

async function tryRule(client: Client, rule: unknown, index: number, since: number) {
  const id = String((rule as { id?: unknown } | null)?.id ?? `rule ${index + 1}`);
  try {
    const body = { rule, from: `now-${Math.round(since)}s` };
    return { id, preview: await client.call<RulePreviewView>('previewRule', { body, timeoutMs: previewTimeoutMs }) };
  } catch (error) {
    if (isMonitorError(error) && error.code === 'request-refused') return { id, problem: error.message };
    throw error;
  }
}

async function textOf({ io }: CliContext, file: string): Promise<string> {
  if (file === '-') return io.read();
  try {
    return readFileSync(resolve(io.cwd, file), 'utf8');
  } catch (cause) {
    throw new MonitorError('bad-argument', `${file} cannot be read.`, {
      cause,
      hint: 'Give a file with one rule, a list of rules, or a configuration with alerts.rules.',
    });
  }
}

/** The rules of a document: one, a list, or those of a configuration. Throws MonitorError `bad-argument`. */
function rulesIn(text: string, file: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new MonitorError('bad-argument', `${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const rules = (value as { alerts?: { rules?: unknown } } | null)?.alerts?.rules ?? value;
  const list = Array.isArray(rules) ? rules : [rules];
  if (list.length > 0 && list.every((each) => typeof each === 'object' && each !== null)) return list;
  throw new MonitorError('bad-argument', `${file} holds no rules.`, {
    hint: 'Give one rule, a list of rules, or a configuration with alerts.rules.',
  });
}
