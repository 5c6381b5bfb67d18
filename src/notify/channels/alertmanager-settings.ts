import { z } from 'zod';
import { channelSettings } from '../common-settings.ts';

/** `notifications.alertmanager`. */
export const alertmanagerSettings = channelSettings(
  'alertmanager',
  {
    urls: z
      .array(z.url({ protocol: /^https?$/ }))
      .default([])
      .describe('Addresses of all nodes of the cluster, each by itself and not through a load balancer.'),
    labels: z
      .record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'must be a label name'), z.string())
      .default({})
      .describe('Labels to add to every alert, e.g. `cluster`, so that two monitors are told apart.'),
    resend_seconds: z
      .number()
      .min(1)
      .max(60)
      .default(60)
      .describe('How often what still fires is sent again; without that Alertmanager would take it for resolved.'),
    token: z.string().default('').describe('Bearer token, if there is a proxy that wants one.').meta({ secret: true }),
    username: z.string().default('').describe('Name for basic authentication.'),
    password: z.string().default('').describe('Password for basic authentication.').meta({ secret: true }),
    verify_ssl: z.boolean().default(true).describe("Whether the nodes' certificates must be valid."),
  },
  { needs: ['urls'] },
);
export type AlertmanagerSettings = z.output<typeof alertmanagerSettings.section>;
