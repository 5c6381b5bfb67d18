import { z } from 'zod';
import { emailSettings } from './channels/email-settings.ts';
import { logSettings } from './channels/log-settings.ts';
import { pagerdutySettings } from './channels/pagerduty-settings.ts';
import { slackSettings } from './channels/slack-settings.ts';
import { smsSettings } from './channels/sms-settings.ts';
import { webhookSettings } from './channels/webhook-settings.ts';

/** Section `notifications`: who is told of alerts, and how. The schema of a channel stands beside its code. */
export const notificationsSettings = z.strictObject({
  log: logSettings.prefault({}).describe('Writes every notification into the log of the monitor.'),
  email: emailSettings.prefault({}).describe('Sends e-mail by SMTP.'),
  slack: slackSettings.prefault({}).describe('Posts to a Slack incoming webhook.'),
  pagerduty: pagerdutySettings.prefault({}).describe('Opens and resolves PagerDuty incidents (Events API v2).'),
  sms: smsSettings.prefault({}).describe('Sends text messages through Twilio.'),
  webhooks: z.array(webhookSettings).default([]).describe('Sends JSON to any HTTP address.'),
});

/** The values of section `notifications`. */
export type NotificationsSettings = z.output<typeof notificationsSettings>;
