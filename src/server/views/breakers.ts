import type { BreakerView, ChainView } from '../../model/api.ts';
import type { CheckState } from '../../model/check.ts';
import type { JournalEntry } from '../../model/journal.ts';
import { activeConnection, chainOf } from './check-view.ts';

/** Fallback chains as they stand, with the steps that the journal has of them (oldest first). */
export function chainViews(checks: readonly CheckState[], journal: readonly JournalEntry[], now: number): ChainView[] {
  const databases = checks.filter((state) => state.check.component === 'database');
  const chains = new Map<string, CheckState[]>();
  for (const state of databases) {
    const key = state.check.chain ?? `alone ${state.check.id}`;
    chains.set(key, [...(chains.get(key) ?? []), state]);
  }
  return [...chains.values()].map((members) => {
    const first = members[0]!.check;
    const active = activeConnection(chainOf(members[0]!, databases));
    const alone = first.chain === undefined;
    return {
      chain: first.chain ?? null,
      active: alone ? null : (active?.check.name ?? null),
      connections: members
        .sort((a, b) => (a.check.order ?? 0) - (b.check.order ?? 0))
        .map((state) => breakerView(state, !alone && active === state, journal, now)),
      moves: journal
        .filter(({ about }) => about?.['step'] === 'active' && !alone && about['chain'] === first.chain)
        .map(stepOf),
    };
  });
}

function breakerView(state: CheckState, active: boolean, journal: readonly JournalEntry[], now: number): BreakerView {
  const { check, last } = state;
  const time = (name: string) => {
    const value = last?.seen[name];
    return typeof value === 'number' ? value : null;
  };
  const kind = last?.seen['breaker'];
  const trialAt = time('breaker_trial_at');
  const known = kind === 'closed' || kind === 'open' || kind === 'half-open' ? kind : null;
  return {
    check_id: check.id,
    name: check.name,
    order: check.order ?? null,
    // Nothing happens when its pause ends; the next run is the trial.
    state: known === 'open' && trialAt !== null && trialAt <= now ? 'half-open' : known,
    since_at: time('breaker_since_at'),
    trial_at: trialAt,
    active,
    steps: journal.filter(({ about }) => about?.['step'] === 'breaker' && about['check'] === check.id).map(stepOf),
  };
}

function stepOf({ at, about }: JournalEntry): ChainView['moves'][number] {
  return { at, from: about?.['from'] ?? '', to: about?.['to'] ?? '', reason: about?.['reason'] ?? '' };
}
