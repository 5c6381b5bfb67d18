import { z } from 'zod';
import { severities } from '../../model/severity.ts';
import { channelSettings } from '../common-settings.ts';

/** `notifications.pagerduty`. */
export const pagerdutySettings = channelSettings(
  'pagerduty',
  {
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
    change_events: z
      .boolean()
      .default(false)
      .describe(
        'Also tells PagerDuty what changed (deploys, restarts, configuration), as change events; they page nobody.',
      ),
  },
  { needs: ['integration_key'], minSeverity: 'error' },
);
export type PagerdutySettings = z.output<typeof pagerdutySettings.section>;
