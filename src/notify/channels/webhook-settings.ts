import { z } from 'zod';
import { commonSettings, needs } from '../common-settings.ts';

/** One entry of `notifications.webhooks`. */
export const webhookSettings = z
  .strictObject({
    ...commonSettings(true),
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
    secret: z
      .string()
      .optional()
      .describe('Signs every message as Standard Webhooks say (whsec_…); the receiver can verify who sent it.')
      .meta({ secret: true }),
  })
  .superRefine(needs('webhook_url'));
export type WebhookSettings = z.output<typeof webhookSettings>;
