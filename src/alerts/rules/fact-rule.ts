import type { Episode } from '../../model/alert.ts';
import type { Labels } from '../../model/sample.ts';
import { fingerprintOf } from '../fingerprint.ts';
import type { Finding, Rule, RuleDesk } from '../rule.ts';
import type { CompiledRule } from './compiled.ts';
import type { Fact, FactPlan, Judged } from './condition.ts';
import { crossed, formatNumber } from './threshold.ts';

/** A rule that judges what happens: results of checks, jobs, error groups, deliveries. */
export interface FactRule extends Rule {
  readonly compiled: CompiledRule;
  readonly overflow: { alerts: number };
  /** Hears of each value that was judged. */
  onValue?: (labels: Labels, at: number, value: number) => void;
  /** Subjects it knows. */
  subjects(desk: Pick<RuleDesk, 'recall'>): number;
}

type Facts = Readonly<Record<string, Fact>>;

/** Subjects that a rule remembers; the one that was silent longest goes first. */
const mostFacts = 1000;

/** Makes a rule that judges what it is told, and remembers it across restarts. */
export function createFactRule(compiled: CompiledRule & { readonly plan: FactPlan }): FactRule {
  const { plan, info, policy, everyMs } = compiled;
  const overflow = { alerts: 0 };
  const recall = (desk: Pick<RuleDesk, 'recall'>): Facts => (desk.recall() ?? {}) as Facts;
  const rule: FactRule = {
    info,
    policy,
    compiled,
    overflow,
    reads: plan.kinds,
    subjects: (desk) => Object.keys(recall(desk)).length,
    read(observation, desk) {
      const facts = recall(desk);
      const noted = plan.note(observation, (key) => (Object.hasOwn(facts, key) ? facts[key] : undefined), desk.now);
      if (!noted) return [];
      desk.remember(withFact(facts, noted.key, noted.fact));
      const finding = judge(rule, plan, noted.fact, desk.now, desk, Object.keys(facts).length);
      return finding ? [finding] : [];
    },
    ...(plan.byClock
      ? {
          byClock: {
            everyMs,
            look(at: number, desk: RuleDesk): Finding[] {
              const facts = recall(desk);
              const findings: Finding[] = [];
              const left: Record<string, Fact> = {};
              for (const [key, fact] of Object.entries(facts)) {
                const finding = judge(rule, plan, fact, at, desk, 0);
                if (finding) findings.push(finding);
                if (finding?.verdict !== 'over') left[key] = fact;
              }
              if (Object.keys(left).length < Object.keys(facts).length) desk.remember(left);
              return findings;
            },
          },
        }
      : {}),
  };
  return rule;
}

function withFact(facts: Facts, key: string, fact: Fact): Facts {
  const { [key]: _, ...others } = facts;
  const entries = Object.entries(others);
  // The order of keys is the order in which subjects were heard, oldest first.
  const kept = entries.length >= mostFacts ? Object.fromEntries(entries.slice(entries.length - mostFacts + 1)) : others;
  return { ...kept, [key]: fact };
}

function judge(rule: FactRule, plan: FactPlan, fact: Fact, now: number, desk: RuleDesk, _known: number): Finding | undefined {
  const { compiled } = rule;
  const { definition, info } = compiled;
  const labels = { ...pick(fact.labels, definition.by), ...definition.labels };
  const episode = desk.openEpisode(fingerprintOf(info.id, info.alertType, info.source, labels));
  let judged: Judged | null;
  try {
    judged = plan.judge(fact, now);
  } catch (error) {
    return onError(rule, labels, error, now, episode);
  }
  if (judged === null) return undefined;
  const { value, reason, message, context } = judged;
  if (judged.verdict) return { labels, verdict: judged.verdict, severity: 'error', message, reason };
  rule.onValue?.(labels, now, value);
  const before = episode?.state === 'firing' ? episode.severity : undefined;
  const threshold = crossed(value, compiled.thresholds, before);
  if (!threshold && !episode) return undefined;
  return compiled.dress({
    labels,
    verdict: threshold ? 'bad' : 'good',
    severity: threshold?.severity ?? compiled.thresholds[0]!.severity,
    message,
    reason: threshold ? reason : `${reason} (${formatNumber(value)} ${compiled.plan.unit})`,
    value,
    threshold: threshold?.at ?? compiled.thresholds[0]!.at,
    context: context ?? {},
    lastedMs: episode ? Math.max(0, now - episode.startedAt) : 0,
  });
}

function onError(rule: FactRule, labels: Labels, error: unknown, now: number, episode: Episode | undefined): Finding | undefined {
  const { definition, thresholds, dress } = rule.compiled;
  const policy = definition.on_error;
  if (policy === 'unknown' || (!episode && policy !== 'alert')) return undefined;
  const reason = `the evaluation failed: ${String(error)}`;
  return dress({
    labels,
    verdict: policy === 'ok' ? 'good' : 'bad',
    severity: episode?.severity ?? thresholds[0]!.severity,
    message: `${definition.id}: ${reason}`,
    reason,
    context: {},
    lastedMs: episode ? Math.max(0, now - episode.startedAt) : 0,
  });
}

function pick(labels: Labels, names: readonly string[] | undefined): Labels {
  if (names === undefined) return labels;
  return Object.fromEntries(names.flatMap((name) => (Object.hasOwn(labels, name) ? [[name, labels[name]!]] : [])));
}
