import type { BreakerView, ChainView } from '../../src/model/api.ts';
import type { Scenario } from './story.ts';

const minute = 60_000;

/** The breakers of the story: the pooler's opened 41 minutes ago and has been tried in vain since. */
export function breakersOf(scenario: Scenario, now: number): { from: number; to: number; chains: ChainView[] } {
  const from = now - 24 * 60 * minute;
  if (scenario === 'empty') return { from, to: now, chains: [] };
  const broken = scenario === 'normal';
  const reason = 'the name aws-0-eu-central-1.pooler.supabase.example cannot be resolved (ENOTFOUND)';
  const steps = [36, 31, 26, 21, 16, 11, 6, 1].flatMap((ago) => [
    { at: now - ago * minute, from: 'open', to: 'half-open', reason: 'the pause is over; one trial decides' },
    { at: now - ago * minute + 40_000, from: 'half-open', to: 'open', reason },
  ]);
  const one = (name: string, order: number, more: Partial<BreakerView>): BreakerView => ({
    check_id: `database:${name}`,
    name,
    order,
    state: 'closed',
    since_at: null,
    trial_at: null,
    active: false,
    steps: [],
    ...more,
  });
  const pooler = broken
    ? {
        state: 'open' as const,
        trial_at: now + 4 * minute,
        steps: [{ at: now - 41 * minute, from: 'closed', to: 'open', reason }, ...steps],
      }
    : { active: true };
  return {
    from,
    to: now,
    chains: [
      {
        chain: 'postgres',
        active: broken ? 'direct' : 'pooler',
        connections: [one('pooler', 0, pooler), one('direct', 1, { active: broken }), one('ip', 2, {})],
        moves: broken ? [{ at: now - 42 * minute, from: 'pooler', to: 'direct', reason: `pooler: ${reason}` }] : [],
      },
    ],
  };
}
