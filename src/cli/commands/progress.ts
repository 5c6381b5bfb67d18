import type { ProgressView } from '../../model/api.ts';
import type { CliCommand } from '../command.ts';
import { progressLines } from '../text/progress-lines.ts';

const bad = new Set<ProgressView['state']>(['stalled', 'failed', 'abandoned']);

/** `cryomon progress`: batch jobs with their bars. */
export const progressCommand: CliCommand = {
  register(program, context) {
    program
      .command('progress')
      .description('show how far batch jobs are')
      .option('-v, --verbose', 'also elapsed time, batches and checkpoints')
      .option('--check', 'exit with 1 when a job stalls or failed')
      .action(async ({ verbose = false, check = false }: { verbose?: boolean; check?: boolean }) => {
        const client = await context.connect();
        const { progress } = await client.call<{ progress: ProgressView[] }>('progress');
        const { io, paint, print } = context;
        if (context.options().json) context.json({ progress });
        else if (progress.length === 0) print('No jobs have reported yet.');
        else
          progress.forEach(
            (run, index) => void print(...(index === 0 ? [] : ['']), ...progressLines(paint, run, io.now(), verbose)),
          );
        if (check && progress.some((run) => bad.has(run.state))) context.exitWith(1);
      });
  },
};
