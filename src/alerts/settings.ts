import { z } from 'zod';
import { escalationSettings } from './escalation-settings.ts';
import { noiseSettings } from './noise-settings.ts';
import { builtInSettings } from './rules/built-in-settings.ts';
import { ruleDefinition } from './rules/definition.ts';

const count = (fallback: number) => z.int().min(1).max(1000).default(fallback);

/** Section `alerts`: how patient the built-in rules are, and the rules of the user. The thresholds themselves stand in `monitoring.alert_thresholds` and the sections of the checks. */
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
  built_in: builtInSettings
    .default({})
    .describe('Changes of built-in rules, by their id: switched off, milder, slower.'),
  rules: z
    .array(ruleDefinition)
    .max(20_000)
    .default([])
    .superRefine(refuseDoubles)
    .describe('Rules of your own; docs/rules.md describes them.'),
  ...noiseSettings,
});

function refuseDoubles(rules: readonly { id: string }[], context: z.core.$RefinementCtx): void {
  const seen = new Map<string, number>();
  for (const [index, { id }] of rules.entries()) {
    const first = seen.get(id);
    if (first === undefined) seen.set(id, index);
    else
      context.addIssue({ code: 'custom', path: [index, 'id'], message: `is the id of rules.${first} already: ${id}` });
  }
}

/** The values of section `alerts`. */
export type AlertsSettings = z.output<typeof alertsSettings>;
