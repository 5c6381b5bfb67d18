import type { Episode } from '../../model/alert.ts';
import type { CardView, Verdict } from '../../model/api.ts';
import type { CheckComponent, CheckState } from '../../model/check.ts';
import type { ServerOptions } from '../options.ts';
import { activeConnection, chainOf } from './check-view.ts';
import type { OverviewNumbers } from './overview-numbers.ts';
import { progressView } from './record-views.ts';
import { verdictOfAlert, verdictOfStatus, worstVerdict } from './verdict.ts';

const hour = 3_600_000;

/** The seven cards of the overview, in the order to show. */
export function cards(options: ServerOptions, numbers: OverviewNumbers): CardView[] {
  const now = options.clock.now();
  const checks = options.checks.all();
  return [
    databasesCard(checks, numbers),
    endpointsCard(checks, numbers),
    systemCard(checks, options, numbers),
    operationsCard(numbers),
    progressCard(numbers, now),
    errorsCard(numbers, now),
    alertsCard(options.alerts.active(), options.alerts.silences().length),
  ];
}

function of(checks: readonly CheckState[], component: CheckComponent): CheckState[] {
  return checks.filter((state) => state.check.component === component);
}

function verdictOfChecks(checks: readonly CheckState[]): Verdict {
  return worstVerdict(checks.map((state) => verdictOfStatus(state.status)));
}

function answering(checks: readonly CheckState[]): CheckState[] {
  return checks.filter((state) => state.status === 'ok' || state.status === 'warning');
}

function databasesCard(all: readonly CheckState[], { sparks }: OverviewNumbers): CardView {
  const checks = of(all, 'database');
  const card = { id: 'databases', title: 'Databases', unit: 'ms', spark: sparks.databases } as const;
  if (checks.length === 0) return { ...card, verdict: 'unknown', text: 'None configured', value: null };
  const active = activeConnection(checks) ?? answering(checks)[0];
  const value = active?.last?.durationMs ?? null;
  // A connection that fails while another of its chain carries the traffic is a warning.
  const verdict = worstVerdict(
    checks.map((state) =>
      state.status === 'error' && activeConnection(chainOf(state, checks)) ? 'warning' : verdictOfStatus(state.status),
    ),
  );
  const text = `${answering(checks).length} of ${checks.length} reachable${active ? `, ${active.check.name} ${milliseconds(value)}` : ''}`;
  return { ...card, verdict, text, value };
}

function endpointsCard(all: readonly CheckState[], { sparks }: OverviewNumbers): CardView {
  const checks = of(all, 'api');
  const card = { id: 'endpoints', title: 'Endpoints', unit: 'ms', spark: sparks.endpoints } as const;
  if (checks.length === 0) return { ...card, verdict: 'unknown', text: 'None configured', value: null };
  const times = checks.flatMap((state) => (state.last && state.status !== 'error' ? [state.last.durationMs] : []));
  const value = times.length === 0 ? null : times.reduce((sum, ms) => sum + ms, 0) / times.length;
  const text = `${answering(checks).length} of ${checks.length} answer${value === null ? '' : `, ${milliseconds(value)} on average`}`;
  return { ...card, verdict: verdictOfChecks(checks), text, value };
}

function milliseconds(value: number | null): string {
  if (value === null) return 'unknown';
  return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} ms`;
}

function systemCard(
  all: readonly CheckState[],
  { series, clock }: ServerOptions,
  { sparks }: OverviewNumbers,
): CardView {
  const checks = [...of(all, 'system'), ...of(all, 'application')];
  const point = series.latest({ name: 'system_cpu_usage_ratio' })[0];
  const fresh = (name: string): number | null => {
    const newest = series.latest({ name }).sort((a, b) => b.value - a.value)[0];
    return newest && clock.now() - newest.at < 300_000 ? newest.value : null;
  };
  const parts = [
    ['memory', fresh('system_memory_usage_ratio')],
    ['disk', fresh('system_disk_usage_ratio')],
  ] as const;
  const value = point && clock.now() - point.at < 300_000 ? point.value : null;
  const text = parts
    .flatMap(([name, ratio]) => (ratio === null ? [] : [`${name} ${Math.round(ratio * 100)} %`]))
    .join(', ');
  return {
    id: 'system',
    title: 'System',
    verdict: verdictOfChecks(checks),
    text: text === '' ? 'No figures yet' : `CPU now; ${text}`,
    value,
    unit: 'ratio',
    spark: sparks.system,
  };
}

function operationsCard({ operations: list, sparks }: OverviewNumbers): CardView {
  const card = { id: 'operations', title: 'Operations', unit: 'per_second', spark: sparks.operations } as const;
  if (list.length === 0) return { ...card, verdict: 'ok', text: 'None in the last 5 minutes', value: null };
  const count = list.reduce((sum, one) => sum + one.count, 0);
  const errors = list.reduce((sum, one) => sum + one.errors, 0);
  const slowest = list.reduce((worst, one) => ((one.p95 ?? 0) > (worst.p95 ?? 0) ? one : worst));
  const ratio = errors / count;
  const failing = errors === 0 ? 'no errors' : `${errors} of ${count} failed`;
  const text = `${failing}, slowest ${slowest.operation} p95 ${milliseconds((slowest.p95 ?? 0) * 1000)}`;
  const verdict = ratio > 0.05 ? 'error' : ratio > 0.01 ? 'warning' : 'ok';
  return { ...card, verdict, text, value: list.reduce((sum, one) => sum + one.per_second, 0) };
}

function progressCard({ runs }: OverviewNumbers, now: number): CardView {
  const open = runs.filter((run) => run.state === 'running' || run.state === 'paused' || run.state === 'stalled');
  const failed = runs.filter((run) => run.state === 'failed');
  const stalled = open.filter((run) => run.state === 'stalled');
  const card = { id: 'progress', title: 'Progress', unit: 'ratio', spark: [] as null[] } as const;
  const verdict: Verdict =
    stalled.length > 0 ? 'warning' : failed.some((run) => now - run.updatedAt < hour) ? 'error' : 'ok';
  const first = stalled[0] ?? open[0];
  if (first === undefined) {
    return {
      ...card,
      verdict,
      text: runs.length === 0 ? 'No job has run' : `No job is running, ${runs.length} in the last day`,
      value: null,
    };
  }
  const others = open.length === 1 ? '' : `, and ${open.length - 1} more`;
  return { ...card, verdict, text: `${first.name} is ${first.state}${others}`, value: progressView(first, now).ratio };
}

function errorsCard({ groups, sparks }: OverviewNumbers, now: number): CardView {
  const open = groups.filter((group) => group.state === 'open' || group.state === 'regressed');
  const recent = open.filter((group) => now - group.lastSeenAt < hour);
  const text = recent[0]
    ? `newest: ${recent[0].type}`
    : open.length === 0
      ? 'No open errors'
      : `${open.length} open, none in the last hour`;
  return {
    id: 'errors',
    title: 'Errors',
    verdict: recent.length > 0 ? 'warning' : 'ok',
    text,
    value: recent.length,
    unit: 'count',
    spark: sparks.errors,
  };
}

function alertsCard(active: readonly Episode[], silences: number): CardView {
  const firing = active.filter((alert) => alert.state === 'firing');
  const told = firing.filter((alert) => alert.silencedBy === undefined);
  const pending = active.length - firing.length;
  const parts = [
    told[0]?.message ?? 'Nothing fires',
    ...(pending > 0 ? [`${pending} pending`] : []),
    ...(silences > 0 ? [`${silences} ${silences === 1 ? 'silence' : 'silences'}`] : []),
  ];
  const verdict = told.length === 0 ? 'ok' : worstVerdict(told.map(verdictOfAlert));
  return {
    id: 'alerts',
    title: 'Alerts',
    verdict,
    text: parts.join(', '),
    value: firing.length,
    unit: 'count',
    spark: [],
  };
}
