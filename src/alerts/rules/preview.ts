import type { RulePreview } from '../../model/alert.ts';
import type { CheckInfo } from '../../model/check.ts';
import { MonitorError } from '../../model/problem.ts';
import type { SeriesStore, StateStore } from '../../model/store.ts';
import { readAwakeTimes } from './awake-times.ts';
import { type CompiledRule, compileRule } from './compiled.ts';
import type { FactPlan, SeriesPlan } from './condition.ts';
import type { RuleDefinition } from './definition.ts';
import { createFactRule } from './fact-rule.ts';
import { readEvents, replayFacts } from './preview-facts.ts';
import { gatherLines } from './preview-lines.ts';
import { readSeriesHistory, replaySeries } from './preview-series.ts';
import { rehearse } from './rehearsal.ts';
import { takeTurns } from './turns.ts';

const hour = 3_600_000;
/** Evaluations that one preview may take: 90 days by the minute. */
const mostEvaluations = 400_000;

interface PreviewRequest {
  readonly definition: RuleDefinition;
  readonly span: { readonly from: number; readonly to: number };
  readonly store: SeriesStore;
  readonly state: StateStore;
  readonly checks: ReadonlyMap<string, CheckInfo>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Says when a rule would have fired. The rule, its evaluation and the state machine are the engine's own; only the points come from the
 * store, and nothing is stored or told. Gives way to others every few milliseconds.
 */
export async function previewRule(request: PreviewRequest): Promise<RulePreview> {
  const { definition, span, store, signal } = request;
  if (!(span.to > span.from)) {
    throw new MonitorError('bad-argument', 'A preview needs a start and a later end.', { hint: 'Give from and to.' });
  }
  const compiled = compileRule(definition, 'configuration');
  const { plan, everyMs } = compiled;
  if ((span.to - span.from) / everyMs > mostEvaluations) {
    throw new MonitorError('bad-argument', `The preview would take more than ${mostEvaluations} evaluations.`, {
      hint: 'Look at a shorter time, or let the rule look less often (every).',
    });
  }
  const awake = await readAwakeTimes(store, span.from - hour, span.to);
  const turns = takeTurns(signal);
  return plan.sort === 'series'
    ? previewSeries({ ...compiled, plan }, request, awake, turns)
    : previewFacts({ ...compiled, plan }, request, awake, turns);
}

type Awake = Awaited<ReturnType<typeof readAwakeTimes>>;
type Taken = ReturnType<typeof takeTurns>;

async function previewSeries(
  compiled: CompiledRule & { readonly plan: SeriesPlan },
  { span, store, signal }: PreviewRequest,
  awake: Awake,
  turns: Taken,
): Promise<RulePreview> {
  const history = await readSeriesHistory(compiled, store, span, signal);
  const { rule, histories } = history;
  const extreme = extremeOf(compiled);
  const gathered = gatherLines(span, extreme);
  rule.onValue = (group, at, value) => gathered.add(group.fingerprint, group.labels, at, value);
  const rehearsal = rehearse(rule, extreme);
  const { looked, expected } = await replaySeries({ history, span, awake, rehearsal, turns });
  const notes: string[] = [];
  if (rule.slotMs > compiled.everyMs)
    notes.push(
      `A part of the history is only kept coarsely, so the rule was evaluated every ${rule.slotMs / 1000} s here.`,
    );
  if (histories.some((each) => each.truncated)) notes.push('There are more series than are read; the first 500 were.');
  if (histories.every((each) => each.lines.length === 0)) notes.push('There is no such series in this time.');
  return {
    ...answer(compiled, span, rehearsal, rule.overflow.alerts),
    evaluations: looked,
    expectedEvaluations: expected,
    tier: histories.every((each) => each.lines.length === 0) ? 'none' : coarsest(histories.map((each) => each.tier)),
    lines: gathered.lines(),
    notes: [...notes, ...coverageNotes(looked, expected)],
  };
}

async function previewFacts(
  compiled: CompiledRule & { readonly plan: FactPlan },
  { span, store, state, checks }: PreviewRequest,
  awake: Awake,
  turns: Taken,
): Promise<RulePreview> {
  const rule = createFactRule(compiled);
  const extreme = extremeOf(compiled);
  const gathered = gatherLines(span, extreme);
  rule.onValue = (labels, at, value) => gathered.add(JSON.stringify(labels), labels, at, value);
  const rehearsal = rehearse(rule, extreme);
  const { events, notes } = await readEvents(compiled, { store, state, checks, ...span });
  const { looked, expected } = await replayFacts({ rule, events, span, awake, rehearsal, turns });
  if (events.length === 0) notes.push('Nothing of the kind happened in this time.');
  return {
    ...answer(compiled, span, rehearsal, rule.overflow.alerts),
    evaluations: looked,
    expectedEvaluations: expected,
    tier: events.length === 0 ? 'none' : 'events',
    lines: gathered.lines(),
    notes: [...notes, ...coverageNotes(looked, expected)],
  };
}

function answer(
  compiled: CompiledRule,
  { from, to }: { from: number; to: number },
  rehearsal: ReturnType<typeof rehearse>,
  overflow: number,
): Pick<RulePreview, 'rule' | 'from' | 'to' | 'episodes' | 'passedOver' | 'overflow'> {
  const { episodes, passedOver, unlisted } = rehearsal;
  return { rule: compiled.info, from, to, episodes, passedOver, overflow: overflow + unlisted };
}

function coverageNotes(looked: number, expected: number): string[] {
  if (looked >= expected) return [];
  const share = Math.floor((100 * looked) / expected);
  return [`The monitor ran during ${share} % of this time; the rest says nothing.`];
}

function extremeOf({ thresholds }: CompiledRule): (a: number, b: number) => number {
  return thresholds[0]?.op === 'below' ? Math.min : Math.max;
}

function coarsest(tiers: readonly ('raw' | 'minute' | 'hour')[]): 'raw' | 'minute' | 'hour' {
  return tiers.includes('hour') ? 'hour' : tiers.includes('minute') ? 'minute' : 'raw';
}
