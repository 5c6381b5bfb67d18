import { z } from 'zod';
import { severities } from '../../model/severity.ts';
import { commonSettings, needs } from '../common-settings.ts';

/** `notifications.pagerduty`. */
export const pagerdutySettings = z
  .strictObject({
    ...commonSettings(false, 'error'),
    integration_key: z
      .string()
      .default('')
      .describe('Integration key of an Events API v2 integration.')
      .meta({ secret: true }),
    component: z.string().default('CryoProtect').describe('`component` of the incident.'),
    group: z.string().default('Monitoring').describe('`group` of the incident.'),
    class_type: z.string().default('application').describe('`class` of the incident.'),
    api_url: z
      .url({ protocol: /^https?$/ })
      .default('https://events.pagerduty.com')
      .describe('Address of the Events API; https://events.eu.pagerduty.com for accounts in the EU.'),
    severity_mapping: z
      .partialRecord(z.enum(severities), z.enum(['info', 'warning', 'error', 'critical']))
      .default({})
      .describe("PagerDuty's severity for ours, where it should differ; debug becomes info."),
  })
  .superRefine(needs('integration_key'));
export type PagerdutySettings = z.output<typeof pagerdutySettings>;
