import type { CheckResult } from '../../model/check.ts';
import type { Rule } from '../rule.ts';
import type { RuleSettings } from './rule-settings.ts';

/** `database_connection_failure`: one episode for each connection that cannot be used. */
export function databaseFailureRule({ alerts, thresholds }: RuleSettings): Rule {
  const failures = thresholds.database_failures;
  return {
    info: {
      id: 'database_connection_failure',
      alertType: 'database_connection_failure',
      source: 'database',
      condition: `${failures} failures of a database connection in a row`,
      explanation:
        'A database connection was asked and did not answer as it should. The alert ends after ' +
        `${alerts.recoveries} good answers in a row.`,
    },
    policy: {
      failures,
      recoveries: alerts.recoveries,
      forMs: 0,
      keepFiringForMs: alerts.keep_firing_for_seconds * 1000,
    },
    read(observation) {
      if (observation.kind !== 'check' || observation.result.check.component !== 'database') return [];
      const { result } = observation;
      return [
        {
          labels: databaseLabels(result),
          verdict: result.gone
            ? 'over'
            : result.status === 'error'
              ? 'bad'
              : result.status === 'unknown'
                ? 'unknown'
                : 'good',
          severity: 'error',
          message: `Database ${result.check.name} cannot be used: ${result.reason}`,
          reason: result.status === 'error' ? result.reason : `${result.check.name} answers again`,
          series: { name: 'check_up', labels: { check: result.check.id, component: 'database' } },
          context: { target: result.check.target, duration_ms: result.durationMs, seen: result.seen },
        },
      ];
    },
  };
}

/** The identity of a database connection in alerts. */
export function databaseLabels(result: CheckResult): Record<string, string> {
  return { check: result.check.id, database: result.check.name };
}
