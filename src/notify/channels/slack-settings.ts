import { z } from 'zod';
import { channelSettings } from '../common-settings.ts';

/** `notifications.slack`. */
export const slackSettings = channelSettings(
  'slack',
  {
    webhook_url: z
      .url({ protocol: /^https?$/ })
      .or(z.literal(''))
      .default('')
      .describe('Address of the incoming webhook.')
      .meta({ secret: true }),
    channel: z.string().default('#monitoring').describe('Channel to post to; webhooks of Slack apps ignore it.'),
    username: z
      .string()
      .default('CryoProtect Monitoring')
      .describe('Name to post as; webhooks of Slack apps ignore it.'),
    icon_emoji: z.string().default(':warning:').describe('Picture to post with; webhooks of Slack apps ignore it.'),
  },
  { needs: ['webhook_url'] },
);
export type SlackSettings = z.output<typeof slackSettings.section>;
