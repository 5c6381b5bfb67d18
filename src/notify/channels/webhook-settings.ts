import { z } from 'zod';
import { channelSettings } from '../common-settings.ts';

const signingSecret = z
  .string()
  .regex(/^(whsec_)?[A-Za-z0-9+/]{16,}={0,2}$/, 'must be whsec_ and base64, as Standard Webhooks have it')
  .or(z.literal(''))
  .optional();

/** One entry of `notifications.webhooks`. */
export const webhookSettings = channelSettings(
  'webhook',
  {
    webhook_url: z
      .url({ protocol: /^https?$/ })
      .or(z.literal(''))
      .default('')
      .describe('Where to send to.')
      .meta({ secret: true }),
    http_method: z
      .string()
      .transform((method) => method.toUpperCase())
      .pipe(z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']))
      .default('POST')
      .describe('GET sends the fields as query parameters, the others as a JSON body.'),
    headers: z
      .record(z.string(), z.string())
      .default({})
      .describe('Headers to send, e.g. Authorization.')
      .meta({ secret: true }),
    payload_template: z
      .record(z.string(), z.json())
      .optional()
      .describe(
        'Body to send instead of the usual one; {{message}}, {{severity}} and the like are replaced in its texts.',
      ),
    verify_ssl: z.boolean().default(true).describe("Whether the receiver's certificate must be valid."),
    timeout: z.number().positive().max(300).default(5).describe('Seconds that one attempt may take in all.'),
    send_acknowledged: z
      .boolean()
      .default(false)
      .describe('Whether the receiver also hears that somebody acknowledged an alert (`event` is `acknowledged`).'),
    secret: signingSecret
      .describe('Signs every message as Standard Webhooks say (whsec_…); the receiver can verify who sent it.')
      .meta({ secret: true }),
    previous_secret: signingSecret
      .describe('Signs as well, while receivers change from it to a new `secret`.')
      .meta({ secret: true }),
  },
  { needs: ['webhook_url'], enabled: true },
);
export type WebhookSettings = z.output<typeof webhookSettings.section>;
