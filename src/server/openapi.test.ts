import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RouteName, routes } from '../model/api.ts';
import { Sketch } from '../model/sketch.ts';
import { type Called, checkState, type FakeMonitor, firing, startServer } from './running-server.contract.ts';

type Json = Record<string, unknown>;

let monitor: FakeMonitor;
let ajv: Ajv2020;
// biome-ignore lint/suspicious/noExplicitAny: the document is what is looked at
let document: any;

beforeAll(async () => {
  monitor = await startServer({
    settings: { auth: { users: [{ name: 'ann', password: 'correct horse', role: 'operator' }] } },
  });
  await fill(monitor);
  document = (await authorized('openapi')).body;
  ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addSchema({ $id: 'api', components: document.components }, 'api');
});
afterAll(() => monitor.server.stop());

const authorized = (name: RouteName, more: Parameters<FakeMonitor['call']>[1] = {}) =>
  monitor.call(name, { ...more, headers: { authorization: 'Bearer token-of-the-runtime-file', ...more.headers } });

/** How each route is asked so that it answers with something in it. */
const calls: Record<Exclude<RouteName, 'events'>, Parameters<FakeMonitor['call']>[1] & { status?: number }> = {
  status: {},
  health: {},
  overview: {},
  system: {},
  checks: {},
  check: { path: { id: 'database:pooler' } },
  runCheck: { path: { id: 'api:/health' } },
  checkWindows: { path: { id: 'api:/health' } },
  breakers: {},
  heartbeats: {},
  heartbeat: { path: { key: 'job' }, query: 'code=0' },
  heartbeatGet: { path: { key: 'job' }, query: 'run=7&message=done' },
  heartbeatStart: { path: { key: 'job' } },
  heartbeatStartGet: { path: { key: 'job' } },
  heartbeatFail: { path: { key: 'job' }, query: 'code=3' },
  heartbeatFailGet: { path: { key: 'job' } },
  series: { query: 'name=system_cpu_usage_ratio&from=now-1h&aggregate=avg,p99' },
  seriesLatest: {},
  seriesList: {},
  seriesMetrics: {},
  seriesLabels: {},
  seriesLabelValues: { path: { label: 'path' } },
  storeExport: {},
  storeImport: { body: '', headers: { 'content-type': 'application/x-ndjson' } },
  seriesTop: { query: 'name=system_cpu_usage_ratio' },
  operations: {},
  progress: {},
  errors: {},
  error: { path: { id: 'g1' } },
  errorState: { path: { id: 'g1' }, body: { state: 'resolved' } },
  alerts: {},
  alert: { path: { id: 'a1' } },
  noise: {},
  whyNot: { query: 'subject=a1' },
  explanation: { path: { id: 'a1' } },
  acknowledge: { path: { id: 'a1' }, body: { note: 'on it', duration_seconds: 7200 } },
  unacknowledge: { path: { id: 'a1' }, body: { note: 'not me' } },
  rules: {},
  rule: { path: { id: 'cpu' } },
  previewRule: { body: { rule: { id: 'busy' }, from: 'now-1d' } },
  silences: {},
  silence: { body: { alert_type: 'high_cpu_usage' } },
  previewSilence: { body: { matchers: [{ name: 'source', op: '=~', value: 'sys.*' }] } },
  changeSilence: { path: { id: 's1' }, body: { duration_seconds: 7200, comment: 'longer' } },
  unsilence: { path: { id: 's1' } },
  unsilenceType: { body: { alert_type: 'nothing' } },
  channels: {},
  channelAttempts: { path: { name: 'webhooks[0]' } },
  testChannel: { path: { name: 'webhooks[0]' } },
  journal: {},
  agents: {},
  pools: {},
  statements: {},
  slowQueries: {},
  self: {},
  store: {},
  config: {},
  session: {},
  login: { body: { user: 'ann', password: 'correct horse' } },
  logout: {},
  signals: { body: { version: 1 } },
  openapi: {},
};

test('is a valid OpenAPI 3.1 document that names every route', () => {
  expect(document.openapi).toBe('3.1.0');
  const operations = Object.values(document.paths as Record<string, Record<string, { operationId?: string }>>).flatMap(
    (path) => Object.values(path).flatMap((one) => one.operationId ?? []),
  );
  expect(operations.sort()).toEqual(Object.keys(routes).sort());
  for (const id of Object.keys(document.components.schemas)) ajv.compile({ $ref: `api#/components/schemas/${id}` });
  const text = JSON.stringify(document);
  for (const [, id] of text.matchAll(/#\/components\/schemas\/(\w+)/g))
    expect(document.components.schemas).toHaveProperty([id!]);
});

test.each(Object.entries(calls))('%s answers what the document says', async (name, { ...how }) => {
  const route = routes[name as RouteName];
  const answer = await authorized(name as RouteName, how);
  expect(answer.body.error).toBeUndefined();
  matches(name as RouteName, route, answer);
});

test('answers to unknown ids are the Error of the document', async () => {
  const refused = await authorized('check', { path: { id: 'nothing' } });
  expect(refused.status).toBe(404);
  valid({ $ref: '#/components/schemas/Error' }, refused.body);
});

test('the requests of the document are those that are taken', async () => {
  const schema = document.paths['/silences'].post.requestBody.content['application/json'].schema;
  valid(schema, { alert_type: 'high_cpu_usage' });
  expect(
    document.paths['/series'].get.parameters.map(
      (one: { name: string; required: boolean }) => `${one.name}${one.required ? '!' : ''}`,
    ),
  ).toEqual(['name!', 'match', 'from', 'to', 'step', 'aggregate', 'limit', 'tier', 'deadline']);
});

function matches(name: RouteName, route: { method: string; path: string }, answer: Called): void {
  const operation = document.paths[route.path.replace(/:(\w+)/g, '{$1}')][route.method.toLowerCase()];
  const described = operation.responses[String(answer.status)];
  expect(described, `${name} answered ${answer.status}`).toBeDefined();
  const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
  valid(described.content[type].schema, answer.body);
}

function valid(schema: Json, value: unknown): void {
  const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"api#/components')) as Json;
  const check = ajv.compile(absolute);
  check(value);
  expect(check.errors ?? []).toEqual([]);
}

/** Something of everything, so that no list is empty. */
async function fill({ checks, series, state, episodes, silences, agents, channels }: FakeMonitor): Promise<void> {
  const now = Date.now();
  checks.push(
    checkState('database:pooler', 'error', { info: { order: 0 } }),
    checkState('database:direct', 'ok', { info: { order: 1 }, seen: { breaker: 'closed', active: true } }),
    checkState('api:/health', 'warning'),
    checkState('system', 'stale'),
    checkState('application:app', 'unknown'),
  );
  const sketch = new Sketch();
  sketch.record(0.01);
  const labels = { operation: 'query', category: 'database' };
  series.appendSketches([{ name: 'operation_duration_seconds', labels, at: now - 5000, sketch }]);
  series.append([
    { name: 'system_cpu_usage_ratio', labels: {}, at: now - 1000, value: 0.5 },
    { name: 'system_cpu_usage_ratio', labels: { broken: 'yes' }, at: now - 1000, value: Number.NaN },
    { name: 'system_disk_usage_ratio', labels: { path: '/' }, at: now - 1000, value: 0.5 },
    { name: 'process_memory_rss_bytes', labels: { process: 'monitor' }, at: now - 1000, value: 5e7 },
    { name: 'process_memory_rss_bytes', labels: { process: 'app', instance: 'h:1:2' }, at: now - 1000, value: 5e7 },
    { name: 'molecules', labels: { kind: 'sugar' }, at: now - 1000, value: Number.POSITIVE_INFINITY },
    { name: 'check_up', labels: { check: 'database:direct', component: 'database' }, at: now - 1000, value: 1 },
  ]);
  const silence = {
    id: 's1',
    matchers: [{ name: 'source', op: '=' as const, value: 'api' }],
    createdAt: now,
    startsAt: now,
    endsAt: now + 60_000,
    createdBy: 'ann',
    comment: '',
  };
  silences.push(silence);
  const alert = firing({
    id: 'a1',
    labels: { check: 'system' },
    series: { name: 'system_cpu_usage_ratio', labels: {} },
    acknowledged: { at: now, by: 'ann', note: '' },
    silencedBy: 's1',
  });
  episodes.push(alert);
  agents.push({
    source: {
      instance: 'h:1:2',
      service: 'app',
      host: 'h',
      pid: 1,
      release: '1',
      startedAt: now,
      runtime: 'node',
      framework: 'express',
    },
    firstSeenAt: now,
    lastSeenAt: now,
    state: 'live',
    silentMs: 0,
    dropped: { errors: 1 },
    vitals: {
      cpuRatio: 0.1,
      rssBytes: 1,
      heapUsedBytes: 1,
      heapTotalBytes: 2,
      eventLoopUtilization: 0.1,
      eventLoopDelay: { p50: 0, p99: 0, max: 0 },
      gcSeconds: 0,
      activeHandles: 1,
      uptimeSeconds: 1,
    },
  });
  channels.push({
    name: 'webhooks[0]',
    kind: 'webhook',
    target: 'https://hooks.example',
    minSeverity: 'warning',
    health: 'ok',
    queued: 0,
    deliveredCount: 1,
    deadCount: 0,
    breaker: 'closed',
    lastDeliveredAt: now,
  });
  const event = {
    id: 'e1',
    at: now,
    instance: 'h:1:2',
    type: 'import_error',
    message: 'no',
    stack: 'Error: no',
    handled: true,
    causes: [{ type: 'Error', message: 'why', stack: '' }],
    context: { a: 1 },
    count: 1,
    correlationId: 'c',
  };
  await state.commit([
    { in: 'episodes', put: firing({ id: 'a0', state: 'resolved', resolvedAt: now - 1000, labels: {} }) },
    {
      in: 'transitions',
      put: { id: 't1', episodeId: 'a1', at: now, kind: 'firing', severity: 'error', reason: 'because', value: 95 },
    },
    {
      in: 'outbox',
      put: {
        id: 'o1',
        episodeId: 'a1',
        transitionId: 't1',
        channel: 'webhooks[0]',
        event: 'firing',
        state: 'delivered',
        createdAt: now,
        dueAt: now,
        attempts: 1,
        deliveredAt: now,
        facts: {
          alertId: 'a1',
          alertType: 'high_cpu_usage',
          source: 'system',
          severity: 'error',
          message: '',
          reason: '',
          status: 'firing',
          startedAt: now,
          labels: {},
          context: {},
        },
      },
    },
    {
      in: 'attempts',
      put: {
        id: 'x1',
        outboxId: 'o1',
        episodeId: 'a1',
        channel: 'webhooks[0]',
        at: now,
        durationMs: 5,
        outcome: 'delivered',
        summary: 'POST -> 200',
      },
    },
    {
      in: 'journal',
      put: {
        id: 'j1',
        at: alert.startedAt - 1000,
        kind: 'deploy',
        text: 'Release 2',
        severity: 'info',
        about: { release: '2' },
      },
    },
    {
      in: 'error_groups',
      put: {
        id: 'g1',
        type: 'import_error',
        title: 'no',
        culprit: 'x',
        state: 'open',
        firstSeenAt: now,
        lastSeenAt: now,
        count: 2,
        release: '1',
        groupedBy: 'stack',
      },
    },
    { in: 'error_occurrences', put: { id: 'e1', groupId: 'g1', at: now, event } },
    {
      in: 'progress_runs',
      put: {
        id: 'p1',
        name: 'import',
        instance: 'h:1:2',
        state: 'running',
        totalItems: 100,
        processedItems: 62,
        successfulItems: 60,
        failedItems: 2,
        skippedItems: 0,
        restoredItems: 20,
        message: '',
        startedAt: now - 60_000,
        updatedAt: now,
        batches: 2,
        recentBatches: [{ at: now, items: 21, durationMs: 2000 }],
        checkpointFile: 'cp.json',
        checkpointAt: now,
      },
    },
  ]);
}
