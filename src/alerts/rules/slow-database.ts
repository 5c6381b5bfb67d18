import { formatDuration } from '../../model/duration.ts';
import { levelOf } from '../levels.ts';
import type { Rule } from '../rule.ts';
import { databaseLabels } from './database-failure.ts';
import type { RuleSettings } from './rule-settings.ts';

/** `slow_database`: a connection answers, but its test query takes longer than `slow_query_threshold_ms`. */
export function slowDatabaseRule({ alerts, checks }: RuleSettings): Rule {
  const above = checks.database.slow_query_threshold_ms;
  const failures = alerts.consecutive_samples.database_time;
  const levels = [{ severity: 'warning', above, recoverAt: above * (1 - alerts.hysteresis_percent / 100) }] as const;
  return {
    info: {
      id: 'slow_database',
      alertType: 'slow_database',
      source: 'database',
      condition: `test query of a database slower than ${above} ms, ${failures} times in a row`,
      explanation: 'The database works but answers slowly: load, locks or the network between.',
    },
    policy: {
      failures,
      recoveries: alerts.recoveries,
      forMs: 0,
      keepFiringForMs: alerts.keep_firing_for_seconds * 1000,
    },
    read(observation, desk) {
      if (observation.kind !== 'check' || observation.result.check.component !== 'database') return [];
      const { result } = observation;
      const labels = databaseLabels(result);
      const value = result.phases?.query ?? result.durationMs;
      // A connection that fails is the business of database_connection_failure; how long the failure took says nothing about speed.
      const answered = result.status === 'ok' || result.status === 'warning';
      const level = levelOf(value, levels, desk.severityOf(labels));
      return [
        {
          labels,
          verdict: !answered ? 'unknown' : level ? 'bad' : 'good',
          severity: 'warning',
          message: `Database ${result.check.name} answers slowly: ${formatDuration(value)}`,
          reason: level
            ? `${formatDuration(value)}, the limit is ${above} ms`
            : `${formatDuration(value)} is fast enough`,
          value,
          threshold: above,
          unit: 'ms',
          series: { name: 'check_duration_seconds', labels: { check: result.check.id, component: 'database' } },
          context: { target: result.check.target, phases: result.phases ?? {} },
        },
      ];
    },
  };
}
