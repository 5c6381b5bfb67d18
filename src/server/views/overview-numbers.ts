import type { CardView, OverviewView } from '../../model/api.ts';
import type { ErrorGroup } from '../../model/error.ts';
import type { ProgressRun } from '../../model/progress.ts';
import type { ServerOptions } from '../options.ts';
import { operations } from './operations.ts';
import { journalView } from './record-views.ts';
import { type SparkQuery, spark } from './spark.ts';
import { observedStretches, timeline } from './timeline.ts';

const hour = 3_600_000;

/** The slow part of the overview: what needs queries. Kept for a few seconds and shared by all who look. */
export interface OverviewNumbers {
  readonly sparks: Readonly<Record<CardView['id'], (number | null)[]>>;
  readonly operations: Awaited<ReturnType<typeof operations>>;
  readonly timeline: OverviewView['timeline'];
  readonly changes: OverviewView['changes'];
  readonly runs: readonly ProgressRun[];
  readonly groups: readonly ErrorGroup[];
}

const sparkQueries: Readonly<Record<'databases' | 'endpoints' | 'system' | 'operations', SparkQuery>> = {
  databases: {
    name: 'check_duration_seconds',
    matchers: [{ name: 'component', op: '=', value: 'database' }],
    aggregate: 'avg',
    join: 'avg',
  },
  endpoints: {
    name: 'check_duration_seconds',
    matchers: [{ name: 'component', op: '=', value: 'api' }],
    aggregate: 'avg',
    join: 'avg',
  },
  system: { name: 'system_cpu_usage_ratio', aggregate: 'avg', join: 'avg' },
  operations: { name: 'operation_duration_seconds', aggregate: 'count' },
};

/** Asks the stores for everything the overview shows besides the checks and alerts of this very moment. */
export async function overviewNumbers(options: ServerOptions): Promise<OverviewNumbers> {
  const { series, state, clock } = options;
  const now = clock.now();
  const [databases, endpoints, system, traffic, ops, day, changes, runs, groups] = await Promise.all([
    spark(series, sparkQueries.databases, now),
    spark(series, sparkQueries.endpoints, now),
    spark(series, sparkQueries.system, now),
    spark(series, sparkQueries.operations, now),
    operations(series, now - 5 * 60_000, now + 1),
    dayOf(options, now),
    state.find('journal', { from: now - hour, limit: 50 }),
    state.find('progress_runs', { from: now - 24 * hour, limit: 200 }),
    state.find('error_groups', { limit: 200 }),
  ]);
  const sparks = {
    databases,
    endpoints,
    system,
    operations: traffic.map((count) => (count === null ? null : count / 60)),
    progress: [],
    errors: countsPerMinute(
      groups.map((group) => group.lastSeenAt),
      now,
    ),
    alerts: [],
  };
  return { sparks, operations: ops, timeline: day, changes: changes.map(journalView), runs, groups };
}

async function dayOf(options: ServerOptions, now: number): Promise<OverviewView['timeline']> {
  const from = now - 24 * hour;
  const stepMs = 300_000;
  const [ended, ours] = await Promise.all([
    options.state.find('episodes', { where: { state: 'resolved' }, from: from - 24 * hour, limit: 500 }),
    options.series.query({
      name: 'process_memory_rss_bytes',
      matchers: [{ name: 'process', op: '=', value: 'monitor' }],
      from,
      to: now + 1,
      stepMs,
      aggregates: ['count'],
    }),
  ]);
  const observed = observedStretches(
    ours.series.flatMap((one) => [...one.at]),
    ours.stepMs,
    now,
  );
  // This very process has been looking since it started, whatever has reached the disk so far.
  observed.push({ from: options.startedAt, to: now });
  const episodes = [...ended.filter((one) => (one.resolvedAt ?? now) > from), ...options.alerts.active()];
  return timeline(episodes, observed, from, now);
}

function countsPerMinute(times: readonly number[], now: number): (number | null)[] {
  const line = new Array<number>(60).fill(0);
  for (const at of times) {
    const step = 59 - Math.floor((now - at) / 60_000);
    if (step >= 0 && step < 60) line[step]! += 1;
  }
  return line;
}
