import type { Episode, Silence } from '../model/alert.ts';
import { compileMatchers, type LabelPredicate } from '../model/matcher.ts';
import type { Labels, Matcher } from '../model/sample.ts';

/** The labels by which an alert can be chosen: its own, and `alert_type`, `source`, `severity` and `rule`. */
export function matchableLabels(alert: Pick<Episode, 'labels' | 'alertType' | 'source' | 'severity' | 'rule'>): Labels {
  return {
    ...alert.labels,
    alert_type: alert.alertType,
    source: alert.source,
    severity: alert.severity,
    rule: alert.rule,
  };
}

const compiled = new WeakMap<Silence, LabelPredicate>();

/** True when the silence is in force at `now` and means this alert. */
export function covers(silence: Silence, episode: Episode, now: number): boolean {
  if (now < silence.startsAt || now >= silence.endsAt) return false;
  let test = compiled.get(silence);
  if (!test) {
    test = compileMatchers(silence.matchers);
    compiled.set(silence, test);
  }
  return test(matchableLabels(episode));
}

/** The silence that covers an episode; of several, the one that lasts longest. */
export function silenceOf(episode: Episode, silences: readonly Silence[], now: number): Silence | undefined {
  let found: Silence | undefined;
  for (const silence of silences) {
    if (covers(silence, episode, now) && (!found || silence.endsAt > found.endsAt)) found = silence;
  }
  return found;
}

/** A silence's matchers for people: just the alert type when that is all it says. */
export function describeMatchers(matchers: readonly Matcher[]): string {
  const only = matchers.length === 1 ? matchers[0] : undefined;
  if (only?.name === 'alert_type' && only.op === '=') return only.value;
  return `{${matchers.map((each) => `${each.name}${each.op}${JSON.stringify(each.value)}`).join(', ')}}`;
}
