import type {
  AgentView,
  AlertDetailView,
  AlertView,
  ChannelView,
  CheckView,
  ConfigView,
  DeliveryView,
  ErrorDetailView,
  JournalView,
  OperationView,
  OverviewView,
  ProgressView,
  RulePreviewView,
  RuleView,
  SelfView,
  SilenceView,
  StoreView,
  SystemView,
} from '../../src/model/api.ts';
import { inventory, noise, value } from './numbers.ts';

/** One evening at CryoProtect: the pooler cannot be resolved, the chemistry service is slow, an import has stalled. */
export type Scenario = 'normal' | 'fine' | 'empty' | 'many';

const minute = 60_000;
const hour = 60 * minute;

export interface Story {
  readonly now: () => number;
  readonly series: ReturnType<typeof inventory>;
  checks: CheckView[];
  alerts: AlertDetailView[];
  silences: SilenceView[];
  journal: JournalView[];
  errors: ErrorDetailView[];
  progress: () => ProgressView[];
  operations: () => OperationView[];
  agents: () => AgentView[];
  channels: ChannelView[];
  rules: RuleView[];
  config: ConfigView;
  store: StoreView;
  self: () => SelfView;
  overview: () => OverviewView;
  system: () => SystemView;
}

interface CheckSeed {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly target: string;
  readonly bad?: {
    readonly since: number;
    readonly status: 'warning' | 'error';
    readonly reason: string;
    readonly seen: string;
    readonly condition: string;
  };
  readonly phases: readonly (readonly [string, number])[];
  readonly order?: number;
  readonly active?: boolean;
  readonly seen?: Record<string, unknown>;
  readonly interval?: number;
}

const webPhases = [
  ['dns', 0.08],
  ['connect', 0.1],
  ['tls', 0.17],
  ['first byte', 0.55],
  ['body', 0.1],
] as const;
/** An import that holds a row, and two that wait for it. */
function blockingOf() {
  const session = (pid: number, who: string, seconds: number, statement: string) => ({ pid, who, seconds, statement });
  return [
    {
      ...session(4711, 'importer (pubchem)', 94, 'UPDATE molecules SET name = ? WHERE id = ?'),
      state: 'idle in transaction',
      transaction_seconds: 131,
      blocked_by: [],
    },
    {
      ...session(4718, 'app (api)', 61, 'UPDATE molecules SET score = ? WHERE id = ?'),
      state: 'active',
      wait: 'Lock: transactionid',
      transaction_seconds: 61,
      blocked_by: [4711],
    },
    {
      ...session(4733, 'app (api)', 12, 'DELETE FROM molecules WHERE id = ?'),
      state: 'active',
      wait: 'Lock: tuple',
      transaction_seconds: 12,
      blocked_by: [4718],
    },
  ];
}

const base = 'https://api.cryoprotect.example';
const seeds: readonly CheckSeed[] = [
  {
    id: 'database:pooler',
    kind: 'postgres',
    name: 'pooler',
    target: 'aws-0-eu-central-1.pooler.supabase.example:6543/postgres',
    order: 0,
    phases: [],
    seen: {
      failure: 'network',
      code: 'ENOTFOUND',
      breaker: 'open',
      own_cost: { statements: 412, connections: 38, seconds: 1.9, since_at: Date.now() - 4 * 3_600_000 },
      evidence: {
        at: Date.now() - 42 * minute,
        status: 'error',
        reason: 'the name aws-0-eu-central-1.pooler.supabase.example cannot be resolved (ENOTFOUND)',
        before: { at: Date.now() - 43 * minute, figures: { connections_used: 24 }, activity: blockingOf().slice(0, 1) },
      },
    },
    bad: {
      since: 42,
      status: 'error',
      reason: 'the name aws-0-eu-central-1.pooler.supabase.example cannot be resolved (ENOTFOUND)',
      seen: 'ENOTFOUND after 12 ms',
      condition: 'a connection can be opened',
    },
  },
  {
    id: 'database:direct',
    kind: 'postgres',
    name: 'direct',
    target: 'db.cryoprotect.supabase.example:5432/postgres',
    order: 1,
    active: true,
    phases: [
      ['event loop', 0.01],
      ['wait for connection', 0.04],
      ['network', 0.83],
      ['server', 0.12],
    ],
    seen: {
      server: 'PostgreSQL 15.8',
      connection: 'kept',
      role: 'primary',
      connections_used: 31,
      connections_max: 60,
      sessions_blocked: 2,
      cache_hit_ratio: 0.994,
      blocking: blockingOf(),
      activity: blockingOf().slice(0, 2),
      statements: {
        window_seconds: 30,
        list: [
          { statement: 'SELECT * FROM molecules WHERE inchikey = ?', calls: 1240, total_ms: 1860, mean_ms: 1.5 },
          {
            statement: 'INSERT INTO molecular_properties (molecule_id, type_id, value) VALUES (?)',
            calls: 90,
            total_ms: 720,
            mean_ms: 8,
          },
        ],
      },
    },
  },
  {
    id: 'database:ip',
    kind: 'postgres',
    name: 'ip',
    target: '198.51.100.24:5432/postgres',
    order: 2,
    phases: [
      ['event loop', 0.01],
      ['wait for connection', 0.03],
      ['network', 0.85],
      ['server', 0.11],
    ],
    seen: { server_version: '15.8', recovery: false },
  },
  {
    id: 'api:/health',
    kind: 'http',
    name: '/health',
    target: `${base}/health`,
    phases: webPhases,
    seen: { status: 207, services: { database: 'degraded', redis: 'ok', disk: 'ok' } },
    bad: {
      since: 41,
      status: 'warning',
      reason: 'answered 207: database is degraded',
      seen: '207',
      condition: 'status is 200',
    },
  },
  {
    id: 'api:/api/v1/molecules',
    kind: 'http',
    name: '/api/v1/molecules',
    target: `${base}/api/v1/molecules?limit=20`,
    phases: webPhases,
    seen: { status: 200, bytes: 18_234, certificate_days: 61 },
  },
  {
    id: 'api:/api/v1/mixtures',
    kind: 'http',
    name: '/api/v1/mixtures',
    target: `${base}/api/v1/mixtures`,
    phases: webPhases,
    seen: { status: 200, bytes: 6120, certificate_days: 61 },
  },
  {
    id: 'api:/rdkit/properties',
    kind: 'http',
    name: 'RDKit properties',
    target: 'https://rdkit.cryoprotect.example/calculate',
    phases: [
      ['dns', 0.01],
      ['connect', 0.02],
      ['tls', 0.03],
      ['first byte', 0.92],
      ['body', 0.02],
    ],
    seen: { status: 200, certificate_days: 9 },
    bad: {
      since: 26,
      status: 'warning',
      reason: 'took 1.48 s, warning above 1 s',
      seen: '1480 ms',
      condition: 'answers within 1000 ms',
    },
  },
  {
    id: 'api:/api/v1/health/connectivity',
    kind: 'http',
    name: '/api/v1/health/connectivity',
    target: `${base}/api/v1/health/connectivity`,
    phases: webPhases,
    seen: { status: 200, certificate_days: 61 },
  },
  {
    id: 'api:/health/backup',
    kind: 'http',
    name: '/health/backup',
    target: `${base}/health/backup`,
    phases: webPhases,
    seen: { status: 200, last_backup_hours: 26.3 },
    bad: {
      since: 78,
      status: 'warning',
      reason: 'the last backup is 26 h old (limit 25 h)',
      seen: '26.3',
      condition: 'body.last_backup_hours < 25',
    },
    interval: 300,
  },
  {
    id: 'system',
    kind: 'system',
    name: 'lab-01',
    target: 'this machine',
    phases: [],
    bad: {
      since: 22,
      status: 'warning',
      reason: 'memory 82 %, warning above 80 %',
      seen: '82 %',
      condition: 'memory below 80 %',
    },
    seen: { cpu: 0.41, memory: 0.82, disk: 0.58 },
  },
  {
    id: 'app:lab-01',
    kind: 'event-loop',
    name: 'molecules-api',
    target: 'lab-01, pid 4182',
    phases: [],
    seen: { delay_p99_ms: 18 },
  },
];

function checkOf(seed: CheckSeed, now: number, fine: boolean): CheckView {
  const bad = fine ? undefined : seed.bad;
  const interval = seed.interval ?? 30;
  const component = seed.id.startsWith('database')
    ? 'database'
    : seed.id.startsWith('api')
      ? 'api'
      : seed.id.startsWith('app')
        ? 'application'
        : 'system';
  const labels = { check: seed.id, component };
  const took = (at: number) => Math.round((value('check_duration_seconds', labels, at, now) ?? 0.012) * 10_000) / 10;
  const recent = Array.from({ length: 90 }, (_, index) => {
    const at = now - (90 - index) * interval * 1000 + 9000;
    const failing = bad && now - at < bad.since * minute;
    const blip = !failing && noise(`${seed.id}blip`, at) > 0.86;
    return {
      at,
      status: failing ? bad.status : blip ? ('warning' as const) : ('ok' as const),
      duration_ms: took(at),
      inconclusive: false,
    };
  });
  const last = recent.at(-1)!;
  const error = bad?.status === 'error';
  return {
    id: seed.id,
    kind: seed.kind,
    component,
    name: seed.name,
    target: seed.target,
    status: bad?.status ?? 'ok',
    reason:
      bad?.reason ??
      (component === 'api'
        ? `answered 200 in ${last.duration_ms.toFixed(0)} ms`
        : `answered in ${last.duration_ms.toFixed(0)} ms`),
    explanation:
      component === 'database'
        ? 'Opens or keeps one connection and asks SELECT 1; the time is what your application would wait.'
        : 'Asks once and looks at status, time and content.',
    since_at: now - (bad ? bad.since : 3 * 60 + 7) * minute,
    last_at: last.at,
    duration_ms: last.duration_ms,
    next_at: last.at + interval * 1000,
    interval_seconds: interval,
    timeout_seconds: 10,
    consecutive_failures: error ? 84 : 0,
    order: seed.order ?? null,
    chain: seed.order === undefined ? null : 'postgres',
    active: fine ? seed.order === 0 : (seed.active ?? false),
    running: false,
    seen: seed.seen ?? {},
    conditions: bad
      ? [
          { condition: bad.condition, met: false, seen: bad.seen, severity: bad.status },
          ...(component === 'api'
            ? [
                {
                  condition: 'answers within 5000 ms',
                  met: true,
                  seen: `${last.duration_ms.toFixed(0)} ms`,
                  severity: 'error' as const,
                },
              ]
            : []),
        ]
      : component === 'api'
        ? [
            { condition: 'status is 200', met: true, seen: '200', severity: 'error' },
            {
              condition: 'answers within 1000 ms',
              met: true,
              seen: `${last.duration_ms.toFixed(0)} ms`,
              severity: 'warning',
            },
          ]
        : [{ condition: 'SELECT 1 answers', met: true, seen: '1', severity: 'error' }],
    phases: seed.phases.map(([name, share]) => ({ name, ms: Math.round(share * last.duration_ms * 10) / 10 })),
    recent: recent.map((run) => ({ ...run, excuse: null })),
    parents: [],
    tags: [],
    because_of: null,
    maintenance: null,
    uptime: [
      { window: '24h', ratio: error ? 0.9708 : 0.99982, coverage_ratio: 0.995 },
      { window: '7d', ratio: error ? 0.9958 : 0.99994, coverage_ratio: 0.992 },
      { window: '30d', ratio: error ? 0.9989 : 1, coverage_ratio: 0.41 },
    ],
  };
}

function alertOf(
  now: number,
  fields: Partial<AlertView> &
    Pick<AlertView, 'id' | 'alert_type' | 'source' | 'severity' | 'state' | 'message' | 'reason'>,
  since: number,
): AlertDetailView {
  const started = now - since * minute;
  return {
    annotations: {},
    runbook: null,
    fingerprint: `${fields.alert_type}|${fields.id}`,
    rule: fields.alert_type,
    labels: {},
    value: null,
    threshold: null,
    unit: null,
    series: null,
    context: {},
    started_at: started,
    fired_at: fields.state === 'pending' ? null : started + 90_000,
    resolved_at: null,
    last_seen_at: now - 9000,
    silenced_by: null,
    acknowledged: null,
    holds: [],
    flapping_since_at: null,
    escalation: null,
    notified: fields.state !== 'pending',
    timestamp: started / 1000,
    formatted_time: new Date(started).toISOString(),
    transitions: [],
    deliveries: [],
    changes: [],
    rule_info: null,
    ...fields,
  };
}

function delivery(now: number, channel: string, since: number, problems: readonly string[] = []): DeliveryView {
  const created = now - since * minute;
  const log = problems.map((summary, index) => ({
    at: created + 800 + index * 31_000,
    outcome: 'retry',
    duration_ms: 5003,
    summary,
  }));
  const delivered = created + 900 + problems.length * 31_000;
  return {
    channel,
    event: 'firing',
    state: 'delivered',
    attempts: problems.length + 1,
    created_at: created,
    delivered_at: delivered,
    last_error: problems.at(-1) ?? null,
    log: [
      ...log,
      {
        at: delivered,
        outcome: 'delivered',
        duration_ms: 143,
        summary: channel === 'log' ? 'written to the log' : 'POST https://hooks.cryoprotect.example/… → 200',
      },
    ],
  };
}

function alertsOf(now: number): AlertDetailView[] {
  const pooler = alertOf(
    now,
    {
      id: '01kaz4pooler',
      alert_type: 'database_connection_failure',
      source: 'database',
      severity: 'critical',
      state: 'firing',
      message: 'Database pooler cannot be reached: the name cannot be resolved',
      reason: '84 failures in a row (limit 3)',
      labels: { check: 'database:pooler' },
      value: 84,
      threshold: 3,
      unit: 'failures',
      series: { name: 'check_up', labels: { check: 'database:pooler' } },
      context: { error: 'ENOTFOUND', fallback: 'direct' },
    },
    42,
  );
  const rdkit = alertOf(
    now,
    {
      id: '01kaz5rdkit',
      alert_type: 'slow_api_response',
      source: 'api',
      severity: 'warning',
      state: 'firing',
      message: 'RDKit properties answers slowly: 1.48 s',
      reason: 'above 1 s for 3 results in a row',
      labels: { check: 'api:/rdkit/properties' },
      value: 1.48,
      threshold: 1,
      unit: 'seconds',
      series: { name: 'check_duration_seconds', labels: { check: 'api:/rdkit/properties' } },
      acknowledged: {
        at: now - 14 * minute,
        by: 'mira',
        note: 'fly.io says it is moving machines',
        until_at: now + 106 * minute,
      },
    },
    26,
  );
  const memory = alertOf(
    now,
    {
      id: '01kaz6memory',
      alert_type: 'high_memory_usage',
      source: 'system',
      severity: 'warning',
      state: 'firing',
      message: 'Memory is at 82 % (warning above 80 %)',
      reason: 'above 80 % for 3 results in a row',
      value: 0.82,
      threshold: 0.8,
      unit: 'ratio',
      series: { name: 'system_memory_usage_ratio', labels: {} },
    },
    22,
  );
  const job = alertOf(
    now,
    {
      id: '01kaz7job',
      alert_type: 'job_stalled',
      source: 'progress',
      severity: 'error',
      state: 'firing',
      message: 'ChEMBL import has stalled at 62 %',
      reason: 'no progress for 11 m (its batches take 40 s)',
      labels: { job: 'chembl_import' },
    },
    11,
  );
  const backup = alertOf(
    now,
    {
      id: '01kaz3backup',
      alert_type: 'api_health_degraded',
      source: 'api',
      severity: 'warning',
      state: 'firing',
      message: 'Endpoint /health/backup: the last backup is 26 h old (limit 25 h)',
      reason: '3 results in a row',
      labels: { check: 'api:/health/backup' },
      silenced_by: '01kazsilence',
      notified: false,
    },
    78,
  );
  const cpu = alertOf(
    now,
    {
      id: '01kaz8cpu',
      alert_type: 'high_cpu_usage',
      source: 'system',
      severity: 'warning',
      state: 'pending',
      message: 'CPU is at 83 % (warning above 80 %)',
      reason: '1 of 3 results',
      value: 0.83,
      threshold: 0.8,
      unit: 'ratio',
      series: { name: 'system_cpu_usage_ratio', labels: {} },
    },
    1,
  );
  const past = [
    alertOf(
      now,
      {
        id: '01kay1loop',
        alert_type: 'event_loop_blocked',
        source: 'application',
        severity: 'error',
        state: 'resolved',
        message: 'The event loop of molecules-api was blocked for 4.1 s',
        reason: 'it answers again',
        resolved_at: now - 51 * minute,
      },
      55,
    ),
    alertOf(
      now,
      {
        id: '01kay2disk',
        alert_type: 'high_disk_usage',
        source: 'system',
        severity: 'warning',
        state: 'resolved',
        message: 'Disk / was at 81 % (warning above 80 %)',
        reason: 'below 76 % for 3 results',
        resolved_at: now - 5 * hour,
      },
      540,
    ),
    alertOf(
      now,
      {
        id: '01kay3direct',
        alert_type: 'database_connection_failure',
        source: 'database',
        severity: 'critical',
        state: 'resolved',
        message: 'Database direct could not be reached: connect timeout',
        reason: '2 good results in a row',
        resolved_at: now - 17 * hour,
      },
      1042,
    ),
  ];
  const withHistory = (alert: AlertDetailView): AlertDetailView => ({
    ...alert,
    transitions: [
      {
        at: alert.started_at,
        kind: 'pending',
        severity: alert.severity,
        reason: 'first bad result',
        value: alert.value,
        by: null,
      },
      ...(alert.fired_at
        ? [
            {
              at: alert.fired_at,
              kind: 'firing',
              severity: alert.severity,
              reason: alert.reason,
              value: alert.value,
              by: null,
            },
          ]
        : []),
      ...(alert.acknowledged
        ? [
            {
              at: alert.acknowledged.at,
              kind: 'acknowledged',
              severity: alert.severity,
              reason: alert.acknowledged.note,
              value: null,
              by: alert.acknowledged.by,
            },
          ]
        : []),
      ...(alert.silenced_by
        ? [
            {
              at: now - 70 * minute,
              kind: 'silenced',
              severity: alert.severity,
              reason: 'backup host is being moved',
              value: null,
              by: 'mira',
            },
          ]
        : []),
      ...(alert.resolved_at
        ? [
            {
              at: alert.resolved_at,
              kind: 'resolved',
              severity: alert.severity,
              reason: alert.reason,
              value: null,
              by: null,
            },
          ]
        : []),
    ],
    deliveries: alert.notified
      ? [
          delivery(
            now,
            'webhooks[0]',
            (now - (alert.fired_at ?? now)) / minute,
            alert === pooler ? ['POST https://hooks.cryoprotect.example/… → 503'] : [],
          ),
          delivery(now, 'log', (now - (alert.fired_at ?? now)) / minute),
        ]
      : [],
    rule_info: rules.find((rule) => rule.alert_type === alert.alert_type) ?? null,
  });
  return [pooler, job, rdkit, memory, backup, cpu, ...past].map(withHistory);
}

/** What the story says of a built-in rule; the rest is how rules stand that have nothing to say. */
const builtIn = (rule: Pick<RuleView, 'id' | 'alert_type' | 'source' | 'condition' | 'explanation'>): RuleView => ({
  ...rule,
  origin: 'built-in',
  every_seconds: null,
  runbook: null,
  health: 'ok',
  firing: 0,
  pending: 0,
  last_evaluated_at: null,
  last_error: null,
  groups: null,
  overflow: 0,
});

const rules: RuleView[] = [
  builtIn({
    id: 'database_connection_failure',
    alert_type: 'database_connection_failure',
    source: 'database',
    condition: '3 failures in a row; resolved after 2 good results',
    explanation: 'A connection of the fallback chain cannot be opened or does not answer.',
  }),
  builtIn({
    id: 'api_health_degraded',
    alert_type: 'api_health_degraded',
    source: 'api',
    condition: '3 results in a row that are not as expected',
    explanation: 'An endpoint answers with the wrong status or content, or not at all.',
  }),
  builtIn({
    id: 'slow_api_response',
    alert_type: 'slow_api_response',
    source: 'api',
    condition: 'above 1 s (error above 5 s) for 3 results',
    explanation: 'An endpoint answers right but late.',
  }),
  builtIn({
    id: 'high_cpu_usage',
    alert_type: 'high_cpu_usage',
    source: 'system',
    condition: 'CPU above 80 % (error above 95 %) for 3 results',
    explanation: 'The machine has little left to compute with.',
  }),
  builtIn({
    id: 'high_memory_usage',
    alert_type: 'high_memory_usage',
    source: 'system',
    condition: 'memory above 80 % (error above 95 %) for 3 results',
    explanation: 'Memory that programs cannot have any more; cache does not count.',
  }),
  builtIn({
    id: 'high_disk_usage',
    alert_type: 'high_disk_usage',
    source: 'system',
    condition: 'a disk above 80 % (error above 95 %) for 3 results',
    explanation: 'Room on the disks that are watched.',
  }),
  builtIn({
    id: 'event_loop_blocked',
    alert_type: 'event_loop_blocked',
    source: 'application',
    condition: 'no answer from the event loop for 2 s',
    explanation: 'The application computes without pause: no request is answered meanwhile.',
  }),
  builtIn({
    id: 'job_stalled',
    alert_type: 'job_stalled',
    source: 'progress',
    condition: 'no progress for 5 times the usual batch',
    explanation: 'A job neither goes on nor ends.',
  }),
  {
    ...builtIn({
      id: 'molecules_slow',
      alert_type: 'molecules_slow',
      source: 'series',
      condition: 'p95 of operation_duration_seconds over 5 m above 0.5 seconds (warning), above 2 seconds (error)',
      explanation: 'People wait for lists of molecules.',
    }),
    origin: 'configuration',
    every_seconds: 60,
    runbook: 'https://runbooks.cryoprotect.example/molecules-slow',
    health: 'pending',
    pending: 1,
    last_evaluated_at: Date.now() - 20_000,
    groups: 2,
  },
  {
    ...builtIn({
      id: 'queue_long',
      alert_type: 'queue_long',
      source: 'series',
      condition: 'rule_value above 100 (error), for 5 m',
      explanation: '',
    }),
    origin: 'code',
    every_seconds: 15,
    health: 'no-data',
    last_evaluated_at: Date.now() - 5000,
    groups: 1,
  },
];

function journalOf(now: number, alerts: readonly AlertDetailView[]): JournalView[] {
  const entry = (
    id: string,
    minutes: number,
    kind: string,
    text: string,
    severity: JournalView['severity'] = 'info',
    about: Record<string, string> = {},
  ): JournalView => ({ id, at: now - minutes * minute, kind, text, severity, about });
  return [
    entry('j01', 9, 'configuration', 'Configuration was loaded again: api_monitoring.interval 60 → 30'),
    entry('j02', 11, 'job', 'ChEMBL import has stalled at 62 %', 'error', { run: 'run-1' }),
    ...alerts
      .filter(({ state }) => state === 'firing')
      .map((alert) =>
        entry(
          `ja${alert.id}`,
          (now - (alert.fired_at ?? now)) / minute,
          'alert',
          alert.message,
          alert.severity === 'warning' ? 'warning' : 'error',
          { episode: alert.id },
        ),
      ),
    entry('j03', 38, 'deploy', 'molecules-api 2.4.0 → 2.4.1'),
    entry('j04', 38.3, 'app-started', 'molecules-api started on lab-01 (pid 4182)'),
    entry('j05', 39, 'app-stopped', 'molecules-api stopped on lab-01 (pid 3977)'),
    entry('j06', 55, 'alert', 'The event loop of molecules-api is blocked', 'error', { episode: '01kay1loop' }),
    entry('j07', 70, 'silence', 'mira silenced api_health_degraded for 4 h: backup host is being moved'),
    entry('j08', 187, 'monitor-started', 'Monitor started (version 0.1.0)'),
    entry('j09', 194, 'monitor-stopped', 'Monitor stopped by a signal (SIGTERM)', 'warning'),
    entry('j10', 700, 'deploy', 'molecules-api 2.3.9 → 2.4.0'),
    entry('j11', 1042, 'alert', 'Database direct cannot be reached: connect timeout', 'error', {
      episode: '01kay3direct',
    }),
  ].sort((a, b) => b.at - a.at);
}

function errorsOf(now: number): ErrorDetailView[] {
  const stack = (message: string, frames: readonly string[]) =>
    `${message}\n${frames.map((frame) => `    at ${frame}`).join('\n')}`;
  const make = (
    id: string,
    type: string,
    title: string,
    culprit: string,
    state: ErrorDetailView['state'],
    count: number,
    first: number,
    last: number,
    frames: readonly string[],
    causes: ErrorDetailView['occurrences'][number]['causes'] = [],
  ): ErrorDetailView => ({
    id,
    type,
    title,
    culprit,
    state,
    count,
    first_seen_at: now - first * minute,
    last_seen_at: now - last * minute,
    release: '2.4.1',
    grouped_by: 'type and the first own frame of the stack',
    occurrences: Array.from({ length: Math.min(count, 4) }, (_, index) => ({
      id: `${id}-${index}`,
      at: now - (last + index * 3.4) * minute,
      instance: 'lab-01:4182:1763880000',
      type,
      message: title
        .replace('<n>', String(700 + index * 13))
        .replace('<host>', 'aws-0-eu-central-1.pooler.supabase.example'),
      stack: stack(`${type}: ${title}`, frames),
      handled: index % 2 === 0,
      causes,
      correlation_id: `c-${id}${index}7f3a`,
      request_id: `r-9b${index}e41`,
      trace_id: null,
      context: {
        operation: 'GET /api/v1/molecules/:id',
        user_role: 'curator',
        molecule_id: 700 + index * 13,
        attempt: index + 1,
      },
    })),
  });
  return [
    make(
      'e1a',
      'DatabaseError',
      'getaddrinfo ENOTFOUND <host>',
      'connect (src/database/pooler.ts:61)',
      'open',
      1284,
      42,
      0.2,
      [
        'connect (src/database/pooler.ts:61:19)',
        'Pool.acquire (src/database/pool.ts:118:24)',
        'listMolecules (src/routes/molecules.ts:34:22)',
        'Layer.handle (node_modules/router/lib/layer.js:152:17)',
        'next (node_modules/router/lib/route.js:157:13)',
        'process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
      ],
      [
        {
          type: 'Error',
          message: 'getaddrinfo ENOTFOUND aws-0-eu-central-1.pooler.supabase.example',
          stack:
            'Error: getaddrinfo ENOTFOUND\n    at GetAddrInfoReqWrap.onlookupall [as oncomplete] (node:dns:122:26)',
        },
      ],
    ),
    make(
      'e2b',
      'TimeoutError',
      'RDKit did not answer within <n> ms',
      'calculate (src/services/rdkit.ts:88)',
      'open',
      96,
      26,
      1.4,
      [
        'calculate (src/services/rdkit.ts:88:11)',
        'calculateProperties (src/routes/rdkit.ts:21:20)',
        'Layer.handle (node_modules/router/lib/layer.js:152:17)',
      ],
    ),
    make(
      'e3c',
      'ImportError',
      'ChEMBL answered <n> molecules without structure',
      'importBatch (src/jobs/chembl-import.ts:142)',
      'regressed',
      17,
      8640,
      12,
      ['importBatch (src/jobs/chembl-import.ts:142:13)', 'run (src/jobs/chembl-import.ts:61:7)'],
    ),
    make(
      'e4d',
      'ValidationError',
      'mixture <n>: the parts do not add up to 100 %',
      'validateMixture (src/mixtures/validate.ts:27)',
      'ignored',
      412,
      40_320,
      33,
      ['validateMixture (src/mixtures/validate.ts:27:9)'],
    ),
    make(
      'e5e',
      'TypeError',
      "Cannot read properties of undefined (reading 'smiles')",
      'toRow (src/molecules/row.ts:15)',
      'resolved',
      38,
      4300,
      730,
      [
        'toRow (src/molecules/row.ts:15:31)',
        'Array.map (<anonymous>)',
        'listMolecules (src/routes/molecules.ts:41:28)',
      ],
    ),
  ];
}

function progressOf(now: number): ProgressView[] {
  const make = (
    fields: Partial<ProgressView> & Pick<ProgressView, 'id' | 'name' | 'state' | 'total_items' | 'processed_items'>,
  ): ProgressView => ({
    instance: 'lab-01:4182:1763880000',
    message: '',
    successful_items: fields.processed_items,
    failed_items: 0,
    skipped_items: 0,
    restored_items: 0,
    ratio: fields.total_items ? fields.processed_items / fields.total_items : null,
    elapsed_seconds: 2280,
    items_per_second: 2.1,
    remaining_seconds: null,
    completes_at: null,
    started_at: now - 38 * minute,
    updated_at: now - 6000,
    ended_at: null,
    batches: 31,
    average_batch_seconds: 38.4,
    average_batch_items: 100,
    checkpoint_file: null,
    checkpoint_at: null,
    ...fields,
  });
  const done = 3140 + Math.floor((now / 1000) % 600);
  return [
    make({
      id: 'run-1',
      name: 'ChEMBL import',
      state: 'stalled',
      total_items: 5000,
      processed_items: 3100,
      successful_items: 2871,
      failed_items: 47,
      skipped_items: 182,
      restored_items: 1200,
      message: 'waiting for ChEMBL: 429 Too Many Requests',
      updated_at: now - 11 * minute,
      checkpoint_file: 'checkpoints/chembl.json',
      checkpoint_at: now - 11 * minute,
      items_per_second: 1.4,
    }),
    make({
      id: 'run-2',
      name: 'PubChem import',
      state: 'running',
      total_items: 5000,
      processed_items: done,
      successful_items: done - 31,
      failed_items: 9,
      skipped_items: 22,
      message: `chunk ${Math.floor(done / 100)} of 50`,
      items_per_second: 4.3,
      remaining_seconds: { low: 320, likely: 410, high: 560 },
      completes_at: now + 410_000,
      checkpoint_file: 'checkpoints/pubchem.json',
      checkpoint_at: now - 24_000,
      average_batch_seconds: 23.1,
    }),
    make({
      id: 'run-3',
      name: 'Toxicity (Tox21)',
      state: 'paused',
      total_items: 733,
      processed_items: 210,
      message: 'paused by mira',
      items_per_second: null,
      updated_at: now - 31 * minute,
    }),
    make({
      id: 'run-4',
      name: 'Name clean-up',
      state: 'running',
      total_items: 0,
      processed_items: 1290,
      ratio: null,
      message: 'total is not known',
      items_per_second: 11.8,
    }),
    make({
      id: 'run-0',
      name: 'PubChem import',
      state: 'done',
      total_items: 5000,
      processed_items: 5000,
      successful_items: 4961,
      failed_items: 18,
      skipped_items: 21,
      items_per_second: 5.2,
      elapsed_seconds: 962,
      started_at: now - 25 * hour,
      updated_at: now - 24.7 * hour,
      ended_at: now - 24.7 * hour,
    }),
    make({
      id: 'run-9',
      name: 'ChEMBL import',
      state: 'failed',
      total_items: 5000,
      processed_items: 1200,
      successful_items: 1171,
      failed_items: 29,
      message: 'current transaction is aborted',
      elapsed_seconds: 850,
      started_at: now - 3.4 * hour,
      updated_at: now - 3.1 * hour,
      ended_at: now - 3.1 * hour,
    }),
  ];
}

const traffic = [
  ['GET /api/v1/molecules/:id', 'api', 3780, 85, 0.002],
  ['GET /api/v1/molecules', 'api', 1250, 120, 0.001],
  ['GET /api/v1/properties/data', 'api', 950, 230, 0.015],
  ['GET /api/v1/mixtures', 'api', 420, 180, 0.003],
  ['POST /rdkit/properties', 'api', 190, 1420, 0.081],
  ['POST /api/v1/properties/correlation', 'api', 180, 350, 0.021],
  ['POST /api/v1/molecules', 'api', 85, 220, 0.018],
  ['molecules.select', 'database', 5210, 71, 0.004],
  ['mixtures.select', 'database', 640, 74, 0],
  ['properties.insert', 'database', 310, 102, 0.011],
  ['db_import.write', 'database', 62, 640, 0.016],
  ['import.parse', 'other', 62, 38, 0],
] as const;

function operationsOf(now: number): OperationView[] {
  const total = traffic.reduce((sum, [, , count, ms]) => sum + count * ms, 0);
  return traffic.map(([operation, category, count, ms, ratio]) => ({
    operation,
    category,
    count,
    errors: Math.round(count * ratio),
    error_ratio: ratio,
    per_second: count / 3600,
    min: ms / 4000,
    avg: ms / 1000,
    max: (ms * 9.2) / 1000,
    p50: (ms * 0.74) / 1000,
    p95: (ms * 2.3) / 1000,
    p99: (ms * 4.4) / 1000,
    time_ratio: (count * ms) / total,
    items: category === 'database' ? count * 12 : 0,
    bytes: category === 'api' ? count * 4200 : 0,
    trend: Array.from({ length: 30 }, (_, index) =>
      Math.max(0, (count / 3600) * (1 + noise(operation, now - (30 - index) * 120_000) * 0.6)),
    ),
  }));
}

const settings: ConfigView = {
  file: 'monitoring_config.json',
  warnings: ['api_monitoring.intervall is not known; did you mean api_monitoring.interval?'],
  settings: [
    ['monitoring.dashboard_port', 5001, 'default', 'Port of the dashboard and the API.', null],
    ['monitoring.monitoring_dir', 'monitoring', 'file', 'Directory of everything that is kept.', null],
    ['monitoring.metrics_retention_days', 30, 'file', 'How long raw samples are kept.', null],
    ['monitoring.alert_thresholds.cpu_usage', 80, 'environment', 'CPU in percent from which a warning is due.', null],
    ['api_monitoring.base_url', base, 'file', 'Address that endpoint paths are added to.', null],
    ['api_monitoring.interval', 30, 'argument', 'Seconds between two looks at an endpoint.', null],
    ['database_monitoring.connections[0].name', 'pooler', 'file', 'Name of the connection.', null],
    [
      'database_monitoring.connections[0].url',
      'postgres://cryo:••••@aws-0-eu-central-1.pooler.supabase.example:6543/postgres',
      'environment',
      'Where the connection goes.',
      null,
    ],
    [
      'notifications.webhooks[0].url',
      'https://hooks.cryoprotect.example/••••',
      'file',
      'Where alerts are posted to.',
      null,
    ],
    ['notifications.slack.enabled', false, 'default', 'Tell Slack.', 'the Slack channel comes with a later version'],
    ['server.host', '127.0.0.1', 'default', 'Address that the dashboard listens on.', null],
    ['logging.level', 'INFO', 'default', 'The mildest level that is written.', null],
  ].map(
    ([path, setting, origin, description, dormant]) =>
      ({ path, value: setting, origin, description, dormant }) as ConfigView['settings'][number],
  ),
};

const help: Record<string, string> = {
  cpu: 'Share of all cores that is busy. Above 80 % for long, everything waits.',
  memory: 'Memory that programs cannot have any more. Cache does not count.',
  disk: 'How full the disks are. A full disk stops databases first.',
  network: 'What goes in and out of this machine, without the loopback.',
  load: 'Processes that run or want to. More than cores means waiting.',
  loop: 'How late timers are, worst of 100. What every request waits on top.',
};

/** Makes the whole evening. Numbers move with the real clock. */
export function createStory(scenario: Scenario): Story {
  const now = () => Date.now();
  const start = now();
  const fine = scenario === 'fine';
  const empty = scenario === 'empty';
  const many: CheckSeed[] =
    scenario === 'many'
      ? Array.from({ length: 500 }, (_, index) => ({
          id: `api:/api/v1/molecules/${index + 1}`,
          kind: 'http',
          name: `/api/v1/molecules/${index + 1}`,
          target: `${base}/api/v1/molecules/${index + 1}`,
          phases: webPhases,
          seen: { status: 200 },
        }))
      : [];
  const used = empty ? seeds.filter(({ id }) => id === 'system') : [...seeds, ...many];
  const checks = used.map((seed) => checkOf(seed, start, fine || empty));
  const ids = (prefix: string) => used.filter(({ id }) => id.startsWith(prefix)).map(({ id }) => id);
  const series = inventory(
    scenario,
    ids('api:'),
    ids('database:'),
    empty ? [] : traffic.map(([operation]) => operation),
  );
  const alerts = empty ? [] : alertsOf(start).filter(({ state }) => !fine || state === 'resolved');
  const journal = empty ? journalOf(start, []).filter(({ id }) => id === 'j08') : journalOf(start, alerts);
  for (const alert of alerts)
    alert.changes = journal.filter(({ at }) => at < alert.started_at + 60_000 && at > alert.started_at - 30 * minute);
  const errors = empty ? [] : errorsOf(start).filter(({ state }) => !fine || state !== 'open');
  const spark = (name: string, labels: Record<string, string>) =>
    Array.from({ length: 60 }, (_, index) => value(name, labels, now() - (60 - index) * minute, now()));
  const self = (): SelfView => ({
    version: '0.1.0',
    pid: 4190,
    mode: 'embedded',
    started_at: start - 187 * minute,
    cpu_ratio: 0.0061,
    rss_bytes: 7.9e7,
    event_loop_delay_p99_seconds: 0.0021,
    outbox_queued: fine || empty ? 0 : 1,
    store_size_bytes: 1.84e7,
    dropped: fine || empty ? {} : { samples: 0, label_values: 12 },
    stream_clients: 1,
  });
  const agents = (): AgentView[] =>
    empty
      ? []
      : [
          {
            instance: 'lab-01:4182:1763880000',
            service: 'molecules-api',
            host: 'lab-01',
            pid: 4182,
            release: '2.4.1',
            framework: 'express',
            state: 'live',
            silent_ms: 0,
            first_seen_at: start - 38 * minute,
            last_seen_at: now() - 700,
            cpu_ratio: 0.23,
            rss_bytes: 2.31e8,
            heap_used_bytes: 1.12e8,
            event_loop_delay_p99_seconds: 0.018,
            event_loop_utilization_ratio: 0.27,
            dropped: {},
          },
          {
            instance: 'lab-02:911:1763880000',
            service: 'import-worker',
            host: 'lab-02',
            pid: 911,
            release: '2.4.1',
            framework: null,
            state: fine ? 'live' : 'blocked',
            silent_ms: fine ? 0 : 6400,
            first_seen_at: start - 3 * hour,
            last_seen_at: now() - 6400,
            cpu_ratio: 0.98,
            rss_bytes: 4.1e8,
            heap_used_bytes: 3.0e8,
            event_loop_delay_p99_seconds: 0.22,
            event_loop_utilization_ratio: 0.99,
            dropped: { spans: 40 },
          },
        ];
  const cards = (): OverviewView['cards'] =>
    empty
      ? [
          {
            id: 'databases',
            title: 'Databases',
            verdict: 'unknown',
            text: 'none is watched yet',
            value: null,
            unit: null,
            spark: [],
          },
          {
            id: 'endpoints',
            title: 'Endpoints',
            verdict: 'unknown',
            text: 'none is watched yet',
            value: null,
            unit: null,
            spark: [],
          },
          {
            id: 'system',
            title: 'System',
            verdict: 'ok',
            text: 'memory 71 %, disk 58 %',
            value: 0.34,
            unit: 'ratio',
            spark: spark('system_cpu_usage_ratio', {}),
          },
          {
            id: 'operations',
            title: 'Operations',
            verdict: 'unknown',
            text: 'no application reports yet',
            value: null,
            unit: null,
            spark: [],
          },
          {
            id: 'progress',
            title: 'Progress',
            verdict: 'unknown',
            text: 'no job has run yet',
            value: null,
            unit: null,
            spark: [],
          },
          {
            id: 'errors',
            title: 'Errors',
            verdict: 'ok',
            text: 'none in the last hour',
            value: 0,
            unit: 'count',
            spark: [],
          },
          { id: 'alerts', title: 'Alerts', verdict: 'ok', text: 'nothing fires', value: 0, unit: 'count', spark: [] },
        ]
      : [
          {
            id: 'databases',
            title: 'Databases',
            verdict: fine ? 'ok' : 'error',
            text: fine ? '3 of 3 reachable, traffic on pooler' : '2 of 3 reachable, traffic on direct',
            value: 71,
            unit: 'ms',
            spark: spark('check_duration_seconds', { check: 'database:direct' }),
          },
          {
            id: 'endpoints',
            title: 'Endpoints',
            verdict: fine ? 'ok' : 'warning',
            text: fine ? '6 of 6 as expected' : '3 of 6 as expected, RDKit properties slow',
            value: fine ? 118 : 246,
            unit: 'ms',
            spark: spark('check_duration_seconds', { check: fine ? 'api:/api/v1/molecules' : 'api:/rdkit/properties' }),
          },
          {
            id: 'system',
            title: 'System',
            verdict: fine ? 'ok' : 'warning',
            text: fine ? 'memory 71 %, disk 58 %' : 'memory 82 %, disk 58 %',
            value: 0.41,
            unit: 'ratio',
            spark: spark('system_cpu_usage_ratio', {}),
          },
          {
            id: 'operations',
            title: 'Operations',
            verdict: 'ok',
            text: '0.6 % fail, slowest POST /rdkit/properties',
            value: 3.65,
            unit: 'per_second',
            spark: spark('operation_total', { operation: 'x' }),
          },
          {
            id: 'progress',
            title: 'Progress',
            verdict: fine ? 'ok' : 'error',
            text: fine ? '2 jobs run' : '2 run, ChEMBL import has stalled',
            value: 0.66,
            unit: 'ratio',
            spark: Array.from({ length: 60 }, (_, index) => index * index + 30),
          },
          {
            id: 'errors',
            title: 'Errors',
            verdict: fine ? 'ok' : 'warning',
            text: fine ? 'none in the last hour' : '3 open, 1 came back',
            value: fine ? 0 : 1397,
            unit: 'count',
            spark: Array.from({ length: 60 }, (_, index) =>
              fine ? 0 : index > 18 ? 24 + noise('e', index * minute) * 9 : 1,
            ),
          },
          {
            id: 'alerts',
            title: 'Alerts',
            verdict: fine ? 'ok' : 'error',
            text: fine ? 'nothing fires' : '4 fire, 1 silenced, 1 pending',
            value: fine ? 0 : 4,
            unit: 'count',
            spark: Array.from({ length: 60 }, (_, index) =>
              fine ? 0 : index < 18 ? 0 : index < 34 ? 1 : index < 38 ? 2 : index < 49 ? 3 : 4,
            ),
          },
        ];
  const overview = (): OverviewView => ({
    at: now(),
    verdict: fine || empty ? 'ok' : 'error',
    sentence: empty
      ? 'This machine is fine; nothing else is watched yet'
      : fine
        ? `All ${checks.length} checks are fine`
        : `Database pooler has been down for ${Math.round((now() - start) / minute) + 42} min; traffic runs on direct`,
    details:
      fine || empty
        ? []
        : [
            {
              verdict: 'error',
              text: 'Database pooler: its name cannot be resolved (ENOTFOUND)',
              link: '/databases/database:pooler',
            },
            { verdict: 'error', text: 'ChEMBL import has stalled at 62 % for 11 min', link: '/progress' },
            {
              verdict: 'warning',
              text: 'RDKit properties answers in 1.48 s (warning above 1 s)',
              link: `/endpoints/${encodeURIComponent('api:/rdkit/properties')}`,
            },
            { verdict: 'warning', text: 'Memory is at 82 % (warning above 80 %)', link: '/system' },
            {
              verdict: 'warning',
              text: '/health answers 207: database is degraded',
              link: `/endpoints/${encodeURIComponent('api:/health')}`,
            },
            {
              verdict: 'warning',
              text: 'The last backup is 26 h old (silenced until 16:40)',
              link: `/endpoints/${encodeURIComponent('api:/health/backup')}`,
            },
          ],
    cards: cards(),
    timeline: (
      [
        [24 * 60, 1042, 'ok', '', ''],
        [1042, 1020, 'error', 'Database direct cannot be reached', '/alerts/01kay3direct'],
        [1020, 540, 'ok', '', ''],
        [540, 300, 'warning', 'Disk / above 80 %', '/alerts/01kay2disk'],
        [300, 194, 'ok', '', ''],
        [194, 187, 'unknown', 'the monitor was not running', ''],
        [187, 78, 'ok', '', ''],
        [78, 55, fine ? 'ok' : 'warning', 'The last backup is too old', '/alerts/01kaz3backup'],
        [55, 51, 'error', 'The event loop is blocked', '/alerts/01kay1loop'],
        [51, 42, fine ? 'ok' : 'warning', 'The last backup is too old', '/alerts/01kaz3backup'],
        [42, 0, fine ? 'ok' : 'error', 'Database pooler cannot be reached', '/alerts/01kaz4pooler'],
      ] as const
    )
      .filter(() => !empty)
      .map(([from, to, verdict, text, link]) => ({
        from: start - from * minute,
        to: to === 0 ? now() : start - to * minute,
        verdict,
        text,
        link,
      })),
    changes: journal.slice(0, 30),
    self: self(),
    agents: agents(),
  });
  const figure = (
    id: string,
    title: string,
    unit: SystemView['figures'][number]['unit'],
    lines: readonly (readonly [string, string, Record<string, string>?])[],
    group: SystemView['figures'][number]['group'],
    limits?: readonly [number, number],
  ): SystemView['figures'][number] => {
    const current = value(lines[0]![1], lines[0]![2] ?? {}, now() - 2000, now());
    return {
      id,
      title,
      unit,
      value: current,
      warning: limits?.[0] ?? null,
      error: limits?.[1] ?? null,
      verdict: limits && current !== null && current > limits[0] ? 'warning' : 'ok',
      help: help[id.replace(/^(app|monitor)_/, '')] ?? '',
      lines: lines.map(([label, metric, labels]) => ({
        label,
        metric,
        labels: labels ?? {},
        aggregate: id.includes('loop') ? 'max' : 'avg',
      })),
      group,
    };
  };
  const vital = (group: 'monitor' | 'application', process: string) => [
    figure(`${process}_cpu`, 'CPU', 'ratio', [['CPU', 'process_cpu_ratio', { process }]], group),
    figure(
      `${process}_memory`,
      'Memory',
      'bytes',
      [
        ['Resident', 'process_memory_rss_bytes', { process }],
        ['Heap used', 'process_heap_used_bytes', { process }],
      ],
      group,
    ),
    figure(
      `${process}_loop`,
      'Event-loop delay',
      'seconds',
      [['p99', 'process_event_loop_delay_p99_seconds', { process }]],
      group,
      process === 'app' ? [0.2, 2] : undefined,
    ),
    figure(`${process}_gc`, 'Garbage collection', 'ratio', [['Share of time', 'process_gc_ratio', { process }]], group),
  ];
  const system = (): SystemView => ({
    at: now(),
    hostname: 'lab-01',
    platform: 'Linux 6.1, x64',
    cpu_count: 4,
    total_memory_bytes: 1.65e10,
    uptime_seconds: 1_912_000,
    figures: [
      figure('cpu', 'CPU', 'ratio', [['CPU', 'system_cpu_usage_ratio']], 'machine', [0.8, 0.95]),
      figure('memory', 'Memory', 'ratio', [['Memory', 'system_memory_usage_ratio']], 'machine', [0.8, 0.95]),
      figure(
        'disk',
        'Disk',
        'ratio',
        [
          ['/', 'system_disk_usage_ratio', { path: '/' }],
          ['/var/lib/data', 'system_disk_usage_ratio', { path: '/var/lib/data' }],
        ],
        'machine',
        [0.8, 0.95],
      ),
      figure(
        'load',
        'Load',
        'count',
        [
          ['1 min', 'system_load1'],
          ['5 min', 'system_load5'],
          ['15 min', 'system_load15'],
        ],
        'machine',
      ),
      figure(
        'network',
        'Network',
        'bytes_per_second',
        [
          ['in', 'system_network_receive_bytes_per_second'],
          ['out', 'system_network_transmit_bytes_per_second'],
        ],
        'machine',
      ),
      figure(
        'diskio',
        'Disk traffic',
        'bytes_per_second',
        [
          ['read', 'system_disk_read_bytes_per_second'],
          ['written', 'system_disk_write_bytes_per_second'],
        ],
        'machine',
      ),
      ...(empty ? [] : vital('application', 'app')),
      ...vital('monitor', 'monitor'),
    ],
  });
  return {
    now,
    series,
    checks,
    alerts,
    journal,
    errors,
    self,
    agents,
    overview,
    system,
    rules,
    silences:
      empty || fine
        ? []
        : [
            {
              id: '01kazsilence',
              matchers: [{ name: 'alert_type', op: '=', value: 'api_health_degraded' }],
              alert_type: 'api_health_degraded',
              created_at: start - 70 * minute,
              starts_at: start - 70 * minute,
              ends_at: start + 170 * minute,
              remaining_seconds: 170 * 60,
              created_by: 'mira',
              comment: 'backup host is being moved',
              state: 'active',
              schedule: null,
              until_resolved: false,
            },
          ],
    progress: () => (empty ? [] : progressOf(now()).filter(({ state }) => !fine || state !== 'stalled')),
    operations: () => (empty ? [] : operationsOf(now())),
    channels: empty
      ? [
          {
            name: 'log',
            kind: 'log',
            target: 'the log',
            min_severity: 'info',
            health: 'unused',
            queued: 0,
            delivered: 0,
            dead: 0,
            last_delivered_at: null,
            last_error: null,
            breaker: 'closed',
            opens_at: null,
            fallback: null,
          },
        ]
      : [
          {
            name: 'webhooks[0]',
            kind: 'webhook',
            target: 'https://hooks.cryoprotect.example/…',
            min_severity: 'warning',
            health: 'ok',
            queued: 1,
            delivered: 41,
            dead: 0,
            last_delivered_at: start - 10 * minute,
            last_error: null,
            breaker: 'closed',
            opens_at: null,
            fallback: null,
          },
          {
            name: 'webhooks[1]',
            kind: 'webhook',
            target: 'https://pager.example/in/…',
            min_severity: 'error',
            health: 'failing',
            queued: 2,
            delivered: 12,
            dead: 1,
            last_delivered_at: start - 26 * hour,
            last_error: 'POST https://pager.example/in/… → 401',
            breaker: 'open',
            opens_at: start + 4 * minute,
            fallback: 'webhooks[0]',
          },
          {
            name: 'log',
            kind: 'log',
            target: 'the log',
            min_severity: 'info',
            health: 'ok',
            queued: 0,
            delivered: 55,
            dead: 0,
            last_delivered_at: start - 10 * minute,
            last_error: null,
            breaker: 'closed',
            opens_at: null,
            fallback: null,
          },
        ],
    config: settings,
    store: {
      size_bytes: 1.84e7,
      series: 214,
      samples: 9_812_330,
      bytes_per_sample: 1.32,
      oldest_at: start - 29 * 24 * hour,
      newest_at: start,
      tiers: [
        { tier: 'raw', retention_days: 30, size_bytes: 1.3e7, points: 9_812_330, oldest_at: start - 29 * 24 * hour },
        {
          tier: 'minute',
          retention_days: 180,
          size_bytes: 4.1e6,
          points: 1_120_400,
          oldest_at: start - 29 * 24 * hour,
        },
        { tier: 'hour', retention_days: 1095, size_bytes: 1.3e6, points: 149_000, oldest_at: start - 29 * 24 * hour },
      ],
      drops: fine || empty ? {} : { late_samples: 3 },
      overflow: fine || empty ? [] : [{ metric: 'operation_duration_seconds', label: 'operation', folded: 12 }],
      problem: null,
    },
  };
}

/** What a rule of the story would have done in the last week: a wave that is too high three times. */
export function previewOf(rule: RuleView, now: number): RulePreviewView {
  const from = now - 7 * 1440 * minute;
  const at = Array.from({ length: 336 }, (_, index) => from + index * 30 * minute);
  const values = at.map((_, index) => 0.28 + 0.1 * Math.sin(index / 7.6) + (index % 113 > 104 ? 0.35 : 0));
  const high = [105, 218, 331];
  return {
    rule,
    from,
    to: now,
    evaluations: 9980,
    expected_evaluations: 10_080,
    coverage_ratio: 9980 / 10_080,
    tier: 'raw',
    episodes: high.map((index) => ({
      labels: { operation: 'GET /api/v1/molecules' },
      severity: 'warning',
      started_at: at[index]!,
      fired_at: at[index]! + 5 * minute,
      resolved_at: index === 331 ? null : at[index]! + 200 * minute,
      peak: 0.71,
      message: 'GET /api/v1/molecules is slow: p95 0.71 s',
      reason: '0.71 seconds is above 0.5',
    })),
    passed_over: 2,
    overflow: 0,
    lines: [{ labels: { operation: 'GET /api/v1/molecules' }, at, values }],
    notes: ['The monitor ran during 99 % of this time; the rest says nothing.'],
  };
}
