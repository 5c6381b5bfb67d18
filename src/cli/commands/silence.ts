import type { SilencePreviewView, SilenceView } from '../../model/api.ts';
import { formatDuration } from '../../model/duration.ts';
import { parseMatchers } from '../../model/matcher.ts';
import { MonitorError } from '../../model/problem.ts';
import type { CliCommand, CliContext } from '../command.ts';
import { durationSeconds } from '../flag-values.ts';
import { count, time } from '../text/format.ts';
import { plain } from '../text/width.ts';

interface Flags {
  readonly alertType?: string;
  readonly match: readonly string[];
  readonly duration?: number;
  readonly untilResolved?: boolean;
  readonly schedule?: string;
  readonly timezone: string;
  readonly comment: string;
  readonly preview?: boolean;
}

/** `cryomon silence`: matching alerts tell nobody for a while, by a schedule, or until they are over. */
export const silenceCommand: CliCommand = {
  register(program, context) {
    program
      .command('silence')
      .description('keep alerts from telling anybody: for a while, by a schedule, or until they are over')
      .option('--alert-type <type>', 'alerts of this type, e.g. high_cpu_usage')
      .option(
        '-m, --match <matchers>',
        'alerts that fit, e.g. source="database",severity=~"warning|error"; several must all fit',
        (text: string, before: readonly string[]) => [...before, text],
        [],
      )
      .option(
        '-d, --duration <seconds>',
        'how long: seconds, or 30m, 2h; 0 for the default of an hour',
        durationSeconds,
      )
      .option('--until-resolved', 'until everything that it covers is over')
      .option('--schedule <cron>', 'only in windows that begin by this pattern and last --duration, e.g. "0 2 * * 6"')
      .option('--timezone <name>', 'time zone of the schedule; without it that of the monitor', '')
      .option('--comment <text>', 'why, for the others', '')
      .option('--preview', 'only show what it would cover now')
      .action((flags: Flags) => silence(context, flags));
  },
};

async function silence(context: CliContext, flags: Flags): Promise<void> {
  const chosen = choiceOf(flags);
  const client = await context.connect();
  if (flags.preview) {
    const preview = await client.call<SilencePreviewView>('previewSilence', { body: chosen });
    if (context.options().json) return context.json(preview);
    const rest = preview.matching - preview.alerts.length;
    context.print(
      `It would cover ${count(preview.matching, 'alert')} now, ${preview.firing} of them firing.`,
      ...preview.alerts.map(({ severity, message }) => `  ${severity}  ${plain(message)}`),
      ...(rest > 0 ? [`  and ${rest} more`] : []),
    );
    return;
  }
  const made = await client.call<SilenceView>('silence', {
    body: { ...chosen, ...lengthOf(flags), comment: flags.comment },
  });
  if (context.options().json) return context.json(made);
  const what = flags.alertType === undefined ? 'Alerts that fit' : `Alerts of type ${plain(flags.alertType)}`;
  const again = flags.alertType === undefined ? `--id ${made.id}` : `--alert-type ${plain(flags.alertType)}`;
  context.print(
    `${what} tell nobody ${spanOf(made)}. They are still recorded.`,
    `Sooner again: cryomon unsilence ${again}`,
  );
}

function choiceOf({ alertType, match }: Flags): object {
  if ((alertType === undefined) === (match.length === 0)) {
    throw new MonitorError('bad-argument', 'A silence needs either --alert-type or --match.', {
      hint: 'For example: cryomon silence --alert-type high_cpu_usage --duration 1h',
    });
  }
  return alertType === undefined ? { matchers: match.flatMap(parseMatchers) } : { alert_type: alertType };
}

function lengthOf({ duration, untilResolved, schedule, timezone }: Flags): object {
  const seconds = duration === undefined || duration === 0 ? 3600 : duration;
  if (schedule !== undefined) return { schedule: { cron: schedule, duration_seconds: seconds, time_zone: timezone } };
  if (untilResolved) return duration ? { until_resolved: true, duration_seconds: duration } : { until_resolved: true };
  return { duration_seconds: seconds };
}

function spanOf({ schedule, until_resolved, starts_at, ends_at }: SilenceView): string {
  if (schedule) {
    return `for ${formatDuration(schedule.duration_seconds * 1000)} each time ${schedule.cron} comes (${schedule.time_zone})`;
  }
  if (until_resolved) return 'until they are over';
  return `for ${formatDuration(ends_at - starts_at)}, until ${time(ends_at)}`;
}
