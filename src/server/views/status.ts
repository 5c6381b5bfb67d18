import { hostname, platform, release, uptime } from 'node:os';
import type { Episode } from '../../model/alert.ts';
import type { CheckState } from '../../model/check.ts';
import type { ErrorOccurrence } from '../../model/error.ts';
import { noHeartbeats } from '../../model/heartbeat.ts';
import type { ProgressRun } from '../../model/progress.ts';
import type { CurrentSettings } from '../current-settings.ts';
import { formatLocal } from '../local-time.ts';
import type { ServerOptions } from '../options.ts';
import { alertView, silenceView } from './alert-view.ts';
import { componentWord, overallHealth } from './health.ts';
import { heartbeatView } from './heartbeat-view.ts';
import { progressView } from './record-views.ts';
import { databaseHealth, endpointHealth, systemHealth } from './status-health.ts';
import type { OperationMinute, StatusHistory } from './status-history.ts';
import { summarize } from './verdict.ts';

type Operation = StatusHistory['operations'][number];

/** The records the document shows, read afresh for every request. */
export interface StatusRecords {
  readonly occurrences: readonly ErrorOccurrence[];
  readonly episodes: readonly Episode[];
  readonly runs: readonly ProgressRun[];
}

/**
 * The predecessor's document: its field names and its units (seconds for durations of operations, milliseconds for
 * endpoints, percent for usage), valid JSON always. What we add stands at the end and is named so in docs/api.md.
 */
export function statusDocument(
  options: ServerOptions,
  settings: CurrentSettings,
  history: StatusHistory,
  records: StatusRecords,
) {
  const now = options.clock.now();
  const checks = options.checks.all();
  const summary = summarize(checks, options.alerts.active(), now);
  return {
    health: {
      database: databaseHealth(checks, settings, now),
      api: endpointHealth(checks, settings),
      system: systemHealth(checks, options, settings),
    },
    performance: {
      database: performance('database', history, checks, now),
      api: performance('api', history, checks, now),
      system: performance('other', history, checks, now),
    },
    resources: {
      cpu_history: percent(history.resources.cpu),
      memory_history: percent(history.resources.memory),
      disk_history: percent(history.resources.disk),
      network_history: history.resources.sent.map((sent, i) => ({
        bytes_sent: sent,
        bytes_recv: history.resources.received[i] ?? null,
      })),
      timestamps: history.times.map((at) => at / 1000),
    },
    errors: records.occurrences.map(errorRecord),
    alerts: records.episodes.map(alertRecord),
    system_info: {
      hostname: hostname(),
      platform: `${platform()} ${release()}`,
      python_version: null,
      node_version: process.versions.node,
      start_time: formatLocal(now - uptime() * 1000),
    },
    last_updated: formatLocal(now),
    // From here on: ours.
    status: overallHealth([
      componentWord(checks, 'database'),
      componentWord(checks, 'api'),
      componentWord(checks, 'system'),
      componentWord(checks, 'application'),
      componentWord(checks, 'heartbeat'),
    ]),
    verdict: summary.verdict,
    sentence: summary.sentence,
    details: summary.details,
    heartbeats: (options.heartbeats ?? noHeartbeats).all().map((state) => heartbeatView(state, false)),
    progress: records.runs.map((run) => progressView(run, now)),
    silences: options.alerts.silences().map((silence) => silenceView(silence, now)),
    active_alerts: options.alerts.active().map(alertView),
    monitor: { version: options.version, mode: options.mode, started_at: options.startedAt, pid: process.pid },
  };
}

function percent(line: readonly (number | null)[]): (number | null)[] {
  return line.map((ratio) => (ratio === null ? null : Math.round(ratio * 1000) / 10));
}

function errorRecord({ event }: ErrorOccurrence) {
  return {
    error_type: event.type,
    message: event.message,
    timestamp: event.at / 1000,
    formatted_time: formatLocal(event.at),
    stack_trace: event.stack,
    ...(event.correlationId !== undefined && { correlation_id: event.correlationId }),
    ...(event.traceId !== undefined && { trace_id: event.traceId }),
    context: { ...event.context },
  };
}

function alertRecord(episode: Episode) {
  const { alert_type, message, source, severity, timestamp, formatted_time, context, id, state } = alertView(episode);
  return { alert_type, message, source, severity, timestamp, formatted_time, context, alert_id: id, status: state };
}

/** One block of `performance`, over the window since the monitor started (at most a day). */
function performance(
  category: Operation['category'],
  history: StatusHistory,
  checks: readonly CheckState[],
  now: number,
) {
  const list = history.operations.filter((one) => one.category === category);
  const sum = (value: (one: Operation) => number) => list.reduce((total, one) => total + value(one), 0);
  const total = sum((one) => one.count);
  const failed = sum((one) => one.errors);
  const seconds = sum((one) => (one.avg ?? 0) * one.count);
  const elapsed = Math.max(0.001, (now - history.from) / 1000);
  const items = sum((one) => one.items);
  const bytes = sum((one) => one.bytes);
  return {
    name: category === 'other' ? 'system' : category,
    start_time: history.from / 1000,
    elapsed_time: elapsed,
    operations: { total, successful: total - failed, failed },
    timing: {
      total_execution_time: seconds,
      min_execution_time: extreme(
        list.map((one) => one.min),
        Math.min,
      ),
      max_execution_time: extreme(
        list.map((one) => one.max),
        Math.max,
      ),
      avg_execution_time: total === 0 ? 0 : seconds / total,
    },
    throughput: {
      items_processed: items,
      items_per_second: items / elapsed,
      bytes_processed: bytes,
      bytes_per_second: bytes / elapsed,
    },
    memory: { peak_memory_usage: history.rss.peak, current_memory_usage: history.rss.current },
    database: databaseCounts(category === 'database' ? list : [], checks, category),
    custom_metrics: category === 'other' ? history.custom : {},
    history: history.operationHistory
      .filter((one) => one.category === category)
      .slice(-1000)
      .map(historyRecord),
  };
}

function extreme(values: readonly (number | null)[], pick: (...values: number[]) => number): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : pick(...known);
}

/** Operations of these very names are counted apart, as the predecessor did; all other database operations are queries. */
function databaseCounts(list: readonly Operation[], checks: readonly CheckState[], category: string) {
  const named = (name: string) =>
    list.filter((one) => one.operation === name).reduce((total, one) => total + one.count, 0);
  const all = list.reduce((total, one) => total + one.count, 0);
  const runs =
    category === 'database'
      ? checks.filter((state) => state.check.component === 'database').flatMap((state) => state.recent)
      : [];
  const [connections, transactions, rollbacks] = [named('connection'), named('transaction'), named('rollback')];
  return {
    connection_attempts: connections + runs.length,
    connection_failures: runs.filter((run) => run.status === 'error').length,
    query_count: all - connections - transactions - rollbacks,
    transaction_count: transactions,
    rollback_count: rollbacks,
  };
}

/** The predecessor listed single operations; these are kept as minutes, each with its count and mean. */
function historyRecord(one: OperationMinute) {
  return {
    timestamp: one.at / 1000,
    operation_type: one.operation,
    success: null,
    execution_time: Number.isFinite(one.averageSeconds) ? one.averageSeconds : null,
    items_processed: null,
    count: one.count,
  };
}
