import type { CliCommand } from '../command.ts';
import { count } from '../text/format.ts';
import { plain } from '../text/width.ts';

/** `cryomon unsilence`: alerts of a type are told again. */
export const unsilenceCommand: CliCommand = {
  register(program, context) {
    program
      .command('unsilence')
      .description('let alerts of a type be told again')
      .requiredOption('--alert-type <type>', 'which alerts, e.g. high_cpu_usage')
      .action(async ({ alertType }: { alertType: string }) => {
        const client = await context.connect();
        const answer = await client.call<{ ended: number }>('unsilenceType', { body: { alert_type: alertType } });
        if (context.options().json) return context.json(answer);
        const name = plain(alertType);
        context.print(
          answer.ended > 0
            ? `Alerts of type ${name} are told again (${count(answer.ended, 'silence')} ended).`
            : `Alerts of type ${name} were not silenced.`,
        );
      });
  },
};
