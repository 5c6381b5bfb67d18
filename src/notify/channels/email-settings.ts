import { z } from 'zod';
import { channelSettings } from '../common-settings.ts';

/** `notifications.email`. */
export const emailSettings = channelSettings(
  'email',
  {
    smtp_server: z.string().default('').describe('Name or address of the mail server.'),
    smtp_port: z
      .int()
      .min(1)
      .max(65_535)
      .default(587)
      .describe('587 and 25 use STARTTLS, 465 is encrypted from the first byte.'),
    sender_email: z.string().default('').describe('Address in From.'),
    recipient_emails: z.array(z.string().min(1)).default([]).describe('Who gets the mail.'),
    username: z
      .string()
      .default('')
      .describe('Name to log in with; the sender when it is empty and there is a password.'),
    password: z.string().default('').describe('Password to log in with.').meta({ secret: true }),
    use_tls: z
      .boolean()
      .default(true)
      .describe('Insist on encryption. Off sends everything, passwords too, in clear text.'),
    implicit_tls: z
      .boolean()
      .optional()
      .describe('TLS from the first byte instead of STARTTLS; by default on port 465.'),
    verify_ssl: z.boolean().default(true).describe("Whether the mail server's certificate must be valid."),
    subject_prefix: z.string().default('[ALERT] CryoProtect').describe('Begin of every subject.'),
    chart: z.boolean().default(true).describe("Whether the mail shows a chart of the alert's series, if it has one."),
  },
  { needs: ['smtp_server', 'sender_email', 'recipient_emails'] },
);
export type EmailSettings = z.output<typeof emailSettings.section>;
