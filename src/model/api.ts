/**
 * The words of the HTTP API: what the server answers, the dashboard shows and the CLI prints.
 * On the wire everything is snake_case. `*_at` is epoch milliseconds, `*_ms` and `*_seconds` are durations, `*_ratio` is 0..1,
 * a missing value is null: never NaN or Infinity. The two documents of the predecessor (`status`, `health`) keep its own names and units.
 * Type aliases, not interfaces, so that they are assignable to JSON.
 */
import type { HoldKind } from './alert.ts';
import type { CheckStatus } from './check.ts';
import type { Severity } from './severity.ts';

/** How a card, a page or the whole is. */
export type Verdict = 'ok' | 'warning' | 'error' | 'unknown';

export type ApiError = {
  readonly error: { readonly code: string; readonly message: string; readonly path?: string; readonly hint?: string };
};

export type ConditionView = { condition: string; met: boolean; seen: string; severity: 'warning' | 'error' };

export type CheckView = {
  id: string;
  kind: string;
  component: 'database' | 'api' | 'system' | 'application' | 'heartbeat';
  name: string;
  target: string;
  status: CheckStatus;
  reason: string;
  explanation: string;
  since_at: number;
  last_at: number | null;
  duration_ms: number | null;
  next_at: number;
  interval_seconds: number;
  timeout_seconds: number;
  consecutive_failures: number;
  /** Position in the fallback chain, 0 first; null outside chains. */
  order: number | null;
  /** Name of that chain. */
  chain: string | null;
  /** True for the connection of the chain that traffic would use now. */
  active: boolean;
  running: boolean;
  seen: Record<string, unknown>;
  conditions: ConditionView[];
  /** Where the time of the last run went, in order. */
  phases: { name: string; ms: number }[];
  recent: {
    at: number;
    status: CheckStatus;
    duration_ms: number;
    inconclusive: boolean;
    /** Why a bad result is held against nobody; null when it counts. */
    excuse: 'maintenance' | 'parent' | null;
  }[];
  /** Ids of the checks this one depends on. */
  parents: string[];
  tags: string[];
  /** The parent whose failure explains the last one of this check; null when it stands for itself. */
  because_of: { check: string; name: string; reason: string } | null;
  /** The maintenance window that is open for it now. */
  maintenance: { name: string; until_at: number } | null;
  /** Share of time ok or warning, with how much of the window was observed; null before the first result. */
  uptime: { window: '24h' | '7d' | '30d'; ratio: number | null; coverage_ratio: number }[];
};

/** A circuit breaker of a database connection and what it did in the range. */
export type BreakerView = {
  check_id: string;
  name: string;
  order: number | null;
  /** Null before the first result. */
  state: 'closed' | 'open' | 'half-open' | null;
  since_at: number | null;
  /** When an open one lets a trial through. */
  trial_at: number | null;
  active: boolean;
  /** Oldest first. */
  steps: { at: number; from: string; to: string; reason: string }[];
};

/** Connections that stand in for each other, or one that stands alone (then `chain` is null). */
export type ChainView = {
  chain: string | null;
  /** Name of the connection that traffic would use now; null when none works. */
  active: string | null;
  connections: BreakerView[];
  /** From which connection traffic went to which, oldest first. */
  moves: { at: number; from: string; to: string; reason: string }[];
};

/** How a check was over a window, and the application's real traffic on the same route beside it. */
export type CheckWindowView = {
  window: '1h' | '24h' | '7d';
  /** Percentiles come from values so far apart: single runs, unless runs are closer together than that. */
  step_seconds: number;
  runs: number;
  error_ratio: number | null;
  p50_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
  /** Null when the application reports nothing that this check asks. */
  traffic: {
    operations: string[];
    requests: number;
    error_ratio: number;
    p50_ms: number | null;
    p95_ms: number | null;
    p99_ms: number | null;
  } | null;
};

/** A job that must report. */
export type HeartbeatView = {
  /** Id of its check. */
  id: string;
  name: string;
  /** Whoever knows it may report; null for callers who may only look. */
  key: string | null;
  schedule: string;
  phase: 'new' | 'ok' | 'running' | 'due' | 'late' | 'failed' | 'overrun';
  reason: string;
  expected_at: number | null;
  /** When it counts as missing. */
  missing_at: number | null;
  last_seen_at: number | null;
  last_duration_ms: number | null;
  last_exit_code: number | null;
  message: string | null;
  open_runs: { run: string | null; started_at: number }[];
};

/** The answer to a report. */
export type HeartbeatReceipt = { ok: true; name: string; phase: HeartbeatView['phase']; expected_at: number | null };

export type TransitionView = {
  at: number;
  kind: string;
  severity: Severity;
  reason: string;
  value: number | null;
  by: string | null;
};

export type DeliveryView = {
  channel: string;
  event: string;
  state: string;
  attempts: number;
  created_at: number;
  delivered_at: number | null;
  last_error: string | null;
  log: { at: number; outcome: string; duration_ms: number; summary: string }[];
};

/** One reason why nobody is told of an alert. */
export type HoldView = { kind: HoldKind; by: string; text: string; since_at: number; until_at: number | null };

export type AlertView = {
  /** Id of the episode; the webhook's `alert_id`. */
  id: string;
  fingerprint: string;
  rule: string;
  alert_type: string;
  source: string;
  severity: Severity;
  state: 'pending' | 'firing' | 'resolved';
  message: string;
  reason: string;
  labels: Record<string, string>;
  value: number | null;
  threshold: number | null;
  unit: string | null;
  series: { name: string; labels: Record<string, string> } | null;
  context: Record<string, unknown>;
  /** Texts of the rule, filled in. */
  annotations: Record<string, string>;
  /** Address of what to do about it. */
  runbook: string | null;
  started_at: number;
  fired_at: number | null;
  resolved_at: number | null;
  last_seen_at: number;
  silenced_by: string | null;
  acknowledged: { at: number; by: string; note: string; until_at: number | null } | null;
  /** Why nobody is told of it now; empty when nothing holds it back. */
  holds: HoldView[];
  /** Since when it comes and goes too often to tell each time. */
  flapping_since_at: number | null;
  /** Who is told next while nobody acknowledges; null when no escalation speaks of it. `step` counts the steps taken. */
  escalation: { name: string; step: number; steps: number; round: number; next_at: number | null } | null;
  notified: boolean;
  /** The predecessor's fields. */
  timestamp: number;
  formatted_time: string;
};

export type AlertDetailView = AlertView & {
  transitions: TransitionView[];
  deliveries: DeliveryView[];
  /** What happened in the 30 minutes before it began, newest first. */
  changes: JournalView[];
  rule_info: RuleView | null;
};

export type RuleView = {
  id: string;
  alert_type: string;
  source: string;
  /** In words, with its numbers. */
  condition: string;
  explanation: string;
  origin: 'built-in' | 'configuration' | 'code';
  /** How often it looks by itself; null for rules that only answer to what happens. */
  every_seconds: number | null;
  runbook: string | null;
  /** `no-data`: it has nothing to judge; `error`: its evaluation failed. */
  health: 'ok' | 'pending' | 'firing' | 'no-data' | 'error';
  firing: number;
  pending: number;
  last_evaluated_at: number | null;
  last_error: string | null;
  /** Label sets it judges; null for rules that do not judge series. */
  groups: number | null;
  /** Alerts and series that found no room within the rule's limit since the start. */
  overflow: number;
};

export type RuleDetailView = RuleView & {
  /** The rule as it was written; null for built-in rules. */
  definition: Record<string, unknown> | null;
};

/** When a rule would have fired. */
export type RulePreviewView = {
  rule: RuleView;
  from: number;
  to: number;
  evaluations: number;
  expected_evaluations: number;
  /** Share of the time in which the monitor ran and the rule would have been evaluated. */
  coverage_ratio: number;
  tier: 'raw' | 'minute' | 'hour' | 'events' | 'none';
  episodes: {
    labels: Record<string, string>;
    /** The worst it had. */
    severity: Severity;
    started_at: number;
    fired_at: number;
    /** null when it would fire still. */
    resolved_at: number | null;
    peak: number | null;
    message: string;
    reason: string;
  }[];
  /** Times that the condition was met, but not for long enough. */
  passed_over: number;
  overflow: number;
  /** Values over time of the label sets that were worst. */
  lines: { labels: Record<string, string>; at: number[]; values: number[] }[];
  notes: string[];
};

export type SilenceView = {
  id: string;
  matchers: { name: string; op: string; value: string }[];
  /** The alert type, for silences by type. */
  alert_type: string | null;
  created_at: number;
  starts_at: number;
  ends_at: number;
  remaining_seconds: number;
  created_by: string;
  comment: string;
  /** `pending`: not begun; `idle`: between two windows of its schedule. */
  state: 'pending' | 'active' | 'idle' | 'expired';
  schedule: { cron: string; duration_seconds: number; time_zone: string } | null;
  until_resolved: boolean;
};

/** What a silence would cover if it were made now. */
export type SilencePreviewView = { matching: number; firing: number; alerts: AlertView[] };

/** Why an alert fires: what was normal, what changed before, what failed before, who was told. */
export type ExplanationView = {
  id: string;
  /** The short form, one sentence each, the most telling first. */
  sentences: string[];
  value: number | null;
  threshold: number | null;
  unit: string | null;
  since_at: number;
  /** The series at the same hour of other days; null values where there is no data. */
  baseline: {
    when: 'yesterday' | 'last-week';
    from: number;
    to: number;
    average: number | null;
    highest: number | null;
  }[];
  /** The series from the alert's begin to now (or its end), in its own unit. */
  current: { average: number | null; highest: number | null } | null;
  /** Unit of `baseline` and `current`: that of the series. */
  series_unit: string | null;
  /** What may have caused it, the latest before its first sign first. */
  changes: { at: number; lead_ms: number; kind: string; text: string; link: string | null }[];
  /** What else failed around its begin, earliest first; `lead_ms` > 0: before it. */
  correlated: { at: number; lead_ms: number; kind: 'alert' | 'check'; id: string; text: string; severity: Severity }[];
  told: {
    channel: string;
    event: string;
    at: number;
    state: string;
    delivered_at: number | null;
    attempts: number;
    together: boolean;
    error: string | null;
  }[];
  not_told: { channel: string; reason: string }[];
  holds: HoldView[];
};

/** Why somebody is not told of something, read from what each suppression has left behind. */
export type WhyNotView = {
  subject: string;
  kind: 'alert' | 'check' | 'rule' | 'unknown';
  name: string;
  verdict: string;
  reasons: { code: string; text: string; channel: string | null; until_at: number | null; alert: string | null }[];
};

/** What keeps alerts from being told one by one now. */
export type NoiseView = {
  storm: { since_at: number; alerts: number } | null;
  windows: { kind: 'quiet-hours' | 'maintenance'; name: string; until_at: number }[];
  flapping: number;
  waiting: number;
};

export type JournalView = {
  id: string;
  at: number;
  kind: string;
  text: string;
  severity: 'info' | 'warning' | 'error';
  about: Record<string, string>;
};

export type OperationView = {
  operation: string;
  category: 'database' | 'api' | 'other';
  count: number;
  errors: number;
  error_ratio: number;
  per_second: number;
  /** Seconds. */
  min: number | null;
  avg: number | null;
  max: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  /** Share of all operations' total time in the window. */
  time_ratio: number;
  items: number;
  bytes: number;
  /** Operations per second over the window, 30 steps, oldest first. */
  trend: number[];
};

export type ProgressView = {
  id: string;
  name: string;
  instance: string;
  state: 'running' | 'paused' | 'stalled' | 'done' | 'failed' | 'abandoned';
  message: string;
  total_items: number;
  processed_items: number;
  successful_items: number;
  failed_items: number;
  skipped_items: number;
  restored_items: number;
  ratio: number | null;
  elapsed_seconds: number;
  items_per_second: number | null;
  remaining_seconds: { low: number; likely: number; high: number } | null;
  /** Likely end, epoch ms. */
  completes_at: number | null;
  started_at: number;
  updated_at: number;
  ended_at: number | null;
  batches: number;
  average_batch_seconds: number | null;
  average_batch_items: number | null;
  checkpoint_file: string | null;
  checkpoint_at: number | null;
};

export type ErrorGroupView = {
  id: string;
  type: string;
  title: string;
  culprit: string;
  state: 'open' | 'resolved' | 'regressed' | 'ignored';
  first_seen_at: number;
  last_seen_at: number;
  count: number;
  release: string | null;
  grouped_by: string;
};

export type ErrorOccurrenceView = {
  id: string;
  at: number;
  instance: string;
  type: string;
  message: string;
  stack: string;
  handled: boolean;
  causes: { type: string; message: string; stack: string }[];
  correlation_id: string | null;
  request_id: string | null;
  trace_id: string | null;
  context: Record<string, unknown>;
};

export type ErrorDetailView = ErrorGroupView & { occurrences: ErrorOccurrenceView[] };

export type AgentView = {
  instance: string;
  service: string;
  host: string;
  pid: number;
  release: string;
  framework: string | null;
  state: 'live' | 'blocked' | 'gone' | 'lost';
  silent_ms: number;
  first_seen_at: number;
  last_seen_at: number;
  cpu_ratio: number | null;
  rss_bytes: number | null;
  heap_used_bytes: number | null;
  event_loop_delay_p99_seconds: number | null;
  event_loop_utilization_ratio: number | null;
  dropped: Record<string, number>;
};

export type ChannelView = {
  name: string;
  kind: string;
  target: string;
  min_severity: Severity;
  health: 'ok' | 'failing' | 'unused';
  queued: number;
  delivered: number;
  dead: number;
  last_delivered_at: number | null;
  last_error: string | null;
  /** `open`: left alone until `opens_at`, because it failed or refused us. */
  breaker: 'closed' | 'open' | 'half-open';
  opens_at: number | null;
  /** The channel that is told instead. */
  fallback: string | null;
};

/** One attempt to deliver a message, for the receipt. */
export type AttemptView = {
  at: number;
  outcome: 'delivered' | 'retry' | 'final';
  duration_ms: number;
  /** What was asked and what came back, without secrets. */
  summary: string;
  /** Id of the alert it was about; for tests and summaries an id of its own. */
  alert_id: string;
};

/** A connection pool of an application, seen from inside. */
export type PoolView = {
  name: string;
  kind: string;
  service: string;
  instance: string;
  /** `stale`: its process is silent; `gone`: it was ended, or its process was. */
  state: 'live' | 'stale' | 'gone';
  /** `unknown` when it is not live. */
  verdict: Verdict;
  /** e.g. `all 10 connections held > 5 s by src/reports.ts:88; 3 waiting since 2.1 s, longest 2.4 s` */
  text: string;
  at: number;
  used: number;
  idle: number;
  waiting: number;
  max: number | null;
  longest_wait_ms: number | null;
  shortest_wait_ms: number | null;
  longest_hold_ms: number | null;
  shortest_hold_ms: number | null;
  holders: { site: string; count: number; longest_ms: number; statement: string | null; stack: string }[];
  /** How long requests of the last minute waited for a connection, in seconds. */
  wait: { count: number; p50: number | null; p95: number | null; p99: number | null };
  /** Requests for a connection that failed, those of them that ran out of time, and times the pool became exhausted; since the monitor started. */
  errors: number;
  timeouts: number;
  exhaustions: number;
};

/** A fallback chain of an application, first choice first. */
export type FallbackView = {
  name: string;
  service: string;
  instance: string;
  state: 'live' | 'stale' | 'gone';
  /** The connection that the next operation uses; null when every breaker is open. */
  current: string | null;
  connections: {
    name: string;
    breaker: 'closed' | 'open' | 'half-open';
    since_at: number;
    failures: number;
    retry_at: number | null;
    reason: string;
    served: number;
    failed: number;
  }[];
};

/** What statements of one shape did through one pool. Durations in seconds. */
export type StatementView = {
  /** 16 hex digits; `other` for everything past the budget. */
  statement: string;
  pool: string;
  service: string;
  /** Without values; empty when it is not known any more. */
  text: string;
  summary: string;
  count: number;
  errors: number;
  rows: number;
  per_second: number;
  avg: number | null;
  max: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  /** Share of the time of all statements in the window. */
  time_ratio: number;
};

/** One query that took longer than `slow_query_threshold_ms`. */
export type SlowQueryView = {
  id: string;
  at: number;
  pool: string;
  service: string;
  instance: string;
  statement: string;
  text: string;
  duration_ms: number;
  wait_ms: number;
  rows: number | null;
  caller: string;
  trace_id: string | null;
  correlation_id: string | null;
  error: string | null;
};

/** What the monitor itself costs and loses. */
export type SelfView = {
  version: string;
  pid: number;
  mode: 'standalone' | 'embedded';
  started_at: number;
  cpu_ratio: number;
  rss_bytes: number;
  event_loop_delay_p99_seconds: number;
  outbox_queued: number;
  store_size_bytes: number;
  dropped: Record<string, number>;
  stream_clients: number;
};

/** A card of the overview. */
export type CardView = {
  id: 'databases' | 'endpoints' | 'system' | 'operations' | 'progress' | 'errors' | 'alerts';
  title: string;
  verdict: Verdict;
  /** One short line, e.g. `3 of 3 reachable, pooler 4 ms`. */
  text: string;
  /** Big number with unit, formatted by the browser. */
  value: number | null;
  unit: 'ms' | 'seconds' | 'ratio' | 'per_second' | 'count' | 'bytes' | null;
  /** At most 60 points, oldest first; null = no data in that step. */
  spark: (number | null)[];
};

export type OverviewView = {
  at: number;
  verdict: Verdict;
  /** The sentence, e.g. `All 14 checks are fine`. */
  sentence: string;
  /** The same, with more, one line each; worst first. */
  details: { verdict: Verdict; text: string; link: string }[];
  cards: CardView[];
  /** The last 24 h as segments for the timeline, oldest first. */
  timeline: { from: number; to: number; verdict: Verdict; text: string; link: string }[];
  changes: JournalView[];
  self: SelfView;
  agents: AgentView[];
};

export type SystemView = {
  at: number;
  hostname: string;
  platform: string;
  cpu_count: number;
  total_memory_bytes: number;
  uptime_seconds: number;
  /** Current numbers, each with its series, thresholds and help text, in the order to show. */
  figures: {
    id: string;
    title: string;
    unit: 'ratio' | 'bytes' | 'bytes_per_second' | 'seconds' | 'count';
    value: number | null;
    warning: number | null;
    error: number | null;
    verdict: Verdict;
    help: string;
    /** What its chart draws: one line per entry. */
    lines: { label: string; metric: string; labels: Record<string, string>; aggregate: string }[];
    group: 'machine' | 'monitor' | 'application';
  }[];
};

/** Answer of `GET /monitoring/api/series`. */
export type SeriesAnswer = {
  from: number;
  to: number;
  step_ms: number;
  /** The coarsest tier that was read. */
  tier: 'raw' | 'minute' | 'hour';
  /** Every tier that was read, finest first. */
  tiers: ('raw' | 'minute' | 'hour')[];
  truncated: boolean;
  series: {
    name: string;
    labels: Record<string, string>;
    kind: string;
    at: number[];
    values: Record<string, (number | null)[]>;
  }[];
};

/** A metric for whoever looks for one. */
export type MetricView = { name: string; kind: string; help: string; series: number; labels: string[] };

/** What became of an import. */
export type ImportAnswer = {
  lines: number;
  samples: number;
  sketches: number;
  /** Lines that were left out, whole. */
  rejected: number;
  /** The first of them: number of the line, counted from 1, and why. */
  rejects: { line: number; reason: string }[];
};

export type SettingView = { path: string; value: unknown; origin: string; description: string; dormant: string | null };
export type ConfigView = { file: string | null; warnings: string[]; settings: SettingView[] };

export type StoreView = {
  size_bytes: number;
  series: number;
  samples: number;
  bytes_per_sample: number | null;
  oldest_at: number | null;
  newest_at: number | null;
  tiers: { tier: string; retention_days: number; size_bytes: number; points: number; oldest_at: number | null }[];
  drops: Record<string, number>;
  overflow: { metric: string; label: string; folded: number }[];
  problem: string | null;
};

export type SessionView = {
  authenticated: boolean;
  user: string | null;
  role: 'viewer' | 'operator' | null;
  login_required: boolean;
};

/**
 * The live stream (`GET /monitoring/api/events`, server-sent events). `event:` is the type, `data:` this JSON.
 * `hello` comes first and after each reconnect; `tick` every 5 s keeps proxies awake and carries the newest figures.
 */
export type StreamEvent =
  | { type: 'hello'; at: number; version: string }
  | { type: 'tick'; at: number; self: SelfView; verdict: Verdict; sentence: string }
  | { type: 'check'; check: CheckView }
  | { type: 'alert'; alert: AlertView; transition: TransitionView }
  | { type: 'silence'; silence: SilenceView; ended: boolean }
  | { type: 'progress'; progress: ProgressView }
  | { type: 'error'; group: ErrorGroupView }
  | { type: 'journal'; entry: JournalView };

/** Every route: method, path below `/monitoring/api`, who may call it. The server's table, the OpenAPI document and the CLI all follow it. */
export const routes = {
  status: { method: 'GET', path: '/status', role: 'viewer' },
  health: { method: 'GET', path: '/health', role: 'public' },
  overview: { method: 'GET', path: '/overview', role: 'viewer' },
  system: { method: 'GET', path: '/system', role: 'viewer' },
  checks: { method: 'GET', path: '/checks', role: 'viewer' },
  check: { method: 'GET', path: '/checks/:id', role: 'viewer' },
  runCheck: { method: 'POST', path: '/checks/:id/run', role: 'operator' },
  /** { windows: CheckWindowView[] } */
  checkWindows: { method: 'GET', path: '/checks/:id/windows', role: 'viewer' },
  /** { from, to, chains: ChainView[] } ?from=&to= */
  breakers: { method: 'GET', path: '/breakers', role: 'viewer' },
  /** { heartbeats: HeartbeatView[] } */
  heartbeats: { method: 'GET', path: '/heartbeats', role: 'viewer' },
  /** A job reports: the key is all it needs. ?code= exit code, ?run= which run, ?message= or the body: what it says. */
  heartbeat: { method: 'POST', path: '/heartbeats/:key', role: 'public' },
  heartbeatGet: { method: 'GET', path: '/heartbeats/:key', role: 'public' },
  heartbeatStart: { method: 'POST', path: '/heartbeats/:key/start', role: 'public' },
  heartbeatStartGet: { method: 'GET', path: '/heartbeats/:key/start', role: 'public' },
  heartbeatFail: { method: 'POST', path: '/heartbeats/:key/fail', role: 'public' },
  heartbeatFailGet: { method: 'GET', path: '/heartbeats/:key/fail', role: 'public' },
  /** ?name=&match=label=value (repeatable, also != =~ !~)&from=&to=&step= (ms or 30s, 5m)&aggregate=avg,max&limit= */
  series: { method: 'GET', path: '/series', role: 'viewer' },
  seriesLatest: { method: 'GET', path: '/series/latest', role: 'viewer' },
  seriesList: { method: 'GET', path: '/series/list', role: 'viewer' },
  /** Which metrics there are: { metrics: MetricView[] } */
  seriesMetrics: { method: 'GET', path: '/series/metrics', role: 'viewer' },
  /** Label names and how many values each has: { labels: { name, values }[] } ?name=&match= */
  seriesLabels: { method: 'GET', path: '/series/labels', role: 'viewer' },
  /** ?name=&match=&prefix=&limit= -> { values: { value, series }[], truncated } */
  seriesLabelValues: { method: 'GET', path: '/series/labels/:label', role: 'viewer' },
  seriesTop: { method: 'GET', path: '/series/top', role: 'viewer' },
  /** ?from=&to= ; the answer is { operations: OperationView[] } */
  operations: { method: 'GET', path: '/operations', role: 'viewer' },
  /** { progress: ProgressView[] } */
  progress: { method: 'GET', path: '/progress', role: 'viewer' },
  /** { errors: ErrorGroupView[] } ?state=&type=&limit= */
  errors: { method: 'GET', path: '/errors', role: 'viewer' },
  error: { method: 'GET', path: '/errors/:id', role: 'viewer' },
  /** body { state: 'open' | 'resolved' | 'ignored' } */
  errorState: { method: 'POST', path: '/errors/:id/state', role: 'operator' },
  /** { alerts: AlertView[] } ?state=pending,firing,resolved&severity=&source=&alert_type=&from=&to=&limit= */
  alerts: { method: 'GET', path: '/alerts', role: 'viewer' },
  /** AlertDetailView */
  alert: { method: 'GET', path: '/alerts/:id', role: 'viewer' },
  /** NoiseView */
  noise: { method: 'GET', path: '/noise', role: 'viewer' },
  /** ?subject= an alert's id, a check's id, a rule or an alert type -> WhyNotView */
  whyNot: { method: 'GET', path: '/why-not', role: 'viewer' },
  /** ExplanationView */
  explanation: { method: 'GET', path: '/alerts/:id/explanation', role: 'viewer' },
  /** body { note } */
  unacknowledge: { method: 'POST', path: '/alerts/:id/unacknowledge', role: 'operator' },
  /** body { note, duration_seconds? } */
  acknowledge: { method: 'POST', path: '/alerts/:id/acknowledge', role: 'operator' },
  /** { rules: RuleView[] } */
  rules: { method: 'GET', path: '/rules', role: 'viewer' },
  /** body { rule, from, to } -> RulePreviewView */
  previewRule: { method: 'POST', path: '/rules/preview', role: 'viewer' },
  /** RuleDetailView */
  rule: { method: 'GET', path: '/rules/:id', role: 'viewer' },
  /** { silences: SilenceView[] } ?state=active (default), expired or all&limit= */
  silences: { method: 'GET', path: '/silences', role: 'viewer' },
  /** body { alert_type | matchers, duration_seconds = 3600 | until_resolved | schedule, starts_at?, comment } -> 201 SilenceView */
  silence: { method: 'POST', path: '/silences', role: 'operator' },
  /** body { alert_type | matchers } -> SilencePreviewView */
  previewSilence: { method: 'POST', path: '/silences/preview', role: 'viewer' },
  /** body { matchers?, duration_seconds? (from now), schedule?, comment? } -> SilenceView */
  changeSilence: { method: 'POST', path: '/silences/:id', role: 'operator' },
  unsilence: { method: 'DELETE', path: '/silences/:id', role: 'operator' },
  /** body { alert_type } -> { ended: number } */
  unsilenceType: { method: 'POST', path: '/unsilence', role: 'operator' },
  /** { channels: ChannelView[] } */
  channels: { method: 'GET', path: '/channels', role: 'viewer' },
  /** { attempts: AttemptView[] } ?limit= */
  channelAttempts: { method: 'GET', path: '/channels/:name/attempts', role: 'viewer' },
  testChannel: { method: 'POST', path: '/channels/:name/test', role: 'operator' },
  /** { journal: JournalView[] } ?from=&to=&kind=&limit= */
  journal: { method: 'GET', path: '/journal', role: 'viewer' },
  /** { agents: AgentView[] } */
  agents: { method: 'GET', path: '/agents', role: 'viewer' },
  /** { pools: PoolView[], fallbacks: FallbackView[] } */
  pools: { method: 'GET', path: '/pools', role: 'viewer' },
  /** { statements: StatementView[] } ?from=&to=&pool=&limit= */
  statements: { method: 'GET', path: '/statements', role: 'viewer' },
  /** { queries: SlowQueryView[] } ?from=&to=&pool=&statement=&order=newest|slowest&limit= */
  slowQueries: { method: 'GET', path: '/slow-queries', role: 'viewer' },
  self: { method: 'GET', path: '/self', role: 'viewer' },
  store: { method: 'GET', path: '/store', role: 'viewer' },
  /** A stream of lines. ?name=&match=&from=&to=&format=ndjson|prometheus */
  storeExport: { method: 'GET', path: '/store/export', role: 'viewer' },
  /** Lines as `storeExport` writes them (NDJSON), at most 8 MiB; ?first_line= counts on from an earlier part. -> ImportAnswer */
  storeImport: { method: 'POST', path: '/store/import', role: 'operator' },
  config: { method: 'GET', path: '/config', role: 'viewer' },
  session: { method: 'GET', path: '/session', role: 'public' },
  /** body { user, password } */
  login: { method: 'POST', path: '/login', role: 'public' },
  logout: { method: 'POST', path: '/logout', role: 'public' },
  events: { method: 'GET', path: '/events', role: 'viewer' },
  /** A `SignalBatch` as JSON, from remote agents. */
  signals: { method: 'POST', path: '/signals', role: 'operator' },
  openapi: { method: 'GET', path: '/openapi.json', role: 'viewer' },
} as const;
export type RouteName = keyof typeof routes;

/** What `<monitoring_dir>/monitor.json` holds while a monitor runs (mode 0600): how the CLI finds it. */
export type RuntimeFile = {
  pid: number;
  /** Base address without `/monitoring`, e.g. `http://127.0.0.1:5001`; null when the dashboard is off. */
  url: string | null;
  version: string;
  started_at: number;
  mode: 'standalone' | 'embedded';
  /** Bearer token with the operator role, new at each start. */
  token: string;
};
