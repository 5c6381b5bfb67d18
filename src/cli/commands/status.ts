import type { AlertView, CheckView, OverviewView, SystemView } from '../../model/api.ts';
import { formatDuration } from '../../model/duration.ts';
import type { CliCommand, CliContext } from '../command.ts';
import { severityCounts } from '../text/alert-lines.ts';
import { bar } from '../text/bar.ts';
import { checkTable, isOld } from '../text/check-table.ts';
import { ago, count, percent, time } from '../text/format.ts';
import { loadColour, type Paint } from '../text/paint.ts';
import { heading, pairs } from '../text/section.ts';
import { pad, plain } from '../text/width.ts';

interface Seen {
  readonly overview: OverviewView;
  readonly checks: readonly CheckView[];
  readonly system: SystemView;
  readonly alerts: readonly AlertView[];
}

/** `cryomon status`: how everything is, in a sentence first. */
export const statusCommand: CliCommand = {
  register(program, context) {
    program
      .command('status')
      .description('say how everything is')
      .option('-v, --verbose', 'also each check with its last result')
      .option('--check', 'exit with 1 when something is not fine')
      .action(async ({ verbose = false, check = false }: { verbose?: boolean; check?: boolean }) => {
        const client = await context.connect();
        const [overview, { checks }, system, { alerts }] = await Promise.all([
          client.call<OverviewView>('overview'),
          client.call<{ checks: CheckView[] }>('checks'),
          client.call<SystemView>('system'),
          client.call<{ alerts: AlertView[] }>('alerts', { query: { state: 'firing', limit: 1000 } }),
        ]);
        if (context.options().json) context.json({ ...overview, checks, system, alerts });
        else printStatus(context, client.url, { overview, checks, system, alerts }, verbose);
        if (check && overview.verdict !== 'ok') context.exitWith(1);
      });
  },
};

function printStatus({ io, paint, print }: CliContext, url: string, seen: Seen, verbose: boolean): void {
  const { overview, checks, system, alerts } = seen;
  const now = overview.at;
  print(paint.state(overview.verdict, plain(overview.sentence)));
  for (const detail of overview.details)
    print(`  ${paint.state(detail.verdict, mark(detail.verdict))} ${plain(detail.text)}`);
  print(heading(paint, 'Parts'));
  for (const line of partLines(paint, overview)) print(line);
  print(heading(paint, `Resources of ${plain(system.hostname)}`));
  for (const line of resourceLines(paint, system)) print(line);
  if (alerts.length > 0) printAlerts(paint, print, alerts, now);
  if (verbose && checks.length > 0) {
    print(heading(paint, 'Checks'));
    io.out(checkTable(paint, checks, now, io.width));
    if (checks.some((check) => check.active)) print(paint.faint('* the connection that traffic would use now'));
    printFailures(paint, print, checks, now);
  }
  const old = checks.filter((check) => isOld(check, now));
  if (old.length > 0)
    print(
      '',
      paint.warning(
        `${count(old.length, 'check')} without a fresh result: ${old.map((check) => `${plain(check.name)} (${ago(check.last_at, now)})`).join(', ')}`,
      ),
    );
  const { self } = overview;
  print(
    '',
    paint.faint(
      `Monitor ${self.version} at ${url}/monitoring, up ${formatDuration(now - self.started_at)}, as of ${time(now)}`,
    ),
  );
  // The monitor's clock and ours should agree; when not, its times mislead.
  if (Math.abs(io.now() - now) > 60_000)
    print(
      paint.warning(`The monitor's clock differs from this machine's by ${formatDuration(Math.abs(io.now() - now))}.`),
    );
  if (!verbose && checks.length > 0) print(paint.faint('More: cryomon status -v, cryomon alerts, cryomon dashboard'));
}

function mark(verdict: string): string {
  return verdict === 'ok' ? '✓' : verdict === 'error' ? '✗' : verdict === 'warning' ? '!' : '?';
}

function partLines(paint: Paint, overview: OverviewView): string[] {
  return pairs(
    overview.cards.map(
      (card) =>
        [card.title, `${paint.state(card.verdict, pad(card.verdict.toUpperCase(), 7))}  ${plain(card.text)}`] as const,
    ),
  );
}

/** CPU, memory and disks with a bar each, as far as they were measured. */
function resourceLines(paint: Paint, system: SystemView): string[] {
  const shares = system.figures.filter(
    (figure) => figure.unit === 'ratio' && figure.group === 'machine' && !figure.id.includes('core'),
  );
  const shown = pairs(
    shares.map((figure) => [
      plain(figure.title),
      figure.value === null
        ? paint.faint('not measured yet')
        : `${loadColour(paint, figure.value, bar(figure.value, 20))} ${percent(figure.value).padStart(7)}`,
    ]),
  );
  return shown.length > 0 ? shown : ['  not measured yet'];
}

function printAlerts(paint: Paint, print: CliContext['print'], alerts: readonly AlertView[], now: number): void {
  const newest = alerts.reduce((a, b) => (a.started_at >= b.started_at ? a : b));
  print(heading(paint, 'Alerts'));
  print(`  ${count(alerts.length, 'alert fires', 'alerts fire')}: ${severityCounts(paint, alerts)}`);
  print(
    `  Newest: ${paint.state(newest.severity, newest.severity.toUpperCase())} from ${plain(newest.source)}, ${ago(newest.started_at, now)}: ${plain(newest.message)}`,
  );
}

/** The five newest failures of each database, as the predecessor showed them. */
function printFailures(paint: Paint, print: CliContext['print'], checks: readonly CheckView[], now: number): void {
  for (const check of checks.filter((each) => each.component === 'database' && each.status === 'error')) {
    const failures = check.recent
      .filter((run) => run.status === 'error')
      .slice(-5)
      .toReversed();
    if (failures.length === 0) continue;
    print('', `  Recent failures of ${plain(check.name)} (${check.consecutive_failures} in a row):`);
    failures.forEach((run, index) => void print(paint.faint(`    ${index + 1}. ${time(run.at)}, ${ago(run.at, now)}`)));
  }
}
