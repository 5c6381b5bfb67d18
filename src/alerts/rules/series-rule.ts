import type { Episode } from '../../model/alert.ts';
import type { Labels } from '../../model/sample.ts';
import type { Severity } from '../../model/severity.ts';
import { fingerprintOf } from '../fingerprint.ts';
import type { Finding, Rule, RuleDesk } from '../rule.ts';
import type { CompiledRule } from './compiled.ts';
import type { SeriesPlan } from './condition.ts';
import { type Measured, type SeriesGroup, SeriesGroups } from './series-group.ts';
import { crossed, formatNumber, type Threshold } from './threshold.ts';

/** A rule that judges series; the engine and the preview run this very one. */
export interface SeriesRule extends Rule {
  readonly plan: SeriesPlan;
  readonly slotMs: number;
  readonly groups: SeriesGroups;
  readonly compiled: CompiledRule;
  /** Alerts that found no room within the limit. */
  readonly overflow: { alerts: number };
  /** Hears of the value of each group at each evaluation. */
  onValue?: (group: SeriesGroup, at: number, value: number) => void;
}

/** Series that share no alert are few in practice; past this many they are counted and not judged. */
const mostGroups = 10_000;
const hour = 3_600_000;

/** Makes a series rule without any points yet. */
export function createSeriesRule(compiled: CompiledRule & { readonly plan: SeriesPlan }): SeriesRule {
  const { plan, info, policy, definition, everyMs } = compiled;
  const groups = new SeriesGroups({
    inputs: plan.inputs,
    slotMs: everyMs,
    by: definition.by ?? plan.by,
    most: mostGroups,
    identify(chosen) {
      const labels = { ...chosen, ...definition.labels };
      return { labels, fingerprint: fingerprintOf(info.id, info.alertType, info.source, labels) };
    },
  });
  const overflow = { alerts: 0 };
  const rule: SeriesRule = {
    info,
    policy,
    plan,
    slotMs: everyMs,
    groups,
    compiled,
    overflow,
    reads: [],
    read: () => [],
    byClock: {
      everyMs,
      look: (at, desk) => look(rule, at, desk),
      turnedBack: (now) => groups.dropFrom(Math.floor(now / everyMs)),
    },
  };
  return rule;
}

/** Everything a rule has to say about one moment. */
function look(rule: SeriesRule, at: number, desk: RuleDesk): Finding[] {
  const end = Math.round(at / rule.slotMs);
  const findings: Finding[] = [];
  const fresh: Finding[] = [];
  let open = 0;
  for (const group of rule.groups.all) {
    const episode = desk.openEpisode(group.fingerprint);
    if (episode) open += 1;
    const finding = judge(rule, group, end, at, desk, episode);
    if (!finding) continue;
    if (episode) findings.push(finding);
    else if (finding.verdict === 'bad') fresh.push(finding);
  }
  const nothing = judgeNothing(rule, at, desk);
  if (nothing) findings.push(nothing);
  const room = Math.max(0, rule.compiled.definition.limit - open);
  if (fresh.length > room) rule.overflow.alerts += fresh.length - room;
  for (const finding of fresh.slice(0, room)) findings.push(finding);
  return findings;
}

function judge(
  rule: SeriesRule,
  group: SeriesGroup,
  end: number,
  at: number,
  desk: RuleDesk,
  episode: Episode | undefined,
): Finding | undefined {
  const { plan, slotMs, compiled } = rule;
  let measured: Measured | undefined;
  try {
    measured = plan.measure(group, end, slotMs);
  } catch (error) {
    group.verdict = 'error';
    return withoutValue(
      rule,
      group,
      compiled.definition.on_error,
      `the evaluation failed: ${String(error)}`,
      at,
      episode,
    );
  }
  if (measured === undefined || !Number.isFinite(measured.value)) return silent(rule, group, end, at, desk, episode);
  if (plan.absent && measured.value > 0) {
    const gone = goneFor(rule, group, end);
    if (gone !== undefined) return over(rule, group, gone);
    // Nobody looked during a part of the window, so that nobody can say that there was nothing.
    if (at - desk.awakeSince < plan.absent.windowMs) return undefined;
  }
  group.value = measured.value;
  rule.onValue?.(group, at, measured.value);
  const before = episode?.state === 'firing' ? episode.severity : undefined;
  const level = levelOf(measured, compiled.thresholds, before);
  group.verdict = level ? 'bad' : 'good';
  if (!level && !episode) return undefined;
  return dressed(rule, group, measured, level, at, episode);
}

interface LevelReached {
  readonly severity: Severity;
  readonly at: number | undefined;
  readonly words: string;
}

function levelOf(
  measured: Measured,
  thresholds: readonly Threshold[],
  before: Severity | undefined,
): LevelReached | undefined {
  const { value, severity } = measured;
  if (severity === null) return undefined;
  if (severity !== undefined) return { severity, at: measured.threshold, words: '' };
  const threshold = crossed(value, thresholds, before);
  if (!threshold) return undefined;
  const { op, at } = threshold;
  const beyond = op === 'equal' || (op === 'above' ? value > at : value < at);
  const words = beyond
    ? op === 'equal'
      ? `is ${formatNumber(at)}`
      : `is ${op} ${formatNumber(at)}`
    : `has not come back to ${formatNumber(threshold.recoverAt)} yet`;
  return { severity: threshold.severity, at, words };
}

function dressed(
  rule: SeriesRule,
  group: SeriesGroup,
  measured: Measured,
  level: LevelReached | undefined,
  at: number,
  episode: Episode | undefined,
): Finding {
  const { compiled, plan } = rule;
  const { value } = measured;
  const said = measured.reason?.();
  const seen = said ?? `${formatNumber(value)}${plan.unit === '' ? '' : ` ${plan.unit}`}`;
  const reason = level ? (said ?? `${seen} ${level.words}`) : said === undefined ? `${seen} is normal again` : said;
  const threshold = level?.at ?? compiled.thresholds[0]?.at;
  const input = plan.inputs[0]!;
  return compiled.dress({
    labels: group.labels,
    verdict: level ? 'bad' : 'good',
    severity: level?.severity ?? compiled.thresholds[0]?.severity ?? 'error',
    message: `${compiled.info.id}${about(group.labels)}: ${plan.subject}: ${seen}`,
    reason,
    value,
    ...(threshold === undefined ? {} : { threshold }),
    series: { name: input.name, labels: seriesLabels(rule, group.labels) },
    context: {},
    lastedMs: episode ? Math.max(0, at - episode.startedAt) : 0,
  });
}

/** No points within the window: by the rule's policy, until its subject is taken to be gone. */
function silent(
  rule: SeriesRule,
  group: SeriesGroup,
  end: number,
  at: number,
  desk: RuleDesk,
  episode: Episode | undefined,
): Finding | undefined {
  const gone = goneFor(rule, group, end);
  if (gone !== undefined) return over(rule, group, gone);
  group.verdict = 'unknown';
  group.value = undefined;
  const longest = Math.max(...rule.plan.inputs.map((each) => each.windowMs));
  const policy = rule.compiled.definition.no_data;
  if (policy === 'alert' && at - desk.awakeSince < longest) return undefined;
  return withoutValue(rule, group, policy, `no data for ${rule.plan.subject}`, at, episode);
}

function withoutValue(
  rule: SeriesRule,
  group: SeriesGroup,
  policy: 'ok' | 'alert' | 'keep' | 'unknown',
  reason: string,
  at: number,
  episode: Episode | undefined,
): Finding | undefined {
  const { compiled } = rule;
  if (policy === 'unknown' || (!episode && policy !== 'alert')) return undefined;
  const mildest = compiled.thresholds[0]?.severity ?? 'error';
  return compiled.dress({
    labels: group.labels,
    verdict: policy === 'ok' ? 'good' : 'bad',
    severity: episode?.severity ?? mildest,
    message: `${compiled.info.id}${about(group.labels)}: ${reason}`,
    reason,
    context: {},
    lastedMs: episode ? Math.max(0, at - episode.startedAt) : 0,
  });
}

/** How long ago the newest point was, in ms, when that is so long that its series is taken to be gone. */
function goneFor({ plan, slotMs }: SeriesRule, group: SeriesGroup, end: number): number | undefined {
  const longest = Math.max(...plan.inputs.map((each) => each.windowMs));
  const silentMs = (end - 1 - group.newest(end)) * slotMs;
  return silentMs > (plan.forgetAfterMs ?? Math.max(hour, longest)) ? silentMs : undefined;
}

function over(rule: SeriesRule, group: SeriesGroup, _silentMs: number): Finding {
  rule.groups.delete(group);
  return {
    labels: group.labels,
    verdict: 'over',
    severity: 'error',
    message: '',
    reason: 'the series is gone',
  };
}

/** What it means that there is no series at all: for absence it is bad itself, else the policy decides. */
function judgeNothing(rule: SeriesRule, at: number, desk: RuleDesk): Finding | undefined {
  const { plan, compiled, groups } = rule;
  const absent = plan.absent;
  if (!absent && compiled.definition.no_data !== 'alert') return undefined;
  const chosen: Labels = { ...absent?.labels, ...compiled.definition.labels };
  const { id, alertType, source } = compiled.info;
  const fingerprint = fingerprintOf(id, alertType, source, chosen);
  const episode = desk.openEpisode(fingerprint);
  if (groups.size > 0) {
    const taken = [...groups.all].some((group) => group.fingerprint === fingerprint);
    return episode && !taken
      ? { labels: chosen, verdict: 'over', severity: 'error', message: '', reason: 'there are series now' }
      : undefined;
  }
  const windowMs = absent?.windowMs ?? Math.max(...plan.inputs.map((each) => each.windowMs));
  if (at - desk.awakeSince < windowMs) return undefined;
  return compiled.dress({
    labels: chosen,
    verdict: 'bad',
    severity: compiled.thresholds[0]?.severity ?? 'error',
    message: `${id}: there is no series ${plan.inputs.map((each) => each.name).join(' and ')}`,
    reason: `no series ${plan.inputs[0]!.name} at all`,
    context: {},
    lastedMs: episode ? Math.max(0, at - episode.startedAt) : 0,
  });
}

function about(labels: Labels): string {
  const words = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}

/** The labels by which the chart of an alert finds its series. */
function seriesLabels(rule: SeriesRule, labels: Labels): Labels {
  const own = rule.compiled.definition.labels;
  const equal = rule.plan.inputs[0]!.matchers.filter((each) => each.op === '=');
  const rest = Object.entries(labels).filter(([name, value]) => own[name] !== value);
  return { ...Object.fromEntries(equal.map((each) => [each.name, each.value])), ...Object.fromEntries(rest) };
}
