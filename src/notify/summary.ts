import { newId } from '../model/id.ts';
import type { NotificationFacts, OutboxEntry } from '../model/notification.ts';
import { worst } from '../model/severity.ts';

/** From so many messages that are due at once on, they are told together. */
export const crowd = 6;
/** Alerts that a summary names one by one; the rest is counted, and all of them stand in the list of alerts. */
const named = 100;
/** Wait after a summary before the next one, at first and at most. */
const firstGapMs = 3000;
const longestGapMs = 30_000;

/** Whether a message may be told together with others: news of alerts, but neither tests nor what is a summary already. */
export function mayJoin(entry: OutboxEntry): boolean {
  return entry.event === 'firing' || entry.event === 'escalated' || entry.event === 'resolved';
}

/** How long to collect after the `count`-th summary in a row. */
export function gapMs(count: number): number {
  return Math.min(longestGapMs, firstGapMs * 2 ** Math.max(0, count - 1));
}

/** One message in place of many: counts, the types with the most alerts first, and the worst alerts by name. */
export function summaryOf(entries: readonly OutboxEntry[], channel: string, now: number): OutboxEntry {
  const id = newId(now);
  const firing = entries.filter((entry) => entry.facts.status === 'firing');
  const over = entries.length - firing.length;
  const byType = countTypes(entries);
  const list = [...firing, ...entries.filter((entry) => entry.facts.status !== 'firing')].slice(0, named);
  const types = byType
    .slice(0, 5)
    .map(([type, count]) => `${type} (${count})`)
    .join(', ');
  const counts = [
    ...(firing.length > 0 ? [`${firing.length} alerts fire`] : []),
    ...(over > 0 ? [`${over} alerts are over`] : []),
  ].join(' and ');
  const facts: NotificationFacts = {
    alertId: id,
    alertType: 'alert_summary',
    source: 'monitor',
    severity: worst((firing.length > 0 ? firing : entries).map((entry) => entry.facts.severity)),
    message: `${counts}: ${types}${byType.length > 5 ? ` and ${byType.length - 5} other types` : ''}`,
    reason: 'many alerts at the same time are told together',
    status: firing.length > 0 ? 'firing' : 'resolved',
    startedAt: entries.reduce((first, entry) => Math.min(first, entry.facts.startedAt), now),
    ...(firing.length > 0 ? {} : { resolvedAt: now }),
    value: entries.length,
    unit: 'alerts',
    labels: {},
    context: {
      firing: firing.length,
      resolved: over,
      by_type: Object.fromEntries(byType.slice(0, 20)),
      alerts: list.map(shortly),
      not_named: entries.length - list.length,
    },
  };
  return {
    id,
    episodeId: id,
    transitionId: id,
    channel,
    event: 'summary',
    facts,
    state: 'queued',
    createdAt: now,
    dueAt: now,
    attempts: 0,
  };
}

function countTypes(entries: readonly OutboxEntry[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { facts } of entries) counts.set(facts.alertType, (counts.get(facts.alertType) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

function shortly({ facts }: OutboxEntry): Record<string, string> {
  return {
    alert_id: facts.alertId,
    alert_type: facts.alertType,
    source: facts.source,
    severity: facts.severity,
    status: facts.status,
    message: facts.message.slice(0, 300),
  };
}
