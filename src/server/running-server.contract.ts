import { request as httpRequest } from 'node:http';
import type { Episode, RulePreview, Silence } from '../model/alert.ts';
import { type RouteName, routes } from '../model/api.ts';
import type { CheckInfo, CheckOutcome, CheckState } from '../model/check.ts';
import type { Clock } from '../model/clock.ts';
import { systemClock } from '../model/clock.ts';
import { createEvents } from '../model/event.ts';
import type { HeartbeatReport, HeartbeatState } from '../model/heartbeat.ts';
import { newId } from '../model/id.ts';
import { silentLog } from '../model/log.ts';
import { compileMatchers } from '../model/matcher.ts';
import type { ChannelState } from '../model/notification.ts';
import type { FallbackState, PoolState } from '../model/pool.ts';
import type { AgentState } from '../model/signal.ts';
import { createMemorySeriesStore } from '../testing/memory-series-store.ts';
import { createMemoryStateStore } from '../testing/memory-state-store.ts';
import { createServer, type ServerOptions } from './index.ts';
import { serverSettings } from './settings.ts';

export const testToken = 'token-of-the-runtime-file';

/** A check as it stands, with everything that a test does not care about filled in. */
export function checkState(
  id: string,
  status: CheckState['status'],
  more: Partial<CheckState> & { info?: Partial<CheckInfo>; seen?: Record<string, unknown> } = {},
): CheckState {
  const { info, seen, ...rest } = more;
  const [component = 'system', name = 'system'] = id.split(/:(.*)/s);
  const now = Date.now();
  const check: CheckInfo = {
    id,
    kind: component === 'database' ? 'postgres' : component === 'api' ? 'http' : 'system',
    component: component as CheckInfo['component'],
    name,
    target: 'here',
    intervalMs: 60_000,
    timeoutMs: 5000,
    explanation: 'Says whether it is well.',
    ...info,
  };
  const outcome: CheckOutcome = {
    status: status === 'stale' ? 'unknown' : status,
    reason: `it is ${status}`,
    seen: { answer: 42, ...seen },
    conditions: [{ condition: 'status is 200', met: true, seen: '200', severity: 'error' }],
    phases: { connect: 1.5 },
  };
  return {
    check,
    status,
    reason: `it is ${status}`,
    last: { ...outcome, check, at: now - 1000, durationMs: 12.5 },
    since: now - 60_000,
    consecutiveFailures: status === 'error' ? 3 : 0,
    running: false,
    nextAt: now + 1000,
    recent: [{ at: now - 1000, status: outcome.status, durationMs: 12.5 }],
    ...rest,
  };
}

/** An alert episode that fires. */
export function firing(more: Partial<Episode> = {}): Episode {
  const now = Date.now();
  return {
    id: newId(),
    fingerprint: 'f1',
    rule: 'cpu',
    alertType: 'high_cpu_usage',
    source: 'system',
    labels: {},
    state: 'firing',
    severity: 'error',
    message: 'High CPU usage: 95.0 %',
    reason: 'above 90 % for 2 minutes',
    value: 95,
    threshold: 90,
    unit: 'percent',
    context: { cpu: 95 },
    startedAt: now - 120_000,
    firedAt: now - 60_000,
    lastSeenAt: now,
    notified: true,
    ...more,
  };
}

/** What a rule would have done: nothing but once. */
function preview(from: number, to: number): RulePreview {
  return {
    rule: { id: 'busy', alertType: 'busy', source: 'series', condition: 'cpu above 0.9 (error)', explanation: '' },
    from,
    to,
    evaluations: 100,
    expectedEvaluations: 200,
    tier: 'raw',
    episodes: [
      {
        labels: { core: '1' },
        severity: 'error',
        startedAt: from + 1000,
        firedAt: from + 2000,
        resolvedAt: from + 3000,
        peak: 0.97,
        message: 'busy',
        reason: '0.97 is above 0.9',
      },
    ],
    passedOver: 1,
    overflow: 0,
    lines: [{ labels: { core: '1' }, at: [from + 1000], values: [0.97] }],
    notes: ['The monitor ran during 50 % of this time; the rest says nothing.'],
  };
}

const exampleHeartbeat: HeartbeatState = {
  check: 'heartbeat:nightly backup',
  key: 'job',
  name: 'nightly backup',
  schedule: '30 2 * * * (Europe/Berlin)',
  phase: 'running',
  reason: 'running since 02:30',
  expectedAt: 1_790_000_000_000,
  deadlineAt: null,
  lastSeenAt: 1_789_000_000_000,
  lastDurationMs: 90_000,
  lastCode: 0,
  message: 'done',
  runs: [{ run: null, at: 1_789_000_000_000 }],
};

export type FakeMonitor = Awaited<ReturnType<typeof startServer>>;

/** Starts the real server on a free port in front of small memory stores and lists that the test fills. */
export async function startServer(more: Partial<Omit<ServerOptions, 'settings'>> & { settings?: unknown } = {}) {
  const { settings, ...others } = more;
  const clock: Clock = others.clock ?? systemClock;
  const state = createMemoryStateStore();
  const series = createMemorySeriesStore();
  const checks: CheckState[] = [];
  const episodes: Episode[] = [];
  const silences: Silence[] = [];
  const agents: AgentState[] = [];
  const channels: ChannelState[] = [];
  const batches: unknown[] = [];
  const reports: HeartbeatReport[] = [];
  const failures: unknown[] = [];
  const events = createEvents((error) => failures.push(error));
  const options: ServerOptions = {
    settings: serverSettings.parse(settings ?? {}),
    port: 0,
    dataDir: '.',
    assetsDir: null,
    token: testToken,
    mode: 'standalone',
    version: '1.2.3',
    startedAt: clock.now() - 3_600_000,
    state,
    series,
    events,
    clock,
    log: { ...silentLog, error: (details) => failures.push(details) },
    checks: {
      all: () => checks,
      one: (id) => checks.find((one) => one.check.id === id),
      runNow: async (id) => checks.find((one) => one.check.id === id)?.last,
    },
    alerts: {
      active: () => episodes,
      silences: () => silences,
      async silence({ matchers, durationMs = 3_600_000, createdBy, comment }) {
        const now = clock.now();
        const silence: Silence = {
          id: newId(),
          matchers,
          createdAt: now,
          startsAt: now,
          endsAt: now + durationMs,
          createdBy,
          comment,
        };
        silences.push(silence);
        return silence;
      },
      async unsilence(id) {
        const index = silences.findIndex((one) => one.id === id);
        if (index >= 0) silences.splice(index, 1);
        return index >= 0;
      },
      async changeSilence(id, { endsAt, comment }) {
        const index = silences.findIndex((one) => one.id === id);
        if (index < 0) return undefined;
        const before = silences[index]!;
        silences[index] = { ...before, endsAt: endsAt ?? before.endsAt, comment: comment ?? before.comment };
        return silences[index];
      },
      matching(matchers) {
        const fits = compileMatchers(matchers);
        return episodes.filter((one) => fits({ ...one.labels, alert_type: one.alertType, source: one.source }));
      },
      async unacknowledge(id) {
        const index = episodes.findIndex((one) => one.id === id);
        if (index < 0) return undefined;
        const { acknowledged: _, ...rest } = episodes[index]!;
        episodes[index] = rest;
        return rest;
      },
      inForce: () => true,
      noise: () => ({ windows: [], flapping: [], waiting: 0 }),
      async acknowledge(id, by, note, forMs) {
        const index = episodes.findIndex((one) => one.id === id);
        if (index < 0) return undefined;
        episodes[index] = {
          ...episodes[index]!,
          acknowledged: { at: clock.now(), by, note, ...(forMs === undefined ? {} : { until: clock.now() + forMs }) },
        };
        return episodes[index];
      },
      raise: async () => firing(),
      resolve: async () => 0,
      rules: () => [
        {
          id: 'cpu',
          alertType: 'high_cpu_usage',
          source: 'system',
          condition: 'CPU above 90 %',
          explanation: 'The machine is busy.',
        },
      ],
      defineRules: async () => [],
      preview: async (_rule, { from, to }) => preview(from, to),
    },
    delivery: {
      channels: () => channels,
      test: async (name) =>
        channels.some((one) => one.name === name) ? { outcome: 'delivered', summary: 'POST -> 200' } : undefined,
    },
    agents: { all: () => agents },
    heartbeats: {
      all: () => [exampleHeartbeat],
      nearestKey: () => exampleHeartbeat.key,
      async report(key, report) {
        if (key !== exampleHeartbeat.key) return undefined;
        reports.push(report);
        return exampleHeartbeat;
      },
    },
    pools: { pools: () => [examplePool], fallbacks: () => [exampleFallback] },
    poolLimits: { waitMs: 1000, holdMs: 30_000 },
    acceptSignals: async (batch) => {
      batches.push(batch);
      return (batch as { version?: number }).version === 1
        ? { ok: true }
        : { ok: false, message: 'version: must be 1' };
    },
    async setErrorState(id, to) {
      const group = await state.get('error_groups', id);
      if (!group) return undefined;
      const changed = { ...group, state: to };
      await state.commit([{ in: 'error_groups', put: changed }]);
      return changed;
    },
    config: () => ({
      file: null,
      warnings: [],
      settings: [
        { path: 'server.host', value: '127.0.0.1', origin: 'default', description: 'Address.', dormant: null },
      ],
    }),
    self: () => ({
      version: '1.2.3',
      pid: process.pid,
      mode: 'standalone',
      started_at: clock.now() - 3_600_000,
      cpu_ratio: 0.01,
      rss_bytes: 6e7,
      event_loop_delay_p99_seconds: 0.002,
      outbox_queued: 0,
      store_size_bytes: 1000,
      dropped: {},
    }),
    ...others,
  };
  const server = createServer(options);
  const { url, prometheusUrl } = await server.start();
  return {
    url,
    prometheusUrl,
    server,
    options,
    state,
    series,
    checks,
    episodes,
    silences,
    agents,
    channels,
    batches,
    reports,
    failures,
    events,
    call: caller(url),
  };
}

/** What a call of the API came to. */
export interface Called {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

function caller(url: string) {
  return async (
    name: RouteName,
    more: { path?: Record<string, string>; query?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Called> => {
    const { method, path } = routes[name];
    const filled = path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(more.path?.[key] ?? ''));
    const answer = await fetch(`${url}/monitoring/api${filled}${more.query ? `?${more.query}` : ''}`, {
      method,
      headers: { ...(more.body !== undefined && { 'content-type': 'application/json' }), ...more.headers },
      ...(more.body !== undefined && { body: typeof more.body === 'string' ? more.body : JSON.stringify(more.body) }),
    });
    const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: answer.status, headers: answer.headers, body: isJson ? await answer.json() : await answer.text() };
  };
}

/** A request with headers that fetch does not let anybody set, e.g. `host`. */
export function rawRequest(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      url,
      { method: options.method ?? 'GET', headers: options.headers ?? {}, agent: false },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      },
    );
    sent.on('error', reject);
    sent.end(options.body);
  });
}

const examplePool: PoolState = {
  name: 'main',
  kind: 'pg',
  service: 'app',
  instance: 'host:1:a',
  snapshot: {
    at: 1_700_000_000_000,
    used: 10,
    idle: 0,
    waiting: 3,
    max: 10,
    longestWaitMs: 2400,
    shortestWaitMs: 2100,
    longestHoldMs: 8200,
    shortestHoldMs: 5100,
    holders: [
      {
        site: 'src/reports.ts:88',
        count: 10,
        longestMs: 8200,
        statement: 'SELECT ?',
        stack: 'report (src/reports.ts:88)',
      },
    ],
  },
  waits: { count: 2, p50: 0.1, p95: 2, p99: 2 },
  errors: 0,
  timeouts: 0,
  exhaustions: 1,
  state: 'live',
};

const exampleFallback: FallbackState = {
  name: 'database',
  service: 'app',
  instance: 'host:1:a',
  current: 'direct',
  state: 'live',
  connections: [
    {
      name: 'pooler',
      breaker: 'open',
      since: 1,
      failures: 3,
      retryAt: 2,
      reason: 'refused',
      served: 0,
      failed: 1,
      servedTotal: 5,
      failedTotal: 3,
    },
    {
      name: 'direct',
      breaker: 'closed',
      since: 1,
      failures: 0,
      retryAt: null,
      reason: '',
      served: 2,
      failed: 0,
      servedTotal: 9,
      failedTotal: 0,
    },
  ],
};
