import type { OutboxEntry } from '../model/notification.ts';
import { cut, factLines, headword } from './words.ts';

/** The predecessor's colours of the severities, and green for what is over. */
export const colours: Readonly<Record<string, string>> = {
  debug: '#999999',
  info: '#3498db',
  warning: '#f39c12',
  error: '#e74c3c',
  critical: '#7b241c',
  resolved: '#27ae60',
};

/** The colour of a message. */
export function colourOf(entry: OutboxEntry): string {
  return (entry.facts.status === 'resolved' ? colours.resolved : colours[entry.facts.severity]) ?? '#999999';
}

/** Text that is safe between tags and in attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** What a mail shows and opens besides its facts. */
export interface MailExtras {
  readonly acknowledge?: string | undefined;
  readonly alert?: string | undefined;
  readonly chart?: { readonly src: string; readonly width: number; readonly height: number };
}

/** A mail's HTML part: readable without images, style sheets or colours. */
export function htmlBody(entry: OutboxEntry, includeContext: boolean, extras: MailExtras = {}): string {
  const rows = factLines(entry.facts)
    .slice(0, 30)
    .map(([name, value]) => {
      const cell = 'padding:4px 12px 4px 0;vertical-align:top';
      return `<tr><th align="left" style="${cell};color:#555">${escapeHtml(cut(name, 100))}</th><td style="${cell}">${escapeHtml(cut(value, 1000))}</td></tr>`;
    })
    .join('\n');
  const context =
    includeContext && Object.keys(entry.facts.context).length > 0
      ? `<pre style="background:#f4f4f4;padding:12px;white-space:pre-wrap">${escapeHtml(contextText(entry))}</pre>`
      : '';
  return `<!doctype html>
<html lang="en"><body style="font-family:sans-serif;color:#222">
<div style="border-left:6px solid ${colourOf(entry)};padding-left:14px">
<h2 style="margin:0 0 6px">${escapeHtml(headword(entry))}: ${escapeHtml(cut(entry.facts.alertType, 200))}</h2>
<p style="font-size:16px;margin:0 0 12px">${escapeHtml(cut(entry.facts.message, 4000))}</p>
<table style="border-collapse:collapse">
${rows}
</table>
${chartPart(extras, entry)}${doorsPart(extras)}</div>
${context}
</body></html>`;
}

function chartPart({ chart }: MailExtras, entry: OutboxEntry): string {
  if (!chart) return '';
  const { src, width, height } = chart;
  const about = `Chart of ${entry.facts.series?.name ?? entry.facts.alertType} before this message`;
  return `<p><img src="${escapeHtml(src)}" width="${width}" height="${height}" alt="${escapeHtml(about)}" style="max-width:100%;height:auto"></p>\n`;
}

function doorsPart({ acknowledge, alert }: MailExtras): string {
  const door = (url: string, name: string) =>
    `<a href="${escapeHtml(url)}" style="display:inline-block;padding:8px 16px;margin-right:8px;border:1px solid #888;border-radius:4px;color:#222;text-decoration:none">${name}</a>`;
  const doors = [
    ...(acknowledge === undefined ? [] : [door(acknowledge, 'Acknowledge')]),
    ...(alert === undefined ? [] : [door(alert, 'Open the alert')]),
  ];
  return doors.length === 0 ? '' : `<p style="margin:16px 0 0">${doors.join('')}</p>\n`;
}

/** The context as indented JSON, short enough for any mail server. */
export function contextText(entry: OutboxEntry): string {
  return cut(JSON.stringify(entry.facts.context, null, 2), 20_000);
}
