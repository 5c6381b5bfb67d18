/** What an alert's series did before a message, for the chart in a mail. */
import type { NotificationFacts } from '../model/notification.ts';
import type { SeriesStore } from '../model/store.ts';

const shownMs = 2 * 3_600_000;
const stepMs = 60_000;

/** Reads the two hours up to `until`, a point a minute; undefined when the alert has no series or nothing was stored. */
export function alertHistory(series: SeriesStore) {
  return async (facts: NotificationFacts, until: number) => {
    if (!facts.series) return undefined;
    const { name, labels } = facts.series;
    const { series: found } = await series.query({
      name,
      matchers: Object.entries(labels).map(([label, value]) => ({ name: label, op: '=', value })),
      from: until - shownMs,
      to: until + 1,
      stepMs,
      aggregates: ['avg'],
      limit: 1,
      deadlineMs: 2000,
    });
    const [line] = found;
    return line && { at: line.at, values: line.values['avg'] ?? [] };
  };
}
