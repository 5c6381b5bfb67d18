import type { SilenceView } from '../../model/api.ts';
import { formatDuration } from '../../model/duration.ts';
import type { CliCommand, CliContext } from '../command.ts';
import { durationSeconds } from '../flag-values.ts';
import { time } from '../text/format.ts';
import { plain } from '../text/width.ts';

/** `cryomon silences`: those in force, past ones with `--expired`; `cryomon silences extend ID --for 2h` moves the end of one. */
export const silencesCommand: CliCommand = {
  register(program, context) {
    const silences = program
      .command('silences')
      .description('list silences; extend one')
      .option('--expired', 'past ones instead, newest first')
      .action(({ expired }: { expired?: boolean }) => list(context, expired === true));
    silences
      .command('extend')
      .description('move the end of a silence')
      .argument('<id>', 'id of the silence')
      .requiredOption('--for <duration>', 'from now on, e.g. 2h', durationSeconds)
      .option('--comment <text>', 'why, for the others')
      .action(async (id: string, flags: { for: number; comment?: string }) => {
        const client = await context.connect();
        const body = {
          duration_seconds: flags.for,
          ...(flags.comment === undefined ? {} : { comment: flags.comment }),
        };
        const silence = await client.call<SilenceView>('changeSilence', { path: { id }, body });
        if (context.options().json) return context.json(silence);
        context.print(`${what(silence)} is silent until ${time(silence.ends_at)}.`);
      });
  },
};

async function list(context: CliContext, expired: boolean): Promise<void> {
  const client = await context.connect();
  const { silences } = await client.call<{ silences: SilenceView[] }>('silences', {
    query: { state: expired ? 'expired' : undefined },
  });
  if (context.options().json) return context.json({ silences });
  if (silences.length === 0) return context.print(expired ? 'No silence has ended.' : 'Nothing is silenced.');
  for (const silence of silences) context.print(...linesOf(silence, context.io.now()));
}

function linesOf(silence: SilenceView, now: number): string[] {
  const { state, schedule, until_resolved, ends_at, created_by, comment, id } = silence;
  const end = until_resolved
    ? 'until it is over'
    : state === 'expired'
      ? `ended ${time(ends_at)}`
      : `for another ${formatDuration(Math.max(0, ends_at - now))}, until ${time(ends_at)}`;
  const when = schedule
    ? ` (${formatDuration(schedule.duration_seconds * 1000)} by ${schedule.cron}, ${schedule.time_zone})`
    : '';
  return [
    `${what(silence)}: ${state}, ${end}${when}`,
    `  by ${plain(created_by)}${comment === '' ? '' : `: ${plain(comment)}`}`,
    `  id ${id}`,
  ];
}

function what({ alert_type, matchers }: SilenceView): string {
  return plain(alert_type ?? matchers.map(({ name, op, value }) => `${name}${op}${JSON.stringify(value)}`).join(', '));
}
