import type { OverviewView, SelfView } from '../../model/api.ts';
import type { ServerOptions } from '../options.ts';
import { cards } from './cards.ts';
import type { OverviewNumbers } from './overview-numbers.ts';
import { agentView } from './record-views.ts';
import { summarize } from './verdict.ts';

/** The overview: the verdict first, then cards, the day, and what changed. */
export function overviewView(options: ServerOptions, numbers: OverviewNumbers, self: SelfView): OverviewView {
  const now = options.clock.now();
  return {
    at: now,
    ...summarize(options.checks.all(), options.alerts.active(), now),
    cards: cards(options, numbers),
    timeline: numbers.timeline,
    changes: numbers.changes,
    self,
    agents: options.agents.all().map(agentView),
  };
}
