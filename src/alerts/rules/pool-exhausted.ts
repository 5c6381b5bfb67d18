import { poolLimitsOf, poolVerdict } from '../../model/pool-verdict.ts';
import type { Rule } from '../rule.ts';
import type { RuleSettings } from './rule-settings.ts';

/** A pool that is empty one second and has one free the next is still the same problem, ms. */
const steadyMs = 10_000;

/** `database_pool_exhausted`: the application waits for connections of its own pool. */
export function poolExhaustedRule({ alerts, checks }: RuleSettings): Rule {
  const limits = poolLimitsOf(checks.database);
  return {
    info: {
      id: 'database_pool_exhausted',
      alertType: 'database_pool_exhausted',
      source: 'database',
      condition: `a request waits longer than ${limits.waitMs} ms for a connection of a watched pool`,
      explanation:
        'The application waits for connections of its own pool, while the database may be well: somebody holds them too long, does not give them back, or there are too few.',
    },
    // The wait itself is the patience.
    policy: {
      failures: 1,
      recoveries: alerts.recoveries,
      forMs: 0,
      keepFiringForMs: Math.max(steadyMs, alerts.keep_firing_for_seconds * 1000),
    },
    read(observation) {
      if (observation.kind !== 'pool') return [];
      const { pool } = observation;
      const { snapshot } = pool;
      const { level, text } = poolVerdict(snapshot, limits);
      const waited = snapshot.longestWaitMs ?? 0;
      const tooLong = waited >= limits.waitMs;
      return [
        {
          labels: { pool: pool.name, service: pool.service },
          verdict: pool.state === 'gone' ? 'over' : pool.state === 'stale' ? 'unknown' : tooLong ? 'bad' : 'good',
          severity: level === 'error' ? 'error' : 'warning',
          message: `Pool ${pool.name} of ${pool.service}: ${text}`,
          reason: pool.state === 'gone' ? 'the pool was ended' : text,
          value: waited,
          threshold: limits.waitMs,
          unit: 'ms',
          series: { name: 'db_pool_waiting_requests', labels: { pool: pool.name, service: pool.service } },
          context: {
            instance: pool.instance,
            kind: pool.kind,
            used: snapshot.used,
            max: snapshot.max,
            waiting: snapshot.waiting,
            holders: snapshot.holders,
          },
        },
      ];
    },
  };
}
