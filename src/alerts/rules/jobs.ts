import { formatDuration } from '../../model/duration.ts';
import type { ProgressRun } from '../../model/progress.ts';
import type { Finding, Rule } from '../rule.ts';
import type { RuleSettings } from './rule-settings.ts';

const atOnce = { failures: 1, recoveries: 1, forMs: 0, keepFiringForMs: 0 };

/** `job_stalled`: a job says it runs but has not moved for long; its reader decides what long is. */
export function jobStalledRule(_settings: RuleSettings): Rule {
  return {
    info: {
      id: 'job_stalled',
      alertType: 'job_stalled',
      source: 'progress',
      condition: 'a running job reports no progress for much longer than its batches take',
      explanation: 'The job waits for something or hangs. Ends when it moves again, or ends.',
    },
    policy: atOnce,
    read(observation, desk) {
      if (observation.kind !== 'progress') return [];
      const { run } = observation;
      const quiet = formatDuration(Math.max(0, desk.now - run.updatedAt));
      return [
        finding(
          run,
          run.state === 'stalled',
          'warning',
          `Job ${run.name} makes no progress (${place(run)}, quiet for ${quiet})`,
          {
            bad: `no progress for ${quiet}`,
            good: run.state === 'running' ? 'it moves again' : `the job is ${run.state}`,
          },
        ),
      ];
    },
  };
}

/** `job_failed`: a job ended without success, or its process was lost. Ends when a later run of the same job works or is done. */
export function jobFailedRule(_settings: RuleSettings): Rule {
  return {
    info: {
      id: 'job_failed',
      alertType: 'job_failed',
      source: 'progress',
      condition: 'a job reports failure, or its process ends before it does',
      explanation: 'Ends when the job is started again.',
    },
    policy: atOnce,
    read(observation) {
      if (observation.kind !== 'progress') return [];
      const { run } = observation;
      const failed = run.state === 'failed' || run.state === 'abandoned';
      const what =
        run.state === 'abandoned'
          ? 'was abandoned: its process ended'
          : `failed${run.message ? `: ${run.message}` : ''}`;
      return [
        finding(run, failed, 'error', `Job ${run.name} ${what} (${place(run)})`, {
          bad: what,
          good: run.state === 'done' ? 'a run of the job is done' : 'the job runs again',
        }),
      ];
    },
  };
}

function finding(
  run: ProgressRun,
  bad: boolean,
  severity: 'warning' | 'error',
  message: string,
  reason: { bad: string; good: string },
): Finding {
  return {
    labels: { job: run.name },
    verdict: bad ? 'bad' : 'good',
    severity,
    message,
    reason: bad ? reason.bad : reason.good,
    context: {
      run: run.id,
      processed: run.processedItems,
      failed: run.failedItems,
      total: run.totalItems,
      instance: run.instance,
    },
  };
}

function place(run: ProgressRun): string {
  return run.totalItems > 0 ? `${run.processedItems} of ${run.totalItems} items` : `${run.processedItems} items`;
}
