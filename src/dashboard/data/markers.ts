import type { JournalView } from '../../model/api.ts';
import { useQuery } from './query.ts';
import { bounds, range, rangeKey } from './range.ts';

/** Single failing checks and errors are too many for lines on every chart; their alerts are there. */
const quiet = new Set(['check', 'error', 'job']);
const most = 300;

/** What happened in the chosen range: deploys, restarts, configuration changes, silences, alerts. One answer for all charts. */
export function useMarkers() {
  const of = range.value;
  return useQuery<{ journal: JournalView[] }>(
    `journal ${rangeKey.value}`,
    () => {
      const { from, to } = bounds(of);
      return `/journal?from=${Math.floor(from)}&to=${Math.ceil(to)}&limit=${most}`;
    },
    {
      patch: (data, event) =>
        event.type === 'journal' && of.kind === 'last'
          ? { journal: [event.entry, ...data.journal.filter(({ id }) => id !== event.entry.id)].slice(0, most) }
          : undefined,
    },
  );
}

/** Those that belong on a chart. */
export function onCharts(journal: readonly JournalView[] | undefined): JournalView[] {
  return (journal ?? []).filter(({ kind }) => !quiet.has(kind));
}
