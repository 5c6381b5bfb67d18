import type { LatestPoint } from '../model/store.ts';
import { helpOf } from './metric-help.ts';
import type { ServerOptions } from './options.ts';
import { labelText, valueText } from './views/prometheus-words.ts';

const staleAfterMs = 300_000;

/** Over how long the percentiles of distributions look back. */
const windowMs = 300_000;
const quantiles = [0.5, 0.95, 0.99] as const;

/** What the text is made of. */
export type MetricsSource = Pick<ServerOptions, 'series' | 'checks' | 'alerts' | 'clock' | 'version' | 'startedAt'>;

/**
 * The newest value of every series in Prometheus' text format 0.0.4; distributions as the percentiles of the last five
 * minutes. Values older than that are left out, as Prometheus itself would do; timestamps are left out too, so that the
 * moment of the scrape counts.
 */
export async function metricsText(source: MetricsSource): Promise<string> {
  const now = source.clock.now();
  const families = new Map<string, LatestPoint[]>();
  for (const point of source.series.latest({})) {
    if (now - point.at > staleAfterMs) continue;
    const points = families.get(point.name);
    if (points) points.push(point);
    else families.set(point.name, [point]);
  }
  const lines: string[] = [];
  for (const [name, points] of [...families].sort(([a], [b]) => (a < b ? -1 : 1))) {
    lines.push(...(points[0]!.kind === 'sketch' ? await distribution(name, source, now) : family(name, points)));
  }
  return `${[...lines, ...own(source)].join('\n')}\n`;
}

function family(name: string, points: readonly LatestPoint[]): string[] {
  const seen = new Set<string>();
  const lines = header(name, points[0]!.kind === 'counter' ? 'counter' : 'gauge');
  for (const point of points) {
    const labels = labelText(point.labels);
    // The same series twice would make the whole scrape fail.
    if (seen.has(labels)) continue;
    seen.add(labels);
    lines.push(`${name}${labels} ${valueText(point.value)}`);
  }
  return lines;
}

/** A summary has no sum and count here: those would have to grow for ever, and `operation_total` does that. */
async function distribution(name: string, { series }: MetricsSource, now: number): Promise<string[]> {
  const lines = header(name, 'summary');
  for (const { labels, sketch } of await series.sketches({ name, from: now - windowMs, to: now + 1 })) {
    if (sketch.count === 0) continue;
    for (const quantile of quantiles) {
      lines.push(
        `${name}${labelText({ ...labels, quantile: String(quantile) })} ${valueText(sketch.quantile(quantile))}`,
      );
    }
  }
  return lines;
}

const words = { ok: 1, warning: 1, error: 0, unknown: 0, stale: 0 } as const;

/** What the store does not hold: the version, the alerts that fire, and the predecessor's health gauge. */
function own({ checks, alerts, version, startedAt }: MetricsSource): string[] {
  const states = checks.all();
  const components = [...new Set(states.map((state) => state.check.component))].sort();
  const healthy = (component: string) => {
    const of = states.filter((state) => state.check.component === component);
    return of.every((state) => state.status === 'ok') ? 1 : 0;
  };
  const firing = new Map<string, number>();
  for (const alert of alerts.active()) {
    if (alert.state !== 'firing') continue;
    const labels = labelText({ alert_type: alert.alertType, severity: alert.severity, source: alert.source });
    firing.set(labels, (firing.get(labels) ?? 0) + 1);
  }
  return [
    ...header('cryoprotect_monitor_info', 'gauge'),
    `cryoprotect_monitor_info${labelText({ version })} 1`,
    ...header('cryoprotect_monitor_start_time_seconds', 'gauge'),
    `cryoprotect_monitor_start_time_seconds ${valueText(startedAt / 1000)}`,
    ...(components.length > 0 ? header('cryoprotect_health_status', 'gauge') : []),
    ...components.map((component) => `cryoprotect_health_status${labelText({ component })} ${healthy(component)}`),
    ...(states.length > 0 ? header('cryoprotect_check_healthy', 'gauge') : []),
    ...states.map((state) => `cryoprotect_check_healthy${labelText({ check: state.check.id })} ${words[state.status]}`),
    ...(firing.size > 0 ? header('cryoprotect_alerts_firing', 'gauge') : []),
    ...[...firing].map(([labels, count]) => `cryoprotect_alerts_firing${labels} ${count}`),
  ];
}

function header(name: string, type: string): string[] {
  return [`# HELP ${name} ${escapeHelp(helpOf(name))}`, `# TYPE ${name} ${type}`];
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
