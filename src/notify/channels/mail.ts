import type { SendMailOptions } from 'nodemailer';
import type { OutboxEntry } from '../../model/notification.ts';
import type { Colour } from '../canvas.ts';
import { chartSize, drawChart } from '../chart.ts';
import { colourOf, htmlBody } from '../html.ts';
import type { ChannelTools } from '../notifier-parts.ts';
import { cut, factLines, headword, plainText } from '../words.ts';
import type { EmailSettings } from './email-settings.ts';

/** The mail of a message: text first, then HTML with the chart inside, and the headers that tell machines what it is. */
export async function mailOf(
  entry: OutboxEntry,
  recipients: readonly string[],
  email: EmailSettings,
  tools: ChannelTools,
): Promise<SendMailOptions> {
  const { facts } = entry;
  const domain = domainOf(email.sender_email);
  // All mails of one episode answer the same mail, which need not exist: mail programs show them as one conversation.
  const thread = `<alert-${facts.alertId}@${domain}>`;
  const acknowledge = tools.links.acknowledge(entry);
  const alert = tools.links.alert(facts.alertId);
  const png = email.chart ? await chartOf(entry, tools) : undefined;
  const cid = `chart-${entry.id}@${domain}`;
  const urgent = facts.severity === 'critical' && facts.status === 'firing' && !isTrial(entry);
  return {
    from: email.sender_email,
    to: [...recipients],
    subject: subjectOf(entry, email.subject_prefix),
    // The same on every attempt, so that a server that took the mail and was not heard can tell the repetition.
    messageId: `<${entry.id}@${domain}>`,
    inReplyTo: thread,
    references: thread,
    date: new Date(entry.createdAt),
    headers: {
      // No holiday notes and no loops.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'List-Id': `CryoProtect Monitoring <alerts.${domain}>`,
      'X-Mailer': `cryoprotect-monitoring ${tools.version}`,
      ...(urgent ? { Importance: 'high' } : {}),
    },
    text: textOf(entry, email.include_context, { acknowledge, alert }),
    html: htmlBody(entry, email.include_context, {
      acknowledge,
      alert,
      ...(png ? { chart: { src: `cid:${cid}`, width: chartSize.width / 2, height: chartSize.height / 2 } } : {}),
    }),
    ...(png
      ? {
          attachments: [
            { filename: 'chart.png', content: png, cid, contentType: 'image/png', contentDisposition: 'inline' },
          ],
        }
      : {}),
  };
}

/** Characters; encoded for other alphabets it may take six times as many bytes. */
const longestSubject = 150;

const isTrial = (entry: OutboxEntry): boolean => entry.event === 'test' || entry.event === 'probe';

/** A chart is a help: a mail without one is sent all the same when the series cannot be read. */
async function chartOf(entry: OutboxEntry, tools: ChannelTools): Promise<Buffer | undefined> {
  try {
    const history = await tools.history(entry.facts, entry.createdAt);
    return history && drawChart(entry.facts, history, rgbOf(colourOf(entry)));
  } catch (error) {
    tools.log.warn({ error: String(error) }, 'The chart of a mail could not be drawn; it goes without.');
    return undefined;
  }
}

function rgbOf(hex: string): Colour {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff];
}

/** The sender's domain: ids of mails should belong to whoever sends them. */
function domainOf(sender: string): string {
  const found = /@([a-z0-9.-]+\.[a-z0-9-]+)>?\s*$/i.exec(sender)?.[1];
  return found?.toLowerCase() ?? 'cryoprotect-monitoring.invalid';
}

/** The predecessor's subject: prefix, severity, source and type. */
function subjectOf(entry: OutboxEntry, prefix: string): string {
  const { source, alertType } = entry.facts;
  const subject = `${prefix} ${headword(entry)} - ${source} - ${alertType}`.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();
  return cut(subject, longestSubject);
}

function textOf(
  entry: OutboxEntry,
  includeContext: boolean,
  doors: { acknowledge: string | undefined; alert: string | undefined },
): string {
  const facts = factLines(entry.facts)
    .slice(0, 30)
    .map(([name, value]) => `${cut(name, 100)}: ${cut(value, 1000)}`);
  const links = [
    ...(doors.acknowledge === undefined ? [] : [`Acknowledge: ${doors.acknowledge}`]),
    ...(doors.alert === undefined ? [] : [`Open: ${doors.alert}`]),
  ];
  const end = links.length === 0 ? '' : `\n${links.join('\n')}\n`;
  return `${cut(`${cut(plainText(entry, includeContext), 30_000)}\n\n${facts.join('\n')}\n`, 80_000)}${end}`;
}
