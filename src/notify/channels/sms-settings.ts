import { z } from 'zod';
import { channelSettings } from '../common-settings.ts';

/** `notifications.sms` (Twilio). */
export const smsSettings = channelSettings(
  'sms',
  {
    account_sid: z.string().default('').describe('Account SID, begins with AC.'),
    auth_token: z.string().default('').describe('Auth token of the account.').meta({ secret: true }),
    from_number: z.string().default('').describe('Number to send from, as +15551234567, or a messaging service, MG….'),
    api_url: z
      .url({ protocol: /^https?$/ })
      .default('https://api.twilio.com')
      .describe('Address of the Twilio API.'),
    to_numbers: z.array(z.string().min(1)).default([]).describe('Numbers to send to, as +15551234567.'),
  },
  { needs: ['account_sid', 'auth_token', 'from_number', 'to_numbers'], minSeverity: 'critical' },
);
export type SmsSettings = z.output<typeof smsSettings.section>;
