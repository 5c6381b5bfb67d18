import { z } from 'zod';
import { isAtLeast, severities } from '../../model/severity.ts';
import type { Finding, Rule } from '../rule.ts';
import { duration, ms } from './duration-setting.ts';

/** The rules that are there without anybody writing one; a test compares them with the registry. */
export const builtInIds = [
  'database_connection_failure',
  'slow_database',
  'database_trouble',
  'circuit_breaker_open',
  'database_pool_exhausted',
  'database_fallback',
  'api_health_degraded',
  'check_failed',
  'slow_api_response',
  'high_cpu_usage',
  'high_memory_usage',
  'high_disk_usage',
  'event_loop_blocked',
  'application_lost',
  'heartbeat_missed',
  'heartbeat_failed',
  'job_stalled',
  'job_failed',
  'notification_failed',
  'store_problem',
] as const;

const change = z.strictObject({
  enabled: z.boolean().default(true).describe('False: the rule is not used.'),
  max_severity: z.enum(severities).optional().describe('Its alerts are at most so bad.'),
  min_severity: z.enum(severities).optional().describe('Its alerts are at least so bad.'),
  for: duration().optional().describe('How long it must have been bad before it fires.'),
  keep_firing_for: duration().optional().describe('How long it must have been good before it is resolved.'),
  failures: z.int().min(1).max(1000).optional().describe('Bad observations in a row before it fires.'),
  recoveries: z.int().min(1).max(1000).optional().describe('Good observations in a row before it is resolved.'),
  runbook: z.url().optional().describe('Address of what to do about it.'),
});

/** What may be changed of the built-in rules, by their id. */
export const builtInSettings = z.partialRecord(z.enum(builtInIds), change);
export type BuiltInChange = z.output<typeof change>;

/** A built-in rule with the user's changes; undefined when it is switched off. */
export function changedRule(rule: Rule, change: BuiltInChange | undefined): Rule | undefined {
  if (!change) return rule;
  if (!change.enabled) return undefined;
  const { policy } = rule;
  return {
    ...rule,
    info: { ...rule.info, ...(change.runbook === undefined ? {} : { runbook: change.runbook }) },
    policy: {
      ...policy,
      failures: change.failures ?? policy.failures,
      recoveries: change.recoveries ?? policy.recoveries,
      forMs: change.for === undefined ? policy.forMs : ms(change.for),
      keepFiringForMs: change.keep_firing_for === undefined ? policy.keepFiringForMs : ms(change.keep_firing_for),
    },
    read: (observation, desk) => rule.read(observation, desk).map((finding) => changedFinding(finding, change)),
  };
}

function changedFinding(
  finding: Finding,
  { max_severity: most, min_severity: least, runbook }: BuiltInChange,
): Finding {
  let { severity } = finding;
  if (most !== undefined && !isAtLeast(most, severity)) severity = most;
  if (least !== undefined && !isAtLeast(severity, least)) severity = least;
  return { ...finding, severity, ...(runbook === undefined ? {} : { runbook }) };
}
