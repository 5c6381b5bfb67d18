import type { Rule } from '../rule.ts';
import type { RuleSettings } from './rule-settings.ts';

/** `store_problem`: the monitor cannot keep its data. */
export function storeProblemRule(_settings: RuleSettings): Rule {
  return {
    info: {
      id: 'store_problem',
      alertType: 'store_problem',
      source: 'monitor',
      condition: 'the data directory cannot be written',
      explanation:
        'The disk is full, gone or read-only. The monitor goes on from memory; what it sees now is lost at a restart.',
    },
    policy: { failures: 1, recoveries: 1, forMs: 0, keepFiringForMs: 0 },
    read(observation) {
      if (observation.kind !== 'store') return [];
      const { problem } = observation;
      return [
        {
          labels: {},
          verdict: problem === undefined ? 'good' : 'bad',
          severity: 'error',
          message: `The monitor cannot keep its data: ${problem ?? ''}`,
          reason: problem ?? 'the data directory can be written again',
        },
      ];
    },
  };
}
