import type { CliCommand } from '../command.ts';
import { wholeNumber } from '../flag-values.ts';

interface Flags {
  readonly port?: number;
  readonly host?: string;
  readonly open: boolean;
}

/** `cryomon dashboard`: opens the dashboard in the browser. */
export const dashboardCommand: CliCommand = {
  register(program, context) {
    program
      .command('dashboard')
      .description('open the dashboard in the browser')
      .option('-p, --port <number>', 'port of the monitor, when it is not to be searched', wholeNumber)
      .option('--host <host>', 'host of the monitor, when it is not to be searched')
      .option('--no-open', 'only print the address')
      .action(async ({ port, host, open }: Flags) => {
        const given = port !== undefined || host !== undefined;
        const base = given ? `http://${host ?? 'localhost'}:${port ?? 5001}` : (await context.connect()).url;
        const url = `${base}/monitoring`;
        if (context.options().json) context.json({ url });
        else context.print(`Dashboard: ${url}`);
        if (open) await context.io.open(url);
      });
  },
};
