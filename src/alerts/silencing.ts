import type { Episode, Silence } from '../model/alert.ts';
import { compileMatchers, type LabelPredicate } from '../model/matcher.ts';
import type { Labels, Matcher } from '../model/sample.ts';
import { cronWindows, type Windows } from './recurrence.ts';

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

interface Compiled {
  readonly test: LabelPredicate;
  readonly windows: Windows | undefined;
}
const compiled = new WeakMap<Silence, Compiled>();

function compile(silence: Silence): Compiled {
  let found = compiled.get(silence);
  if (!found) {
    found = {
      test: compileMatchers(silence.matchers),
      windows: silence.schedule && cronWindows(silence.schedule),
    };
    compiled.set(silence, found);
  }
  return found;
}

/** Epoch ms until which the silence is in force without a break; undefined when it is not in force at `now`. */
export function inForceUntil(silence: Silence, now: number): number | undefined {
  if (now < silence.startsAt || now >= silence.endsAt) return undefined;
  const { windows } = compile(silence);
  if (!windows) return silence.endsAt;
  const open = windows.openAt(now);
  return open && Math.min(open.to, silence.endsAt);
}

/** True when the silence's matchers choose this alert, whether it is in force now or not. */
export function chooses(silence: Silence, episode: Episode): boolean {
  return compile(silence).test(matchableLabels(episode));
}

/** The silence that covers an episode; of several, the one that lasts longest. */
export function silenceOf(
  episode: Episode,
  silences: readonly Silence[],
  now: number,
): { readonly silence: Silence; readonly until: number } | undefined {
  let found: { silence: Silence; until: number } | undefined;
  for (const silence of silences) {
    const until = inForceUntil(silence, now);
    if (until === undefined || (found && until <= found.until) || !chooses(silence, episode)) continue;
    found = { silence, until };
  }
  return found;
}

/** A silence's matchers for people: just the alert type when that is all it says. */
export function describeMatchers(matchers: readonly Matcher[]): string {
  const only = matchers.length === 1 ? matchers[0] : undefined;
  if (only?.name === 'alert_type' && only.op === '=') return only.value;
  return `{${matchers.map((each) => `${each.name}${each.op}${JSON.stringify(each.value)}`).join(', ')}}`;
}
