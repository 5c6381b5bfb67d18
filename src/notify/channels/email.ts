import type { SentMessageInfo, Transporter } from 'nodemailer';
import type { DeliveryResult, Notifier, OutboxEntry } from '../../model/notification.ts';
import { type Accepted, createAccepted } from '../accepted.ts';
import { htmlBody } from '../html.ts';
import type { NotifierParts } from '../notifier-parts.ts';
import { cut, factLines, headword, plainText } from '../words.ts';
import type { EmailSettings } from './email-settings.ts';
import { smtpVerdict } from './email-verdict.ts';

const connectMs = 10_000;
const silenceMs = 20_000;

/** Channel `email`: SMTP with STARTTLS, or TLS from the first byte on port 465. */
export function emailChannel({ settings, version }: NotifierParts): Notifier[] {
  const { email } = settings;
  if (!email.enabled) return [];
  const accepted = createAccepted();
  let transport: Promise<Transporter> | undefined;
  return [
    {
      name: 'email',
      kind: 'email',
      target: `${email.recipient_emails.join(', ')} by ${email.smtp_server}:${email.smtp_port}`,
      minSeverity: email.min_severity,
      throttleMs: email.throttle_seconds * 1000,
      timeoutMs: 60_000,
      async deliver(entry, signal) {
        transport ??= connect(email);
        const recipients = accepted.missing(entry.id, email.recipient_emails);
        const sending = (await transport).sendMail(mailOf(entry, recipients, email, version));
        const outcome = await Promise.race([sending.then(told, failed), aborted(signal)]);
        return conclude(outcome, entry, recipients, accepted, email);
      },
      async close() {
        (await transport)?.close();
      },
    },
  ];
}

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

function mailOf(entry: OutboxEntry, recipients: readonly string[], email: EmailSettings, version: string) {
  const { facts } = entry;
  const domain = 'alerts.cryoprotect-monitoring.invalid';
  // All mails of one episode answer the same mail, which need not exist: mail programs show them as one conversation.
  const thread = `<alert-${facts.alertId}@${domain}>`;
  return {
    from: email.sender_email,
    to: [...recipients],
    subject: subjectOf(entry, email.subject_prefix),
    // The same on every attempt, so that a server that took the mail and was not heard can tell the repetition.
    messageId: `<${entry.id}@${domain}>`,
    inReplyTo: thread,
    references: thread,
    date: new Date(entry.createdAt),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Mailer': `cryoprotect-monitoring ${version}` },
    text: textOf(entry, email.include_context),
    html: htmlBody(entry, email.include_context),
  };
}

/** The predecessor's subject: prefix, severity, source and type. */
function subjectOf(entry: OutboxEntry, prefix: string): string {
  const { source, alertType } = entry.facts;
  const subject = `${prefix} ${headword(entry)} - ${source} - ${alertType}`.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();
  return cut(subject, 250);
}

function textOf(entry: OutboxEntry, includeContext: boolean): string {
  const facts = factLines(entry.facts)
    .slice(0, 30)
    .map(([name, value]) => `${cut(name, 100)}: ${cut(value, 1000)}`);
  return cut(`${cut(plainText(entry, includeContext), 30_000)}\n\n${facts.join('\n')}\n`, 80_000);
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
