import { formatDuration } from '../../model/duration.ts';
import { type Level, levelOf } from '../levels.ts';
import type { Rule } from '../rule.ts';
import type { RuleSettings } from './rule-settings.ts';

/** `slow_api_response`: one episode for each endpoint that answers more slowly than the two response-time thresholds allow. */
export function slowApiRule({ alerts, checks }: RuleSettings): Rule {
  const { response_time_warning_threshold_ms: warning, response_time_error_threshold_ms: error } = checks.api;
  const failures = alerts.consecutive_samples.response_time;
  const below = (limit: number) => limit * (1 - alerts.hysteresis_percent / 100);
  const levelsFor = (limits: { warning: number; error: number }): Level[] => [
    { severity: 'warning', above: limits.warning, recoverAt: below(limits.warning) },
    { severity: 'error', above: limits.error, recoverAt: below(limits.error) },
  ];
  return {
    info: {
      id: 'slow_api_response',
      alertType: 'slow_api_response',
      source: 'api',
      condition: `endpoint slower than ${warning} ms (error above ${error} ms), ${failures} times in a row`,
      explanation: 'The endpoint answers, but people wait for it.',
    },
    policy: {
      failures,
      recoveries: alerts.recoveries,
      forMs: 0,
      keepFiringForMs: alerts.keep_firing_for_seconds * 1000,
    },
    read(observation, desk) {
      if (observation.kind !== 'check' || observation.result.check.component !== 'api') return [];
      const { result } = observation;
      const labels = { check: result.check.id, endpoint: result.check.name };
      const value = result.durationMs;
      // An endpoint may have thresholds of its own; its check says which.
      const limits = result.conditions?.find((each) => each.id === 'response-time')?.levels ?? { warning, error };
      const level = levelOf(value, levelsFor(limits), desk.severityOf(labels));
      // An endpoint that refuses quickly has not become fast, and one that fails is told by api_health_degraded.
      const verdict =
        result.status === 'unknown' || (result.status === 'error' && !level) ? 'unknown' : level ? 'bad' : 'good';
      return [
        {
          labels,
          verdict,
          severity: level?.severity ?? 'warning',
          message: `${result.check.name} answers slowly: ${formatDuration(value)}`,
          reason: level
            ? `${formatDuration(value)}, the limit is ${level.above} ms`
            : `${formatDuration(value)} is fast enough`,
          value,
          threshold: level?.above ?? limits.warning,
          unit: 'ms',
          series: { name: 'check_duration_seconds', labels: { check: result.check.id, component: 'api' } },
          context: { target: result.check.target, phases: result.phases ?? {} },
        },
      ];
    },
  };
}
