import type { CheckInfo, CheckResult } from '../../model/check.ts';
import type { ErrorGroup } from '../../model/error.ts';
import type { SeriesStore, StateStore } from '../../model/store.ts';
import type { Observation } from '../rule.ts';
import type { AwakeTimes } from './awake-times.ts';
import type { CompiledRule } from './compiled.ts';
import type { FactPlan } from './condition.ts';
import type { FactRule } from './fact-rule.ts';
import type { Rehearsal } from './rehearsal.ts';
import type { Turns } from './turns.ts';

/** An observation as it can be read back. */
export interface Remembered {
  readonly at: number;
  readonly observation: Observation;
}

interface Sources {
  readonly store: SeriesStore;
  readonly state: StateStore;
  /** What checks are called; the series of a check only has its id. */
  readonly checks: ReadonlyMap<string, CheckInfo>;
  readonly from: number;
  readonly to: number;
}

const most = 100_000;

/** Reads back what a rule on events would have been told, oldest first, and says what cannot be read back. */
export async function readEvents(
  { plan, definition }: CompiledRule & { readonly plan: FactPlan },
  sources: Sources,
): Promise<{ events: Remembered[]; notes: string[] }> {
  const notes: string[] = [];
  const events = await readers[plan.history ?? 'checks'](sources, notes);
  const { when } = definition;
  if ('status' in when && Array.isArray(when.status) && when.status.includes('warning'))
    notes.push('Of a check only up and down are stored, so warnings count as up here.');
  if (when.kind === 'progress' && when.is === 'stalled')
    notes.push('That a job stalled in between is not stored; only runs that still are stalled can be seen here.');
  return { events: events.sort((a, b) => a.at - b.at), notes };
}

const readers: Record<
  NonNullable<FactPlan['history']>,
  (sources: Sources, notes: string[]) => Promise<Remembered[]>
> = {
  checks: readChecks,
  deliveries: readDeliveries,
  errors: readErrors,
  progress: readProgress,
};

async function readChecks({ store, checks, from, to }: Sources): Promise<Remembered[]> {
  const stepMs = 1000;
  const pieceMs = 1_000_000 * stepMs;
  const events: Remembered[] = [];
  for (let start = from; start < to; start += pieceMs) {
    const answer = await store.query({
      name: 'check_up',
      from: start,
      to: Math.min(to, start + pieceMs),
      stepMs,
      aggregates: ['last'],
      limit: 100,
    });
    for (const { labels, at, values } of answer.series) {
      const check = checks.get(labels.check ?? '') ?? unknownCheck(labels);
      for (const [i, when] of at.entries()) {
        events.push({ at: when, observation: { kind: 'check', result: resultOf(check, when, values.last![i] === 0) } });
      }
    }
  }
  return events;
}

function resultOf(check: CheckInfo, at: number, failed: boolean): CheckResult {
  return {
    check,
    at,
    durationMs: 0,
    status: failed ? 'error' : 'ok',
    reason: failed ? 'it was down' : 'it was up',
    seen: {},
  };
}

function unknownCheck(labels: Readonly<Record<string, string>>): CheckInfo {
  const id = labels.check ?? '';
  return {
    id,
    kind: id.startsWith('app:') ? 'event-loop' : '',
    component: (labels.component ?? 'api') as CheckInfo['component'],
    name: id.slice(id.indexOf(':') + 1),
    target: '',
    intervalMs: 60_000,
    timeoutMs: 0,
    explanation: '',
  };
}

async function readDeliveries({ state, from, to }: Sources): Promise<Remembered[]> {
  const attempts = await state.find('attempts', { from, to, order: 'oldest', limit: most });
  return attempts
    .filter((attempt) => attempt.outcome !== 'retry')
    .map(({ at, channel, outcome, summary }) => ({
      at,
      observation: { kind: 'delivery', channel, delivered: outcome === 'delivered', summary },
    }));
}

/** The first event of a group and its kept examples; that a group came back stands in the journal. */
async function readErrors({ state, from, to }: Sources, notes: string[]): Promise<Remembered[]> {
  notes.push('Of each group of errors a few examples are stored, so alerts may end earlier here than they would have.');
  const groups = await state.find('error_groups', { from, order: 'oldest', limit: most });
  const known = new Map(groups.map((group) => [group.id, group]));
  const open = (group: ErrorGroup): ErrorGroup => ({ ...group, state: 'open' });
  const events: Remembered[] = [];
  for (const group of groups) {
    if (group.firstSeenAt < from || group.firstSeenAt >= to) continue;
    events.push({ at: group.firstSeenAt, observation: { kind: 'error', group: open(group), what: 'new', events: 1 } });
  }
  for (const { at, about } of await state.find('journal', {
    where: { kind: 'error' },
    from,
    to,
    order: 'oldest',
    limit: most,
  })) {
    const group = known.get(about?.error ?? '');
    if (group && about?.change === 'regressed') {
      events.push({ at, observation: { kind: 'error', group: open(group), what: 'regressed', events: 1 } });
    }
  }
  for (const { at, groupId } of await state.find('error_occurrences', { from, to, order: 'oldest', limit: most })) {
    const group = known.get(groupId);
    if (group && at > group.firstSeenAt) {
      events.push({ at, observation: { kind: 'error', group: open(group), what: 'seen', events: 1 } });
    }
  }
  return events;
}

async function readProgress({ state, from, to }: Sources): Promise<Remembered[]> {
  const runs = await state.find('progress_runs', { from, order: 'oldest', limit: most });
  const events: Remembered[] = [];
  for (const run of runs) {
    const begun = { ...run, state: 'running', processedItems: 0, failedItems: 0, updatedAt: run.startedAt } as const;
    if (run.startedAt < to) events.push({ at: run.startedAt, observation: { kind: 'progress', run: begun } });
    const at = run.endedAt ?? run.updatedAt;
    if (at < to && at > run.startedAt) events.push({ at, observation: { kind: 'progress', run } });
  }
  return events;
}

/** Tells a rule what happened, and lets it look in between when time alone can change its mind. */
export async function replayFacts(options: {
  readonly rule: FactRule;
  readonly events: readonly Remembered[];
  readonly span: { readonly from: number; readonly to: number };
  readonly awake: AwakeTimes;
  readonly rehearsal: Rehearsal;
  readonly turns: Turns;
}): Promise<{ looked: number; expected: number }> {
  const { rule, events, span, awake, rehearsal, turns } = options;
  let looked = 0;
  let expected = 0;
  let next = 0;
  const tell = async (until: number) => {
    for (; next < events.length && events[next]!.at <= until; next++) {
      const { at, observation } = events[next]!;
      rehearsal.play(rule.read(observation, rehearsal.desk(at, span.from)), at);
      looked += 1;
      expected += 1;
      await turns.yield();
    }
  };
  if (rule.byClock) {
    const every = rule.byClock.everyMs;
    for (let at = (Math.floor(span.from / every) + 1) * every; at <= span.to; at += every) {
      await tell(at);
      expected += 1;
      const since = awake.since(at);
      if (since === undefined) continue;
      looked += 1;
      rehearsal.play(rule.byClock.look(at, rehearsal.desk(at, since)), at);
      await turns.yield();
    }
  }
  await tell(span.to);
  return { looked, expected };
}
