import { z } from 'zod';
import { severities } from '../model/severity.ts';

const laterChannel = 'this channel comes with a later version; use webhooks meanwhile';

const minSeverity = (fallback: (typeof severities)[number]) =>
  z.enum(severities).default(fallback).describe('Alerts milder than this are not told here.');

const commonKeys = {
  throttle_seconds: z
    .number()
    .min(0)
    .default(300)
    .describe('Seconds during which the same alert is told only once; an escalation is always told.'),
  include_context: z.boolean().default(true).describe('Put the alert’s context into the message.'),
};
const enabled = z.boolean().default(false).describe('true switches the channel on.');

const email = z.strictObject({
  enabled,
  smtp_server: z.string().default('').describe('Name of the mail server.'),
  smtp_port: z.int().min(1).max(65_535).default(587).describe('Port of the mail server.'),
  sender_email: z.string().default('').describe('Address the mails come from.'),
  recipient_emails: z.array(z.string()).default([]).describe('Addresses the mails go to.'),
  username: z.string().default('').describe('Login at the mail server; the sender when empty.'),
  password: z.string().default('').meta({ description: 'Password at the mail server.', secret: true }),
  use_tls: z.boolean().default(true).describe('Encrypt with STARTTLS.'),
  subject_prefix: z.string().default('[ALERT] CryoProtect').describe('Begin of every subject.'),
  min_severity: minSeverity('warning'),
  ...commonKeys,
});

const slack = z.strictObject({
  enabled,
  webhook_url: z.string().default('').meta({ description: 'Address of the incoming webhook.', secret: true }),
  channel: z.string().default('').describe('Channel, when not the webhook’s own.'),
  username: z.string().default('CryoProtect Monitoring').describe('Name the messages come from.'),
  icon_emoji: z.string().default(':warning:').describe('Icon beside the name.'),
  min_severity: minSeverity('warning'),
  ...commonKeys,
});

const pagerduty = z.strictObject({
  enabled,
  integration_key: z
    .string()
    .default('')
    .meta({ description: 'Integration key of the service (Events v2).', secret: true }),
  component: z.string().default('CryoProtect').describe('Component named in the event.'),
  group: z.string().default('Monitoring').describe('Group named in the event.'),
  class_type: z.string().default('application').describe('Class named in the event.'),
  severity_mapping: z
    .record(z.string(), z.string())
    .default({})
    .describe('Our severity to PagerDuty’s, where they differ.'),
  min_severity: minSeverity('error'),
  ...commonKeys,
});

const sms = z.strictObject({
  enabled,
  account_sid: z.string().default('').meta({ description: 'Account SID at Twilio.', secret: true }),
  auth_token: z.string().default('').meta({ description: 'Auth token at Twilio.', secret: true }),
  from_number: z.string().default('').describe('Number the messages come from.'),
  to_numbers: z.array(z.string()).default([]).describe('Numbers the messages go to.'),
  min_severity: minSeverity('critical'),
  ...commonKeys,
});

const webhook = z.strictObject({
  enabled: z.boolean().default(true).describe('false leaves this webhook out.'),
  webhook_url: z.string().default('').meta({ description: 'Where the message is sent.', secret: true }),
  http_method: z
    .enum(['POST', 'PUT', 'PATCH', 'GET'])
    .default('POST')
    .describe('HTTP method; GET sends query parameters.'),
  headers: z.record(z.string(), z.string()).default({}).describe('Headers to send along.'),
  payload_template: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Body instead of the usual one; {{key}} in its texts is replaced by the alert’s value.'),
  verify_ssl: z.boolean().default(true).describe('false accepts any certificate.'),
  timeout: z.number().positive().max(120).default(5).describe('Seconds until an attempt counts as failed.'),
  min_severity: minSeverity('warning'),
  ...commonKeys,
});

/** Section `notifications`: who is told of alerts. */
export const notificationsSettings = z.strictObject({
  email: email.prefault({}).meta({ description: 'Mails.', dormant: laterChannel }),
  slack: slack.prefault({}).meta({ description: 'Slack, by an incoming webhook.', dormant: laterChannel }),
  pagerduty: pagerduty.prefault({}).meta({ description: 'PagerDuty, Events v2.', dormant: laterChannel }),
  sms: sms.prefault({}).meta({ description: 'Text messages through Twilio.', dormant: laterChannel }),
  webhooks: z.array(webhook).default([]).describe('Webhooks of your own.'),
});
export type NotificationsSettings = z.output<typeof notificationsSettings>;
