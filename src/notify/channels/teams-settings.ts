import { z } from 'zod';
import { channelSettings } from '../common-settings.ts';

/** `notifications.teams`. */
export const teamsSettings = channelSettings(
  'teams',
  {
    webhook_url: z
      .url({ protocol: /^https?$/ })
      .or(z.literal(''))
      .default('')
      .describe('Address of the workflow "Post to a channel when a webhook request is received".')
      .meta({ secret: true }),
  },
  { needs: ['webhook_url'] },
);
export type TeamsSettings = z.output<typeof teamsSettings.section>;
