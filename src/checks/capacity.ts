import type { Check, CheckComponent } from '../model/check.ts';
import { MonitorError } from '../model/problem.ts';

/**
 * Runs a second that one monitor on one core serves with everything that follows from them: storing, judging, alerting. Measured by
 * `npm run bench -- checks`: a run costs 0.3 to 1 ms of CPU.
 */
export const servedPerSecond = 1000;

const words: Readonly<Record<CheckComponent, string>> = {
  database: 'databases',
  api: 'endpoints',
  system: 'system checks',
  application: 'application checks',
  heartbeat: 'heartbeats',
};

/**
 * Refuses checks that one monitor could never keep up with: it would be late everywhere, and late is not watched.
 * @throws MonitorError `configuration-invalid` that shows the sum and by how much the intervals must grow.
 */
export function assertServable(checks: readonly Check[]): void {
  const rate = (some: readonly Check[]) => some.reduce((sum, { info }) => sum + 1000 / info.intervalMs, 0);
  const total = rate(checks);
  if (total <= servedPerSecond) return;
  const groups = [...Map.groupBy(checks, ({ info }) => `${info.component} ${info.intervalMs}`).values()]
    .map((group) => ({ group, perSecond: rate(group) }))
    .sort((a, b) => b.perSecond - a.perSecond);
  const lines = groups.map(({ group, perSecond }) => {
    const { component, intervalMs } = group[0]!.info;
    return `${group.length} ${words[component]} every ${intervalMs / 1000} s = ${number(perSecond)}/s`;
  });
  const factor = Math.ceil((total / servedPerSecond) * 10) / 10;
  throw new MonitorError(
    'configuration-invalid',
    `These checks are ${number(total)} runs a second, and one monitor serves ${number(servedPerSecond)}: ${lines.join(' + ')}.`,
    {
      hint: `Make the intervals at least ${factor} times as long (monitoring.health_check_intervals, interval_seconds of single checks), or give some of the checks to a second monitor.`,
    },
  );
}

const number = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 2 : 0 });
