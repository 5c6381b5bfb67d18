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
}

/** Subjects that a rule remembers; past it new ones are counted and not followed. */
const mostFacts = 1000;

/** Makes a rule that judges what it is told, and remembers each subject across restarts. */
export function createFactRule(compiled: CompiledRule & { readonly plan: FactPlan }): FactRule {
  const { plan, info, policy, everyMs } = compiled;
  const rule: FactRule = {
    info,
    policy,
    compiled,
    overflow: { alerts: 0 },
    reads: plan.kinds,
    read(observation, desk) {
      const noted = plan.note(observation, (key) => desk.recall(key) as Fact | undefined, desk.now);
      if (!noted) return [];
      const { key, fact } = noted;
      const known = desk.recall(key) !== undefined;
      const settled = plan.settled?.(fact) === true;
      if (!known && !settled && desk.parts().length >= mostFacts) {
        rule.overflow.alerts += 1;
        return [];
      }
      if (!settled) desk.remember(fact, key);
      else if (known) desk.remember(undefined, key);
      const finding = judge(rule, plan, fact, desk.now, desk);
      return finding ? [finding] : [];
    },
    ...(plan.byClock
      ? { byClock: { everyMs, look: (at: number, desk: RuleDesk) => lookAtAll(rule, plan, at, desk) } }
      : {}),
  };
  return rule;
}

function lookAtAll(rule: FactRule, plan: FactPlan, at: number, desk: RuleDesk): Finding[] {
  const findings: Finding[] = [];
  for (const key of desk.parts()) {
    const finding = judge(rule, plan, desk.recall(key) as Fact, at, desk);
    if (!finding) continue;
    findings.push(finding);
    if (finding.verdict === 'over') desk.remember(undefined, key);
  }
  return findings;
}

/** Open alerts of a rule, as far as it knows their subjects. */
function openAlerts(rule: FactRule, desk: RuleDesk): number {
  return desk.parts().filter((key) => desk.openEpisode(identityOf(rule, desk.recall(key) as Fact).fingerprint)).length;
}

function identityOf({ compiled }: FactRule, fact: Fact): { labels: Labels; fingerprint: string } {
  const { definition, info } = compiled;
  const labels = { ...pick(fact.labels, definition.by), ...definition.labels };
  return { labels, fingerprint: fingerprintOf(info.id, info.alertType, info.source, labels) };
}

function judge(rule: FactRule, plan: FactPlan, fact: Fact, now: number, desk: RuleDesk): Finding | undefined {
  const { compiled } = rule;
  const { labels, fingerprint } = identityOf(rule, fact);
  const episode = desk.openEpisode(fingerprint);
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
  if (!episode && openAlerts(rule, desk) >= compiled.definition.limit) {
    rule.overflow.alerts += 1;
    return undefined;
  }
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

function onError(
  rule: FactRule,
  labels: Labels,
  error: unknown,
  now: number,
  episode: Episode | undefined,
): Finding | undefined {
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
