import { Option } from 'commander';
import type { AlertView, SilenceView } from '../../model/api.ts';
import { formatDuration } from '../../model/duration.ts';
import { type Severity, severities } from '../../model/severity.ts';
import type { CliCommand, CliContext } from '../command.ts';
import { wholeNumber } from '../flag-values.ts';
import { alertLines } from '../text/alert-lines.ts';
import { heading } from '../text/section.ts';
import { plain } from '../text/width.ts';
import { registerAlertActions } from './alert-actions.ts';

interface Flags {
  readonly source?: string;
  readonly severity?: Severity;
  readonly type?: string;
  readonly state?: string;
  readonly limit: number;
  readonly verbose?: boolean;
  readonly check?: boolean;
}

/** `cryomon alerts`: the newest alerts, those that fire first. */
export const alertsCommand: CliCommand = {
  register(program, context) {
    const alerts = program
      .command('alerts')
      .description('list alerts, firing ones first; acknowledge and explain one')
      .option('-s, --source <source>', 'only from this source, e.g. database')
      .addOption(new Option('--severity <severity>', 'only of this severity').choices(severities))
      .option('--type <type>', 'only of this alert type, e.g. high_cpu_usage')
      .addOption(new Option('--state <state>', 'only in this state').choices(['pending', 'firing', 'resolved']))
      .option('-l, --limit <number>', 'show at most so many; 0 for the default of 10', wholeNumber, 10)
      .option('-v, --verbose', 'also reason, value and context')
      .option('--check', 'exit with 1 when a warning or worse fires')
      .action((flags: Flags) => listAlerts(context, flags));
    registerAlertActions(alerts, context);
  },
};

async function listAlerts(context: CliContext, flags: Flags): Promise<void> {
  const client = await context.connect();
  const limit = flags.limit === 0 ? 10 : flags.limit;
  const query = { source: flags.source, severity: flags.severity, alert_type: flags.type, state: flags.state };
  const [{ alerts }, { silences }] = await Promise.all([
    // One more than shown, to know whether there are more.
    client.call<{ alerts: AlertView[] }>('alerts', { query: { ...query, limit: limit + 1 } }),
    client.call<{ silences: SilenceView[] }>('silences'),
  ]);
  const rank = { firing: 0, pending: 1, resolved: 2 };
  const ordered = alerts.toSorted((a, b) => rank[a.state] - rank[b.state] || b.started_at - a.started_at);
  const shown = ordered.slice(0, limit);
  if (context.options().json) context.json({ alerts: shown, silences });
  else printAlerts(context, shown, ordered.length > limit, silences, flags.verbose === true);
  const fires = ordered.some((alert) => alert.state === 'firing' && !['debug', 'info'].includes(alert.severity));
  if (flags.check && fires) context.exitWith(1);
}

function printAlerts(
  { io, paint, print }: CliContext,
  alerts: readonly AlertView[],
  more: boolean,
  silences: readonly SilenceView[],
  verbose: boolean,
): void {
  if (alerts.length === 0) print('No alerts.');
  for (const [index, alert] of alerts.entries())
    print(...(index === 0 ? [] : ['']), ...alertLines(paint, alert, io.now(), verbose));
  if (more) print('', paint.faint(`Showing ${alerts.length}; there are more: --limit ${alerts.length * 2}`));
  if (silences.length === 0) return;
  print(heading(paint, 'Silences'));
  for (const silence of silences) {
    const what = silence.alert_type ?? silence.matchers.map(({ name, op, value }) => `${name}${op}${value}`).join(', ');
    print(
      `  ${plain(what)} for another ${formatDuration(silence.remaining_seconds * 1000)}${silence.comment === '' ? '' : `: ${plain(silence.comment)}`}`,
    );
  }
}
