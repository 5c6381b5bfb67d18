import type { Episode } from '../../model/alert.ts';
import type { OverviewView, Verdict } from '../../model/api.ts';
import type { CheckState, CheckStatus } from '../../model/check.ts';
import { formatMoment } from '../local-time.ts';
import { activeConnection, chainOf } from './check-view.ts';

/** The whole in one word, one sentence, and a line for each thing that is not well, worst first. */
export interface Summary {
  readonly verdict: Verdict;
  readonly sentence: string;
  readonly details: OverviewView['details'];
}

const rank: Record<Verdict, number> = { ok: 0, unknown: 1, warning: 2, error: 3 };

/** The worst verdict; `unknown` for none at all, because nothing observed is not well. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.length === 0) return 'unknown';
  return verdicts.reduce((worst, one) => (rank[one] > rank[worst] ? one : worst));
}

export function verdictOfStatus(status: CheckStatus): Verdict {
  return status === 'stale' ? 'unknown' : status;
}

export function verdictOfAlert(episode: Episode): Verdict {
  if (episode.severity === 'error' || episode.severity === 'critical') return 'error';
  return episode.severity === 'warning' ? 'warning' : 'ok';
}

/** Says how everything is, from the checks as they stand and the alerts that fire and are not silenced. */
export function summarize(checks: readonly CheckState[], active: readonly Episode[], now: number): Summary {
  const telling = active.filter((alert) => alert.state === 'firing' && alert.silencedBy === undefined);
  const bad = checks.filter((state) => state.status !== 'ok');
  const planned = bad.filter((state) => state.maintenance !== undefined);
  const causes = new Set(bad.map((state) => state.check.id));
  const consequence = (state: CheckState) => causes.has(state.last?.becauseOf?.check ?? '');
  const details = [
    ...bad
      .filter((state) => !planned.includes(state) && !consequence(state))
      .map((state) =>
        withAlerts(
          withConsequences(checkDetail(state, activeConnection(chainOf(state, checks)), now), state, bad),
          alertsOf(state, telling),
        ),
      ),
    ...telling
      .filter((alert) => verdictOfAlert(alert) !== 'ok' && !saidByCheck(alert, checks))
      .map((alert) => ({
        verdict: verdictOfAlert(alert),
        text: `${sentenceOf(alert.message)} since ${formatMoment(alert.startedAt, now)}`,
        link: `/monitoring/alerts/${alert.id}`,
      })),
  ].sort((a, b) => rank[b.verdict] - rank[a.verdict]);
  const fine = checks.filter((state) => state.status === 'ok').map((): Verdict => 'ok');
  const verdict = worstVerdict([...fine, ...planned.map((): Verdict => 'ok'), ...details.map((one) => one.verdict)]);
  if (details.length === 0 && planned.length > 0) {
    const counted = checks.length - planned.length;
    const words = `${counted === 1 ? 'One check is' : `${counted} checks are`} fine, ${planned.length} in planned maintenance`;
    return { verdict, sentence: words, details: planned.map((state) => plannedDetail(state, now)) };
  }
  const all = [...details, ...planned.map((state) => plannedDetail(state, now))];
  return { verdict, sentence: sentence(checks, details), details: all };
}

/** What is down on purpose is nobody's trouble, and is said all the same. */
function plannedDetail(state: CheckState, now: number): Detail {
  const { name, until } = state.maintenance!;
  return {
    verdict: 'ok',
    text: `${labelOf(state)} is in maintenance (${name}) until ${formatMoment(until, now)}`,
    link: linkOf(state),
  };
}

/** What fails only because of this check is part of its line: one trouble is one line. */
function withConsequences(detail: Detail, { check }: CheckState, bad: readonly CheckState[]): Detail {
  const names = bad.filter((state) => state.last?.becauseOf?.check === check.id).map((state) => state.check.name);
  if (names.length === 0) return detail;
  const shown = names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
  return { ...detail, text: `${detail.text}; because of it ${shown} ${names.length === 1 ? 'fails' : 'fail'} too` };
}

function sentence(checks: readonly CheckState[], details: OverviewView['details']): string {
  const [first, ...others] = details;
  if (checks.length === 0 && first === undefined) return 'Nothing is being checked yet';
  if (first === undefined) {
    return checks.length === 1
      ? `The only check, ${checks[0]!.check.name}, is fine`
      : `All ${checks.length} checks are fine`;
  }
  const waiting = checks.filter((state) => state.last === undefined && state.status === 'unknown').length;
  if (waiting > 0 && waiting === details.length) {
    return `Waiting for the first result of ${waiting === 1 ? 'one check' : `${waiting} checks`}`;
  }
  if (others.length === 0) return first.text;
  return `${first.text}, and ${others.length === 1 ? 'one thing more' : `${others.length} things more`} ${others.length === 1 ? 'needs' : 'need'} attention`;
}

type Detail = OverviewView['details'][number];

/** A bad check's line takes the colour of the worst alert about it, so that one trouble is one line. */
function withAlerts(detail: Detail, alerts: readonly Episode[]): Detail {
  return { ...detail, verdict: worstVerdict([detail.verdict, ...alerts.map(verdictOfAlert)]) };
}

function alertsOf(state: CheckState, alerts: readonly Episode[]): Episode[] {
  return alerts.filter((alert) => alert.labels['check'] === state.check.id);
}

function saidByCheck(alert: Episode, checks: readonly CheckState[]): boolean {
  const check = checks.find((state) => state.check.id === alert.labels['check']);
  return check !== undefined && check.status !== 'ok';
}

function checkDetail(state: CheckState, fallback: CheckState | undefined, now: number): Detail {
  const link = linkOf(state);
  const what = labelOf(state);
  const since = formatMoment(state.since, now);
  const verdict = verdictOfStatus(state.status);
  if (state.status === 'unknown') {
    const text = state.last ? `${what} is unknown since ${since}: ${state.reason}` : `${what} has no result yet`;
    return { verdict, text, link };
  }
  if (state.status === 'stale') return { verdict, text: `${what} has not answered the monitor since ${since}`, link };
  if (state.status === 'warning')
    return { verdict, text: `${what} needs attention: ${sentenceOf(state.reason)}`, link };
  if (state.check.component === 'database') {
    if (state.check.order !== undefined && fallback) {
      // The data can be reached another way: that is worth waking up for only when an alert says so.
      return {
        verdict: 'warning',
        text: `${what} is down since ${since}, traffic runs on ${fallback.check.name}`,
        link,
      };
    }
    return { verdict, text: `${what} is down since ${since}: ${sentenceOf(state.reason)}`, link };
  }
  if (state.check.component === 'api')
    return { verdict, text: `${what} fails since ${since}: ${sentenceOf(state.reason)}`, link };
  return { verdict, text: `${what}: ${sentenceOf(state.reason)}, since ${since}`, link };
}

export function labelOf(state: CheckState): string {
  const { component, name } = state.check;
  if (component === 'database') return `Database ${name}`;
  if (component === 'api') return `Endpoint ${name}`;
  if (component === 'heartbeat') return `Heartbeat ${name}`;
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function linkOf(state: CheckState): string {
  return `/monitoring/${pageOf(state)}?check=${encodeURIComponent(state.check.id)}`;
}

function pageOf(state: CheckState): string {
  const { component } = state.check;
  if (component === 'database') return 'databases';
  return component === 'api' || component === 'heartbeat' ? 'endpoints' : 'system';
}

/** A reason without its full stop, so that it can stand inside a sentence. */
function sentenceOf(text: string): string {
  return text.replace(/[.\s]+$/, '');
}
