import { z } from 'zod';
import { channelSettings } from '../common-settings.ts';

/** `notifications.discord`. */
export const discordSettings = channelSettings(
  'discord',
  {
    webhook_url: z
      .url({ protocol: /^https?$/ })
      .or(z.literal(''))
      .default('')
      .describe('Address of the webhook, https://discord.com/api/webhooks/….')
      .meta({ secret: true }),
    username: z.string().max(80).default('CryoProtect Monitoring').describe('Name to post as.'),
    thread_id: z
      .string()
      .regex(/^\d*$/, 'must be the number of a thread')
      .default('')
      .describe('Thread to post to, when it is not the channel itself.'),
  },
  { needs: ['webhook_url'] },
);
export type DiscordSettings = z.output<typeof discordSettings.section>;
