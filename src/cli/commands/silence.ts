import type { SilenceView } from '../../model/api.ts';
import { formatDuration } from '../../model/duration.ts';
import type { CliCommand } from '../command.ts';
import { durationSeconds } from '../flag-values.ts';
import { time } from '../text/format.ts';
import { plain } from '../text/width.ts';

interface Flags {
  readonly alertType: string;
  readonly duration: number;
  readonly comment: string;
}

/** `cryomon silence`: alerts of a type tell nobody for a while. */
export const silenceCommand: CliCommand = {
  register(program, context) {
    program
      .command('silence')
      .description('keep alerts of a type from telling anybody for a while')
      .requiredOption('--alert-type <type>', 'which alerts, e.g. high_cpu_usage')
      .option(
        '-d, --duration <seconds>',
        'how long: seconds, or 30m, 2h; 0 for the default of an hour',
        durationSeconds,
        3600,
      )
      .option('--comment <text>', 'why, for the others', '')
      .action(async ({ alertType, duration, comment }: Flags) => {
        const client = await context.connect();
        const body = { alert_type: alertType, duration_seconds: duration === 0 ? 3600 : duration, comment };
        const silence = await client.call<SilenceView>('silence', { body });
        if (context.options().json) return context.json(silence);
        const length = formatDuration(silence.ends_at - silence.starts_at);
        context.print(
          `Alerts of type ${plain(alertType)} tell nobody for ${length}, until ${time(silence.ends_at)}. They are still recorded.`,
          `Sooner again: cryomon unsilence --alert-type ${plain(alertType)}`,
        );
      });
  },
};
