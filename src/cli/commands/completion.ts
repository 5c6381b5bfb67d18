import type { Command } from 'commander';
import type { CliCommand } from '../command.ts';

/** `cryomon completion bash`: a script that completes commands and flags. Here it only has its line in the help. */
export const completionCommand: CliCommand = {
  register(program, { argv }) {
    if (wantsCompletion(argv)) return;
    program
      .command('completion')
      .description('print a completion script for bash, zsh, fish or powershell')
      .argument('<shell>');
  },
};

/** True when the shell asks for the script, or the script asks for suggestions. */
export function wantsCompletion(argv: readonly string[]): boolean {
  return argv[0] === 'completion' || argv[0] === 'complete';
}

/** Lets the completion library see the finished program; it is loaded only for its own two commands. */
export async function addCompletion(program: Command): Promise<void> {
  const { default: tab } = await import('@bomb.sh/tab/commander');
  tab(program, { completionCommandName: 'completion' });
}
