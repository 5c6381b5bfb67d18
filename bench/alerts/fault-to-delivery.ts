/**
 * From a fault to the message: our monitor beside Debian's Prometheus and Alertmanager, the same faults in the same run. Twenty-four
 * endpoints of one target break one after another, each at a random moment of its slice of two minutes; both sides tell a webhook on
 * loopback. Ours checks every 5 s, its rule is critical and has no `for` either; Prometheus scrapes and evaluates every 15 s, its rule has no `for`,
 * and Alertmanager has its default timers (group_wait 30 s) with `group_by: ['...']`, which is one notification for each alert.
 */
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAlertmanagers } from '../../test/services/alertmanager.ts';
import { freePort, program, scratchDirectory, startService } from '../../test/services/process.ts';
import { startMonitorProcess } from '../monitor/process.ts';

const faults = 24;
const spanMs = 120_000;
/** The slowest way: a scrape, an evaluation, group_wait, and air. */
const patienceMs = 90_000;

/** When each fault began and when it was told, epoch ms, by the number of the endpoint. */
interface Course {
  readonly brokeAt: Map<number, number>;
  readonly oursAt: Map<number, number>;
  /** What our message says about when the failure was first seen. */
  readonly seenAt: Map<number, number>;
  readonly theirsAt: Map<number, number>;
}

/** Runs both sides and resolves with the figures, in ms. */
export async function faultFigures(): Promise<Record<string, number>> {
  const course: Course = { brokeAt: new Map(), oursAt: new Map(), seenAt: new Map(), theirsAt: new Map() };
  const site = createServer((request, response) => serve(course, request, response));
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const [alertmanager] = await startAlertmanagers(1, { webhook: `${url}/theirs` });
  const prometheus = await startPrometheus(new URL(url).host, alertmanager!.port);
  const monitor = await startMonitorProcess(configuration(url));
  try {
    // Both have looked at everything once before anything breaks.
    await sleep(20_000);
    await breakAll(course);
    const deadline = Date.now() + patienceMs;
    while (Date.now() < deadline && (course.oursAt.size < faults || course.theirsAt.size < faults)) await sleep(100);
  } finally {
    await monitor.stop();
    await prometheus.stop();
    await alertmanager!.stop();
    site.closeAllConnections();
    site.close();
  }
  return figuresOf(course);
}

async function breakAll({ brokeAt }: Course): Promise<void> {
  const startedAt = Date.now();
  const slice = spanMs / faults;
  for (let n = 0; n < faults; n++) {
    const at = startedAt + slice * (n + Math.random());
    await sleep(Math.max(0, at - Date.now()));
    brokeAt.set(n, Date.now());
  }
}

/** The target, its metrics, and both receivers. */
function serve(course: Course, request: IncomingMessage, response: ServerResponse): void {
  const now = Date.now();
  const path = request.url ?? '';
  let body = '';
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on('end', () => {
    if (path === '/ours') readOurs(course, JSON.parse(body) as OurMessage, now);
    if (path === '/theirs') readTheirs(course, JSON.parse(body) as TheirMessage, now);
    const broken = course.brokeAt.has(Number(/^\/part\/(\d+)$/.exec(path)?.[1] ?? -1));
    response.writeHead(broken ? 500 : 200).end(path === '/metrics' ? metrics(course) : 'ok');
  });
}

function metrics({ brokeAt }: Course): string {
  return Array.from({ length: faults }, (_, n) => `part_broken{part="${n}"} ${brokeAt.has(n) ? 1 : 0}\n`).join('');
}

interface OurMessage {
  readonly status: string;
  readonly started_at: number;
  readonly labels: Readonly<Record<string, string>>;
}

function readOurs({ oursAt, seenAt }: Course, { status, labels, started_at }: OurMessage, now: number): void {
  const part = /\/part\/(\d+)/.exec(labels['check'] ?? '')?.[1];
  if (status !== 'firing' || part === undefined || oursAt.has(Number(part))) return;
  oursAt.set(Number(part), now);
  seenAt.set(Number(part), started_at);
}

interface TheirMessage {
  readonly alerts: readonly { readonly status: string; readonly labels: Readonly<Record<string, string>> }[];
}

function readTheirs({ theirsAt }: Course, { alerts }: TheirMessage, now: number): void {
  for (const { status, labels } of alerts) {
    const part = Number(labels['part']);
    if (status === 'firing' && !theirsAt.has(part)) theirsAt.set(part, now);
  }
}

function figuresOf({ brokeAt, oursAt, seenAt, theirsAt }: Course): Record<string, number> {
  const since = (from: ReadonlyMap<number, number>, to: ReadonlyMap<number, number>) =>
    [...to].map(([n, at]) => at - from.get(n)!).sort((a, b) => a - b);
  const ours = since(brokeAt, oursAt);
  const theirs = since(brokeAt, theirsAt);
  const detected = since(seenAt, oursAt);
  return {
    faults,
    fault_messages: ours.length,
    fault_to_delivery_p50_ms: quantile(ours, 0.5),
    fault_to_delivery_p99_ms: quantile(ours, 0.99),
    detection_to_delivery_p50_ms: quantile(detected, 0.5),
    detection_to_delivery_p99_ms: quantile(detected, 0.99),
    alertmanager_messages: theirs.length,
    alertmanager_p50_ms: quantile(theirs, 0.5),
    alertmanager_p99_ms: quantile(theirs, 0.99),
  };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

function configuration(url: string): unknown {
  return {
    monitoring: { health_check_intervals: { api: 5, system: 3600 } },
    alerts: {
      rules: [{ id: 'part_broken', severity: 'critical', for: 0, when: { kind: 'check', match: 'component="api"' } }],
    },
    api_monitoring: {
      base_url: url,
      endpoints: Array.from({ length: faults }, (_, n) => ({ path: `/part/${n}`, expected_status: 200 })),
    },
    notifications: { webhooks: [{ webhook_url: `${url}/ours`, throttle_seconds: 0 }] },
    logging: { level: 'ERROR' },
  };
}

async function startPrometheus(target: string, alertmanagerPort: number) {
  const dir = await scratchDirectory('prometheus');
  const port = await freePort();
  writeFileSync(
    join(dir, 'rules.yml'),
    `groups:
  - name: parts
    rules:
      - alert: PartBroken
        expr: part_broken == 1
        labels: { severity: critical }
`,
  );
  writeFileSync(
    join(dir, 'prometheus.yml'),
    `global: { scrape_interval: 15s, evaluation_interval: 15s }
rule_files: ['rules.yml']
alerting:
  alertmanagers: [{ static_configs: [{ targets: ['127.0.0.1:${alertmanagerPort}'] }] }]
scrape_configs: [{ job_name: parts, static_configs: [{ targets: ['${target}'] }] }]
`,
  );
  return startService({
    name: 'prometheus',
    command: program('prometheus', '/usr/bin/prometheus'),
    args: [
      `--config.file=${join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    dir,
    port,
    url: `http://127.0.0.1:${port}`,
    ready: async () => {
      if (!(await fetch(`http://127.0.0.1:${port}/-/ready`)).ok) throw new Error('not ready');
    },
  });
}
