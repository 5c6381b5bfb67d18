import type { AlertView } from '../../model/api.ts';
import { formatDuration } from '../../model/duration.ts';
import { quantity, time } from './format.ts';
import type { Paint } from './paint.ts';
import { plain } from './width.ts';

const holdWords: Record<AlertView['holds'][number]['kind'], string> = {
  silenced: 'silenced',
  maintenance: 'maintenance',
  inhibited: 'told by another alert',
  'quiet-hours': 'held back: quiet hours',
  flapping: 'flapping',
  grouped: 'waits for the next summary',
  storm: 'waits for the next summary',
};

/** An alert in a few lines, as the predecessor's `alerts` shows them. */
export function alertLines(paint: Paint, alert: AlertView, now: number, verbose: boolean): string[] {
  const since = alert.state === 'resolved' ? '' : paint.faint(` for ${formatDuration(now - alert.started_at)}`);
  const head = `[${time(alert.started_at)}] ${paint.state(alert.severity, alert.severity.toUpperCase())} - ${plain(alert.source)}`;
  const marks = [
    paint.state(alert.state),
    ...alert.holds.map(({ kind }) => holdWords[kind]),
    ...(alert.acknowledged === null ? [] : [`acknowledged by ${plain(alert.acknowledged.by)}`]),
  ].join(', ');
  const lines = [
    head,
    `  Type:    ${plain(alert.alert_type)} (${marks})${since}`,
    `  Message: ${plain(alert.message)}`,
  ];
  if (!verbose) return lines;
  lines.push(`  Why:     ${plain(alert.reason)}`);
  if (alert.value !== null) {
    const limit = alert.threshold === null ? '' : ` (limit ${quantity(alert.threshold, alert.unit)})`;
    lines.push(`  Value:   ${quantity(alert.value, alert.unit)}${limit}`);
  }
  for (const hold of alert.holds) lines.push(`  Held:    ${plain(hold.text)}`);
  if (alert.resolved_at !== null) lines.push(`  Ended:   ${time(alert.resolved_at)}`);
  lines.push(`  Id:      ${plain(alert.id)}`);
  if (Object.keys(alert.context).length > 0) {
    lines.push(
      '  Context:',
      ...JSON.stringify(alert.context, null, 2)
        .split('\n')
        .map((line) => `    ${plain(line)}`),
    );
  }
  return lines;
}

/** Counts by severity, worst first: `1 critical, 2 error`. */
export function severityCounts(paint: Paint, alerts: readonly AlertView[]): string {
  const order = ['critical', 'error', 'warning', 'info', 'debug'];
  return order
    .map((severity) => ({ severity, amount: alerts.filter((alert) => alert.severity === severity).length }))
    .filter(({ amount }) => amount > 0)
    .map(({ severity, amount }) => paint.state(severity, `${amount} ${severity}`))
    .join(', ');
}
