import { z } from 'zod';
import { channelSettings } from '../common-settings.ts';

/** `notifications.telegram`. */
export const telegramSettings = channelSettings(
  'telegram',
  {
    bot_token: z
      .string()
      .regex(/^(\d+:[\w-]+)?$/, 'must be the token of a bot, as @BotFather gives it: digits, a colon, letters')
      .default('')
      .describe('Token of the bot, from @BotFather.')
      .meta({ secret: true }),
    chat_id: z.string().default('').describe('Chat, group or @channel to send to.'),
    message_thread_id: z.int().positive().optional().describe('Topic of a forum group.'),
    api_url: z
      .url({ protocol: /^https?$/ })
      .default('https://api.telegram.org')
      .describe('Address of the Bot API.'),
  },
  { needs: ['bot_token', 'chat_id'] },
);
export type TelegramSettings = z.output<typeof telegramSettings.section>;
