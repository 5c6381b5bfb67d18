import { MonitorError } from '../../model/problem.ts';
import type { CliCommand } from '../command.ts';
import { count } from '../text/format.ts';
import { plain } from '../text/width.ts';

/** `cryomon unsilence`: alerts of a type are told again. */
export const unsilenceCommand: CliCommand = {
  register(program, context) {
    program
      .command('unsilence')
      .description('let alerts of a type be told again')
      .option('--alert-type <type>', 'which alerts, e.g. high_cpu_usage')
      .option('--id <id>', 'only this silence, as `cryomon silences` shows it')
      .action(async ({ alertType, id }: { alertType?: string; id?: string }) => {
        if ((alertType === undefined) === (id === undefined)) {
          throw new MonitorError('bad-argument', 'Which silence? Give either --alert-type or --id.', {
            hint: '`cryomon silences` lists them.',
          });
        }
        const client = await context.connect();
        if (id !== undefined) {
          const one = await client.call<{ ended: number }>('unsilence', { path: { id } });
          if (context.options().json) return context.json(one);
          return context.print('The silence is over.');
        }
        const answer = await client.call<{ ended: number }>('unsilenceType', { body: { alert_type: alertType } });
        if (context.options().json) return context.json(answer);
        const name = plain(alertType ?? '');
        context.print(
          answer.ended > 0
            ? `Alerts of type ${name} are told again (${count(answer.ended, 'silence')} ended).`
            : `Alerts of type ${name} were not silenced.`,
        );
      });
  },
};
