import { spawnSync } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { Sketch } from '../model/sketch.ts';
import { metrics } from './metric-help.ts';
import { checkState, type FakeMonitor, firing, startServer } from './running-server.contract.ts';

/** From Debian's package `prometheus`. */
const promtool = 'promtool';
let monitor: FakeMonitor;
afterEach(() => monitor.server.stop());

function fill({ series, checks, episodes }: FakeMonitor): void {
  const at = Date.now() - 1000;
  const sketch = new Sketch();
  for (const seconds of [0.01, 0.02]) sketch.record(seconds);
  series.appendSketches([
    { name: 'operation_duration_seconds', labels: { operation: 'GET "/a\\b"\n', category: 'api' }, at, sketch },
  ]);
  series.append([
    { name: 'system_cpu_usage_ratio', labels: {}, at, value: 0.5 },
    { name: 'system_disk_usage_ratio', labels: { path: '/' }, at, value: 0.5 },
    { name: 'system_disk_usage_ratio', labels: { path: '/data' }, at, value: Number.NaN },
    { name: 'system_load1', labels: {}, at: at - 600_000, value: 3 },
    { name: 'operation_errors_total', labels: { operation: 'a', category: 'api' }, at, value: 7, kind: 'counter' },
    { name: 'molecules', labels: { kind: 'sugar' }, at, value: Number.POSITIVE_INFINITY },
    { name: 'imported_total', labels: {}, at, value: 3, kind: 'counter' },
  ]);
  checks.push(checkState('system', 'ok'), checkState('database:a', 'unknown'));
  episodes.push(firing());
}

test('is text that promtool finds nothing wrong with', async () => {
  monitor = await startServer();
  fill(monitor);
  const answer = await fetch(`${monitor.url}/monitoring/metrics`);
  const text = await answer.text();
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const checked = spawnSync(promtool, ['check', 'metrics'], { input: text, encoding: 'utf8' });
  // Without promtool this must fail, not pass in silence: apt-get install prometheus.
  expect(checked.error).toBeUndefined();
  expect([checked.status, checked.stdout, checked.stderr]).toEqual([0, '', '']);
});

test('tells the newest values and leaves out what has grown old', async () => {
  monitor = await startServer();
  fill(monitor);
  const text = await (await fetch(`${monitor.url}/monitoring/metrics`)).text();
  expect(text).toContain('\nsystem_disk_usage_ratio{path="/"} 0.5\n');
  expect(text).toContain(
    '# TYPE operation_errors_total counter\noperation_errors_total{category="api",operation="a"} 7\n',
  );
  expect(text).toContain('molecules{kind="sugar"} +Inf\n');
  expect(text).not.toContain('system_load1');
  expect(text).toContain('operation_duration_seconds{category="api",operation="GET \\"/a\\\\b\\"\\n",quantile="0.5"} ');
  expect(text).toContain('cryoprotect_health_status{component="system"} 1\n');
  expect(text).toContain('cryoprotect_health_status{component="database"} 0\n');
  expect(text).toContain('cryoprotect_alerts_firing{alert_type="high_cpu_usage",severity="error",source="system"} 1\n');
});

test('has a port of its own when asked, with nothing else on it', async () => {
  monitor = await startServer({ prometheus: { enabled: true, port: 0 } });
  fill(monitor);
  expect(monitor.prometheusUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  expect(await (await fetch(monitor.prometheusUrl!)).text()).toContain('system_cpu_usage_ratio 0.5');
  expect((await fetch(monitor.prometheusUrl!.replace('/metrics', '/monitoring/api/overview'))).status).toBe(404);
});

test('every metric of ours is explained in docs/metrics.md, and no other', async () => {
  monitor = await startServer();
  const { readFile } = await import('node:fs/promises');
  const page = await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| `([a-z0-9_]+)` \| (\w+) \| (.*?) \| (.*?) \|$/gm)].map(
    ([, name, kind, labels, help]) => ({ name, kind, labels, help }),
  );
  const ours = Object.entries(metrics).map(([name, one]) => ({
    name,
    kind: one.kind,
    labels: one.labels.map((label) => `\`${label}\``).join(', '),
    help: one.help,
  }));
  expect(documented).toEqual(ours);
});
