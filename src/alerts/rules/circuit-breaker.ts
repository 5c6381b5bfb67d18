import type { Rule } from '../rule.ts';
import { databaseLabels } from './database-failure.ts';
import type { RuleSettings } from './rule-settings.ts';

/**
 * `circuit_breaker_open`: traffic must not use a connection for a while. A warning while another of its chain stands in,
 * an error when none does.
 */
export function circuitBreakerRule(_settings: RuleSettings): Rule {
  return {
    info: {
      id: 'circuit_breaker_open',
      alertType: 'circuit_breaker_open',
      source: 'database',
      condition: 'the circuit breaker of a database connection is open',
      explanation:
        'A connection failed connection_failure_threshold times in a row, so traffic leaves it alone for circuit_breaker_reset_seconds. ' +
        'Where the connection belongs to a chain, the next one that works stands in. The alert ends when a trial succeeds.',
    },
    // The breaker has counted already.
    policy: { failures: 1, recoveries: 1, forMs: 0, keepFiringForMs: 0 },
    read(observation) {
      if (observation.kind !== 'check' || observation.result.check.component !== 'database') return [];
      const { result } = observation;
      const { breaker, active_connection: active } = result.seen;
      if (breaker === undefined) return [];
      const open = breaker !== 'closed';
      const { name } = result.check;
      const standIn = typeof active === 'string' && active !== name;
      const inChain = result.check.order !== undefined;
      const now = standIn ? `; traffic runs on ${active}` : inChain ? '; no other connection of its chain works' : '';
      return [
        {
          labels: databaseLabels(result),
          verdict: result.status === 'unknown' ? 'unknown' : open ? 'bad' : 'good',
          severity: standIn ? 'warning' : 'error',
          message: `Circuit breaker of ${name} is open${now}`,
          reason: open ? result.reason : `the trial succeeded, traffic may use ${name} again`,
          series: { name: 'check_up', labels: { check: result.check.id, component: 'database' } },
          context: { target: result.check.target, active_connection: active ?? null },
        },
      ];
    },
  };
}
