import type { Rule } from '../rule.ts';
import type { RuleSettings } from './rule-settings.ts';

/** `check_failed`: a check that is a function of the user's own says that something is not well. */
export function checkFailedRule({ alerts }: RuleSettings): Rule {
  return {
    info: {
      id: 'check_failed',
      alertType: 'check_failed',
      source: 'application',
      condition: 'a check of your own says warning or error two times in a row',
      explanation:
        'A function that you gave to addCheck or defineCheck found something wrong, threw, or did not come back in time.',
    },
    policy: {
      failures: 2,
      recoveries: alerts.recoveries,
      forMs: 0,
      keepFiringForMs: alerts.keep_firing_for_seconds * 1000,
    },
    read(observation) {
      if (observation.kind !== 'check') return [];
      const { result } = observation;
      // Those that stand with databases or endpoints are told by the rules of these.
      if (result.check.kind !== 'function' || result.check.component !== 'application') return [];
      const bad = result.status === 'error' || result.status === 'warning';
      return [
        {
          labels: { check: result.check.id, name: result.check.name },
          verdict: result.gone ? 'over' : result.status === 'unknown' ? 'unknown' : bad ? 'bad' : 'good',
          severity: result.status === 'warning' ? 'warning' : 'error',
          message: `Check ${result.check.name}: ${result.reason}`,
          reason: result.reason,
          series: { name: 'check_up', labels: { check: result.check.id, component: 'application' } },
          context: { target: result.check.target, seen: result.seen },
        },
      ];
    },
  };
}
