import type { SentMessageInfo, Transporter } from 'nodemailer';
import type { DeliveryResult, OutboxEntry } from '../../model/notification.ts';
import { type Accepted, createAccepted } from '../accepted.ts';
import type { ChannelKind } from '../channel-kind.ts';
import { cut } from '../words.ts';
import type { EmailSettings } from './email-settings.ts';
import { smtpVerdict } from './email-verdict.ts';
import { mailOf } from './mail.ts';

const connectMs = 10_000;
const silenceMs = 20_000;

/** Channel `email`: SMTP with STARTTLS, or TLS from the first byte on port 465. */
export const emailKind: ChannelKind<EmailSettings> = {
  kind: 'email',
  create(email, tools) {
    const accepted = createAccepted();
    let transport: Promise<Transporter> | undefined;
    return {
      target: `${email.recipient_emails.join(', ')} by ${email.smtp_server}:${email.smtp_port}`,
      timeoutMs: 60_000,
      async deliver(entry, signal) {
        transport ??= connect(email);
        const recipients = accepted.missing(entry.id, email.recipient_emails);
        const mail = await mailOf(entry, recipients, email, tools);
        const sending = (await transport).sendMail(mail);
        const outcome = await Promise.race([sending.then(told, failed), aborted(signal)]);
        return conclude(outcome, entry, recipients, accepted, email);
      },
      async close() {
        (await transport)?.close();
      },
    };
  },
};

type Outcome = { readonly sent: SentMessageInfo } | { readonly error: unknown } | 'aborted';
const told = (sent: SentMessageInfo): Outcome => ({ sent });
const failed = (error: unknown): Outcome => ({ error });

function aborted(signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('aborted');
    signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
}

/** The library is loaded with the first mail: most monitors never send one. */
async function connect(email: EmailSettings): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  const secure = email.use_tls && (email.implicit_tls ?? email.smtp_port === 465);
  const user = email.username || email.sender_email;
  return createTransport({
    host: email.smtp_server,
    port: email.smtp_port,
    secure,
    // Without TLS where it was asked for, nothing is sent: not the mail and above all not the password.
    requireTLS: email.use_tls && !secure,
    ignoreTLS: !email.use_tls,
    ...(email.password === '' ? {} : { auth: { user, pass: email.password } }),
    tls: { rejectUnauthorized: email.verify_ssl },
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    socketTimeout: silenceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** A server may take the mail for some recipients and refuse it for others: only the others are tried again. */
function conclude(
  outcome: Outcome,
  entry: OutboxEntry,
  recipients: readonly string[],
  accepted: Accepted,
  email: EmailSettings,
): DeliveryResult {
  const what = `SMTP ${email.smtp_server}:${email.smtp_port}`;
  if (outcome === 'aborted') return { outcome: 'retry', reason: 'timeout', summary: `${what} -> no answer in time` };
  if ('error' in outcome) return smtpVerdict(outcome.error, what);
  const { rejected, rejectedErrors, response } = outcome.sent as {
    rejected?: unknown[];
    rejectedErrors?: { recipient?: string; responseCode?: number; response?: string }[];
    response?: string;
  };
  const refused = new Set((rejected ?? []).map(String));
  for (const each of recipients) if (!refused.has(each)) accepted.add(entry.id, each);
  const answer = `${what} -> ${cut(response ?? 'accepted', 120)}`;
  if (refused.size === 0) {
    accepted.done(entry.id);
    return { outcome: 'delivered', summary: answer };
  }
  const reasons = (rejectedErrors ?? []).map((each) => `${each.recipient}: ${cut(each.response ?? 'refused', 100)}`);
  const summary = `${answer}; refused for ${reasons.join('; ') || [...refused].join(', ')}`;
  const later = (rejectedErrors ?? []).some(
    (each) => (each.responseCode ?? 0) >= 400 && (each.responseCode ?? 0) < 500,
  );
  if (later) return { outcome: 'retry', reason: 'refused', summary };
  accepted.done(entry.id);
  return { outcome: 'delivered', summary };
}
