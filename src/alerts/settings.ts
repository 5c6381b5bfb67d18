import { z } from 'zod';
import { escalationSettings } from './escalation-settings.ts';

const count = (fallback: number) => z.int().min(1).max(1000).default(fallback);

/** Section `alerts`: how patient the built-in rules are. The thresholds themselves stand in `monitoring.alert_thresholds` and the sections of the checks. */
export const alertsSettings = z.strictObject({
  escalation: escalationSettings,
  consecutive_samples: z
    .strictObject({
      cpu: count(2).describe('Samples in a row above the threshold before high_cpu_usage fires.'),
      memory: count(2).describe('Samples in a row above the threshold before high_memory_usage fires.'),
      disk: count(1).describe('Samples in a row above the threshold before high_disk_usage fires.'),
      response_time: count(3).describe('Slow answers of an endpoint in a row before slow_api_response fires.'),
      database_time: count(3).describe('Slow answers of a database in a row before slow_database fires.'),
    })
    .prefault({})
    .describe('How many bad samples in a row it takes, so that a single spike tells nobody.'),
  recoveries: count(2).describe('Good observations in a row before an alert is resolved.'),
  hysteresis_percent: z
    .number()
    .min(0)
    .max(50)
    .default(5)
    .describe(
      'How far below its threshold a value must fall to count as good: percentage points for CPU, memory and disk, percent of the threshold for times.',
    ),
  keep_firing_for_seconds: z
    .number()
    .min(0)
    .max(86_400)
    .default(0)
    .describe(
      'How long everything must have been good before an alert is resolved, in seconds, on top of `recoveries`.',
    ),
});

/** The values of section `alerts`. */
export type AlertsSettings = z.output<typeof alertsSettings>;
