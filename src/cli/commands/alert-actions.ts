import type { Command } from 'commander';
import type { AlertView, ExplanationView, WhyNotView } from '../../model/api.ts';
import { formatDuration } from '../../model/duration.ts';
import type { CliContext } from '../command.ts';
import { durationSeconds } from '../flag-values.ts';
import { explanationLines, whyNotLines } from '../text/explanation-lines.ts';
import { time } from '../text/format.ts';
import { plain } from '../text/width.ts';

/** What can be done with one alert: `cryomon alerts ack`, `unack`, `explain` and `why-not`. */
export function registerAlertActions(alerts: Command, context: CliContext): void {
  alerts
    .command('ack')
    .description('say that you look after an alert; reminders and escalations stop')
    .argument('<id>', 'id of the alert, as `cryomon alerts -v` shows it')
    .option('--note <text>', 'what the others should know', '')
    .option(
      '--for <duration>',
      'how long, e.g. 2h; then it is told again. Without it until it is over',
      durationSeconds,
    )
    .action((id: string, flags: { note: string; for?: number }) => acknowledge(context, id, flags));
  alerts
    .command('unack')
    .description('take an acknowledgement back; the alert is told again')
    .argument('<id>', 'id of the alert')
    .option('--note <text>', 'why', '')
    .action(async (id: string, { note }: { note: string }) => {
      const client = await context.connect();
      const alert = await client.call<AlertView>('unacknowledge', { path: { id }, body: { note } });
      if (context.options().json) return context.json(alert);
      context.print(`Nobody looks after it any more: ${plain(alert.message)}`);
    });
  alerts
    .command('explain')
    .description('why an alert fires: what is usual, what changed and what failed before, who was told')
    .argument('<id>', 'id of the alert')
    .action(async (id: string) => {
      const client = await context.connect();
      const [alert, explanation] = await Promise.all([
        client.call<AlertView>('alert', { path: { id } }),
        client.call<ExplanationView>('explanation', { path: { id } }),
      ]);
      if (context.options().json) return context.json(explanation);
      context.print(...explanationLines(context.paint, alert, explanation));
    });
  alerts
    .command('why-not')
    .description('why nobody is told of an alert, a check, a rule or an alert type')
    .argument('<subject>', 'an id of an alert, a check such as database:main, a rule or an alert type')
    .action(async (subject: string) => {
      const client = await context.connect();
      const answer = await client.call<WhyNotView>('whyNot', { query: { subject } });
      if (context.options().json) return context.json(answer);
      context.print(...whyNotLines(context.paint, answer, context.io.now()));
    });
}

async function acknowledge(context: CliContext, id: string, flags: { note: string; for?: number }): Promise<void> {
  const client = await context.connect();
  const body = { note: flags.note, ...(flags.for === undefined ? {} : { duration_seconds: flags.for }) };
  const alert = await client.call<AlertView>('acknowledge', { path: { id }, body });
  if (context.options().json) return context.json(alert);
  const until = alert.acknowledged?.until_at;
  const length =
    flags.for === undefined || until == null
      ? 'until it is over'
      : `for ${formatDuration(flags.for * 1000)}, until ${time(until)}; then it is told again`;
  context.print(`Acknowledged ${length}: ${plain(alert.message)}`);
}
