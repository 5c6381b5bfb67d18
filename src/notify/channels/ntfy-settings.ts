import { z } from 'zod';
import { channelSettings } from '../common-settings.ts';

/** `notifications.ntfy`. */
export const ntfySettings = channelSettings(
  'ntfy',
  {
    server_url: z
      .url({ protocol: /^https?$/ })
      .default('https://ntfy.sh')
      .describe('Address of the ntfy server.'),
    topic: z
      .string()
      .regex(/^[-\w]{0,64}$/, 'must be letters, digits, _ and -, at most 64')
      .default('')
      .describe('Topic to publish to. On a public server whoever knows it can read it.')
      .meta({ secret: true }),
    token: z.string().default('').describe('Access token (tk_…), if the topic is protected.').meta({ secret: true }),
    username: z.string().default('').describe('Name to log in with, instead of a token.'),
    password: z.string().default('').describe('Password to log in with.').meta({ secret: true }),
  },
  { needs: ['topic'] },
);
export type NtfySettings = z.output<typeof ntfySettings.section>;
