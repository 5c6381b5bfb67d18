import type { OverviewView } from '../../model/api.ts';
import { useQuery } from './query.ts';

/** The overview's answer: the navigation takes its marks from it, the overview page its content. */
export function useOverview() {
  return useQuery<OverviewView>('overview', () => '/overview', {
    on: ['check', 'alert', 'silence', 'progress', 'error', 'journal'],
    every: 15_000,
    patch: (data, event) =>
      event.type === 'tick'
        ? { ...data, at: event.at, self: event.self, verdict: event.verdict, sentence: event.sentence }
        : undefined,
  });
}
