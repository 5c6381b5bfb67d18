import { z } from 'zod';
import { formatDuration } from '../../../model/duration.ts';
import { compileMatchers } from '../../../model/matcher.ts';
import type { ProgressRun } from '../../../model/progress.ts';
import { conditionKind, type Fact, type Judged } from '../condition.ts';
import { duration, ms } from '../duration-setting.ts';
import { matchersOf, matchSetting } from '../matcher-setting.ts';

const states = ['stalled', 'failing', 'late'] as const;

/**
 * Batch jobs. `stalled`: it says it runs and does not move (value: seconds of silence). `failing`: its share of failed items, or 1 when the
 * run ended without success. `late`: a run that takes longer than it may, or no run that was done for too long (value: seconds too late).
 */
export const progressCondition = conditionKind({
  kind: 'progress',
  source: 'progress',
  threshold: { op: 'above', at: 0, recoverAt: 0 },
  schema: z
    .strictObject({
      kind: z.literal('progress').describe('A batch job is stalled, failing or late.'),
      is: z.enum(states).describe('What is wrong with the job.'),
      match: matchSetting.optional().describe('Which jobs: matchers on `job`.'),
      longer_than: duration(1000).optional().describe('For `late`: a run may take so long.'),
      expected_every: duration(1000).optional().describe('For `late`: a run must be done this often.'),
      min_items: z.int().min(1).default(10).describe('For `failing`: fewer processed items say nothing.'),
    })
    .superRefine((value, context) => {
      if (value.is !== 'late' || value.longer_than !== undefined || value.expected_every !== undefined) return;
      context.addIssue({
        code: 'custom',
        path: ['is'],
        message:
          '"late" needs `longer_than` (how long a run may take) or `expected_every` (how often one must be done)',
      });
    }),
  plan(when) {
    const fits = compileMatchers(matchersOf(when.match));
    const longest = when.longer_than === undefined ? undefined : ms(when.longer_than);
    const expected = when.expected_every === undefined ? undefined : ms(when.expected_every);
    const judges: Record<(typeof states)[number], (fact: Fact, now: number) => Judged | null> = {
      stalled: judgeStalled,
      failing: (fact) => judgeFailing(fact, when.min_items),
      late: (fact, now) => judgeLate(fact, now, longest, expected),
    };
    return {
      sort: 'facts',
      kinds: ['progress'],
      history: 'progress',
      subject: {
        stalled: 'seconds for which a running job has not moved',
        failing: 'share of the items of a job that failed',
        late: `seconds that a job is late (${[
          longest === undefined ? '' : `a run may take ${formatDuration(longest)}`,
          expected === undefined ? '' : `one must be done every ${formatDuration(expected)}`,
        ]
          .filter((each) => each !== '')
          .join(', ')})`,
      }[when.is],
      unit: when.is === 'failing' ? 'ratio' : 'seconds',
      byClock: when.is !== 'failing',
      note(observation, before) {
        if (observation.kind !== 'progress') return undefined;
        const { run } = observation;
        if (!fits({ job: run.name })) return undefined;
        return { key: run.name, fact: factOf(run, before(run.name)) };
      },
      judge: judges[when.is],
    };
  },
});

function factOf(run: ProgressRun, before: Fact | undefined): Fact {
  const doneAt = run.state === 'done' ? (run.endedAt ?? run.updatedAt) : before?.seen.done_at;
  return {
    labels: { job: run.name },
    at: run.updatedAt,
    seen: {
      run: run.id,
      state: run.state,
      message: run.message,
      processed: run.processedItems,
      failed: run.failedItems,
      started_at: run.startedAt,
      known_since: Number(before?.seen.known_since ?? run.startedAt),
      ...(doneAt === undefined ? {} : { done_at: doneAt }),
    },
  };
}

function judgeStalled({ labels, seen, at }: Fact, now: number): Judged {
  const quietMs = Math.max(0, now - at);
  const stalled = seen.state === 'stalled';
  return {
    value: stalled ? quietMs / 1000 : 0,
    message: `Job ${labels.job} makes no progress for ${formatDuration(quietMs)}`,
    reason: stalled ? `no progress for ${formatDuration(quietMs)}` : `the job is ${seen.state}`,
    context: { run: seen.run },
  };
}

function judgeFailing({ labels, seen }: Fact, least: number): Judged {
  const ended = seen.state === 'failed' || seen.state === 'abandoned';
  const processed = Number(seen.processed);
  const failed = Number(seen.failed);
  const value = ended ? 1 : processed >= least ? failed / processed : 0;
  return {
    value,
    message: ended
      ? `Job ${labels.job} ${seen.state}: ${seen.message}`
      : `Job ${labels.job} fails: ${failed} of ${processed} items`,
    reason: ended ? `the run ${seen.state}` : `${failed} of ${processed} items failed`,
    context: { run: seen.run },
  };
}

function judgeLate(
  { labels, seen }: Fact,
  now: number,
  longest: number | undefined,
  expected: number | undefined,
): Judged {
  const open = seen.state === 'running' || seen.state === 'paused' || seen.state === 'stalled';
  const overrun = open && longest !== undefined ? now - Number(seen.started_at) - longest : 0;
  const since = Number(seen.done_at ?? seen.known_since);
  const missing = expected !== undefined ? now - since - expected : 0;
  const late = Math.max(0, overrun, missing);
  return {
    value: late / 1000,
    message: `Job ${labels.job} is late by ${formatDuration(late)}`,
    reason:
      late === 0
        ? 'the job is in time'
        : overrun >= missing
          ? `the run takes ${formatDuration(now - Number(seen.started_at))}`
          : `no run was done for ${formatDuration(now - since)}`,
    context: { run: seen.run },
  };
}
