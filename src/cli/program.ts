import { Command, CommanderError } from 'commander';
import { isMonitorError } from '../model/problem.ts';
import { version } from '../model/version.ts';
import { createContext } from './command.ts';
import { addCompletion, wantsCompletion } from './commands/completion.ts';
import { positive } from './flag-values.ts';
import type { Io } from './io.ts';
import { commands } from './registry.ts';

/** What the exit code says. */
export const exitCodes = { fine: 0, bad: 1, usage: 2, unreachable: 3 } as const;

/** Runs the command line and resolves with its exit code: 0 fine, 1 something is wrong, 2 wrong usage, 3 no monitor reachable. */
export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  let code: number = exitCodes.fine;
  const program = new Command('cryomon');
  const context = createContext(
    io,
    argv,
    () => program,
    (wanted) => {
      code = Math.max(code, wanted);
    },
  );
  program
    .description('Watches databases, endpoints, this machine and your applications.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .option('--url <address>', 'address of the monitor, e.g. http://127.0.0.1:5001 [CRYOMON_URL]')
    .option('--token <token>', 'bearer token for it [CRYOMON_TOKEN]')
    .option('--data-dir <folder>', 'data folder of the monitor, to find it by [CRYOMON_DATA_DIR]')
    .option('--config <file>', 'configuration file [CRYOMON_CONFIG]')
    .option('--json', 'print JSON instead of text')
    .option('--timeout <seconds>', 'longest wait for an answer', positive, 10)
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.err(text),
      outputError: (text, write) => write(`cryomon: ${text}`),
    })
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .exitOverride();
  for (const command of commands) command.register(program, context);
  if (wantsCompletion(argv)) await addCompletion(program);
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    return codeOf(error, io);
  }
}

/** Says an error to a person and answers the exit code it stands for. */
export function codeOf(error: unknown, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.fine : exitCodes.usage;
  if (!isMonitorError(error)) {
    io.err(`cryomon: this is a mistake in cryomon itself: ${error instanceof Error ? error.stack : String(error)}\n`);
    return exitCodes.bad;
  }
  io.err(`cryomon: ${error.message}\n${error.hint === undefined ? '' : `  ${error.hint}\n`}`);
  switch (error.code) {
    case 'monitor-unreachable':
      return exitCodes.unreachable;
    case 'configuration-invalid':
    case 'configuration-missing':
    case 'configuration-unreadable':
    case 'login-required':
    case 'bad-argument':
      return exitCodes.usage;
    default:
      return exitCodes.bad;
  }
}
