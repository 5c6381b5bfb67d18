import { formatDuration } from '../../model/duration.ts';
import type { Finding, Rule } from '../rule.ts';

/** What a heartbeat's phase means for a rule: bad, good, or nothing new. */
type Reading = Readonly<Record<string, Finding['verdict']>>;

/** One report is an event, not a sample: the first word counts, in both directions. */
const policy = { failures: 1, recoveries: 1, forMs: 0, keepFiringForMs: 0 };

function heartbeatRule(
  id: string,
  words: { readonly condition: string; readonly explanation: string; readonly says: string },
  reading: Reading,
): Rule {
  return {
    info: { id, alertType: id, source: 'heartbeat', condition: words.condition, explanation: words.explanation },
    policy,
    read(observation) {
      if (observation.kind !== 'check' || observation.result.check.kind !== 'heartbeat') return [];
      const { check, seen, reason } = observation.result;
      const verdict = reading[String(seen.phase)] ?? 'unknown';
      const { last_seen_at: last, expected_at: expected } = seen;
      const silentMs = typeof last === 'number' ? observation.result.at - last : undefined;
      return [
        {
          labels: { check: check.id, heartbeat: check.name },
          verdict,
          severity: 'error',
          message:
            verdict === 'bad'
              ? `Heartbeat ${check.name} ${words.says}: ${reason}`
              : `Heartbeat ${check.name} is back: ${reason}`,
          reason,
          ...(silentMs === undefined ? {} : { value: Math.round(silentMs / 1000), unit: 's' }),
          context: {
            schedule: check.target,
            expected_at: typeof expected === 'number' ? new Date(expected).toISOString() : null,
            last_seen_at: typeof last === 'number' ? new Date(last).toISOString() : null,
            ...(silentMs === undefined ? {} : { silent_for: formatDuration(silentMs) }),
            ...(seen.exit_code === undefined ? {} : { exit_code: seen.exit_code }),
            ...(seen.message === undefined ? {} : { said: seen.message }),
          },
        },
      ];
    },
  };
}

/** `heartbeat_missed` and `heartbeat_failed`: a job that is silent, and one that says it failed (or never comes to its end). */
export function heartbeatRules(): Rule[] {
  return [
    heartbeatRule(
      'heartbeat_missed',
      {
        condition: 'no report of a job when it was expected, plus its grace',
        explanation: 'A job that must report did not. It may not have started, or not come to its end.',
        says: 'is missing',
      },
      { late: 'bad', ok: 'good', running: 'good', failed: 'good', due: 'good' },
    ),
    heartbeatRule(
      'heartbeat_failed',
      {
        condition: 'a job reports a failure, or runs longer than max_runtime_seconds',
        explanation: 'The job itself says that it failed, or it was started and has not come to its end in time.',
        says: 'failed',
      },
      { failed: 'bad', overrun: 'bad', ok: 'good', due: 'good' },
    ),
  ];
}
