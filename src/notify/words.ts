import { formatDuration } from '../model/duration.ts';
import type { NotificationFacts, OutboxEntry } from '../model/notification.ts';

/** Local time as people write it: `2026-11-23 09:05:07`. */
export function formattedTime(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** The moment a message is about: when it ended for an end, when it was noticed for anything else. */
export function momentOf(entry: OutboxEntry): number {
  return entry.facts.status === 'resolved' ? (entry.facts.resolvedAt ?? entry.createdAt) : entry.createdAt;
}

/** One word of what happened, for headlines: `ERROR`, `RESOLVED`, `TEST`, … */
export function headword(entry: OutboxEntry): string {
  if (entry.event === 'test' || entry.event === 'probe') return 'TEST';
  if (entry.event === 'acknowledged') return 'ACKNOWLEDGED';
  if (entry.facts.status === 'resolved') return 'RESOLVED';
  const severity = entry.facts.severity.toUpperCase();
  return entry.event === 'reminder' ? `STILL ${severity}` : severity;
}

/** The predecessor's text of an alert: time, severity, source and message, and the context below it when it is wanted. */
export function plainText(entry: OutboxEntry, includeContext: boolean): string {
  const { facts } = entry;
  const line = `[${formattedTime(momentOf(entry))}] ${headword(entry)} alert from ${facts.source}: ${facts.message}`;
  if (!includeContext || Object.keys(facts.context).length === 0) return line;
  return `${line}\nContext: ${JSON.stringify(facts.context, null, 2)}`;
}

/** The facts worth a line each, in the order to show them: `[['Source', 'database'], …]`. */
export function factLines(facts: NotificationFacts): [string, string][] {
  const lines: [string, string][] = [
    ['Source', facts.source],
    ['Severity', facts.severity],
    ['Reason', facts.reason],
  ];
  if (facts.value !== undefined) lines.push(['Value', withUnit(facts.value, facts.unit)]);
  if (facts.threshold !== undefined) lines.push(['Threshold', withUnit(facts.threshold, facts.unit)]);
  lines.push(['Since', formattedTime(facts.startedAt)]);
  if (facts.resolvedAt !== undefined) {
    lines.push([
      'Until',
      `${formattedTime(facts.resolvedAt)} (${formatDuration(Math.max(0, facts.resolvedAt - facts.startedAt))})`,
    ]);
  }
  if (facts.runbook !== undefined) lines.push(['Runbook', facts.runbook]);
  for (const [name, value] of Object.entries(facts.annotations ?? {})) lines.push([name, value]);
  for (const [name, value] of Object.entries(facts.labels)) lines.push([name, value]);
  return lines;
}

/** A number with its unit for people: `95.2 %`, `1.4 s`. */
export function withUnit(value: number, unit: string | undefined): string {
  if (unit === 'percent') return `${Math.round(value * 10) / 10} %`;
  if (unit === 'ms') return formatDuration(value);
  return unit === undefined ? String(value) : `${value} ${unit}`;
}

/** At most `limit` UTF-16 units, ending in `…` when something was cut; never cuts a character in two. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  let end = Math.max(0, limit - 1);
  const last = text.charCodeAt(end - 1);
  if (last >= 0xd800 && last <= 0xdbff) end -= 1;
  return `${text.slice(0, end)}…`;
}
