import { cpus } from 'node:os';
import type { CheckState } from '../../model/check.ts';
import type { CurrentSettings } from '../current-settings.ts';
import { formatLocal } from '../local-time.ts';
import type { ServerOptions } from '../options.ts';
import { activeConnection } from './check-view.ts';
import { componentWord } from './health.ts';

const newest = (states: readonly CheckState[]) => Math.max(0, ...states.map((state) => state.last?.at ?? 0));

/** `health.database` of the status document: times in epoch seconds, latency in seconds. */
export function databaseHealth(checks: readonly CheckState[], settings: CurrentSettings, now: number) {
  const states = checks.filter((state) => state.check.component === 'database');
  const word = componentWord(checks, 'database');
  const active =
    activeConnection(states) ?? states.find((state) => state.status === 'ok' || state.status === 'warning');
  const last = states.filter((state) => state.last).sort((a, b) => b.last!.at - a.last!.at)[0];
  const failing = states.find((state) => state.status === 'error');
  return {
    status: word,
    configured: states.length > 0,
    last_check_time: newest(states) / 1000,
    is_healthy: word === 'OK' || word === 'Warning',
    active_connection_type: active?.check.name ?? null,
    connection_types: Object.fromEntries(
      states.map((state) => [state.check.name, connectionType(state, settings, now)]),
    ),
    recent_failures: runs(states, (status) => status === 'error').map(({ state, run }) => ({
      timestamp: run.at / 1000,
      connection_type: state.check.name,
      error: state.last?.status === 'error' ? state.reason : 'the check failed',
    })),
    recent_successes: runs(states, (status) => status === 'ok' || status === 'warning').map(({ state, run }) => ({
      timestamp: run.at / 1000,
      connection_type: state.check.name,
      latency: run.durationMs / 1000,
    })),
    check_frequency_seconds:
      (states[0]?.check.intervalMs ?? settings.number('monitoring.health_check_intervals.database', 60) * 1000) / 1000,
    check_duration: last?.last ? last.last.durationMs / 1000 : null,
    error_message: failing?.reason ?? null,
  };
}

function runs(states: readonly CheckState[], wanted: (status: string) => boolean) {
  return states
    .flatMap((state) => state.recent.filter((run) => wanted(run.status)).map((run) => ({ state, run })))
    .sort((a, b) => a.run.at - b.run.at)
    .slice(-10);
}

/** A connection as the predecessor showed its breaker: the chain's own, or what its failures in a row amount to. */
function connectionType(state: CheckState, settings: CurrentSettings, now: number) {
  const threshold = settings.number('database_monitoring.connection_failure_threshold', 3);
  const failures = state.recent.filter((run) => run.status === 'error');
  const successes = state.recent.length - failures.length;
  const lastFailure = failures.at(-1)?.at ?? null;
  const breaker = state.last?.seen['breaker'];
  const since = state.last?.seen['breaker_since_at'];
  const openSince = typeof since === 'number' ? since : state.since;
  const open = breaker === undefined ? state.consecutiveFailures >= threshold : breaker !== 'closed';
  return {
    name: state.check.name,
    state: open ? (breaker === 'half-open' ? 'HALF-OPEN' : 'OPEN') : 'CLOSED',
    failure_count: state.consecutiveFailures,
    failure_threshold: threshold,
    recovery_timeout: settings.number('database_monitoring.circuit_breaker_reset_seconds', 300),
    last_failure_time: lastFailure === null ? null : lastFailure / 1000,
    time_since_last_failure: lastFailure === null ? null : (now - lastFailure) / 1000,
    stats: {
      success_count: successes,
      failure_count: failures.length,
      last_state_change: (open ? openSince : state.since) / 1000,
      total_open_time: open ? Math.max(0, now - openSince) / 1000 : 0,
      open_count: open ? 1 : 0,
    },
  };
}

const endpointWords = { ok: 'OK', warning: 'Warning', error: 'Error', unknown: 'Unknown', stale: 'Unknown' } as const;

/** `health.api` of the status document: response times in whole milliseconds, last_checked in local time. */
export function endpointHealth(checks: readonly CheckState[], settings: CurrentSettings) {
  const states = checks.filter((state) => state.check.component === 'api');
  const measured = states.filter((state) => state.last && state.status !== 'error');
  const known = states.filter((state) => state.last !== undefined);
  const failed = states.filter((state) => state.status === 'error').length;
  return {
    status: componentWord(checks, 'api'),
    configured: states.length > 0,
    endpoints: Object.fromEntries(
      states.map((state) => [
        state.check.name,
        {
          method: typeof state.last?.seen['method'] === 'string' ? state.last.seen['method'] : 'GET',
          status: endpointWords[state.status],
          message: state.reason,
          response_time: state.last ? Math.round(state.last.durationMs) : null,
          last_checked: state.last ? formatLocal(state.last.at) : null,
        },
      ]),
    ),
    last_check_time: newest(states) / 1000,
    overall_health_percentage: known.length === 0 ? null : ((known.length - failed) / known.length) * 100,
    check_frequency_seconds:
      (states[0]?.check.intervalMs ?? settings.number('monitoring.health_check_intervals.api', 60) * 1000) / 1000,
    avg_response_time:
      measured.length === 0 ? null : measured.reduce((sum, state) => sum + state.last!.durationMs, 0) / measured.length,
    error_rate: known.length === 0 ? null : (failed / known.length) * 100,
  };
}

/** `health.system` of the status document: usage in percent, sizes in bytes. */
export function systemHealth(checks: readonly CheckState[], options: ServerOptions, settings: CurrentSettings) {
  const states = checks.filter((state) => state.check.component === 'system');
  const now = options.clock.now();
  const latest = (name: string): number | null => {
    const point = options.series.latest({ name }).sort((a, b) => b.value - a.value)[0];
    return point && now - point.at < 300_000 && Number.isFinite(point.value) ? point.value : null;
  };
  const usage = (name: string): number | null => {
    const ratio = latest(name);
    return ratio === null ? null : Math.round(ratio * 1000) / 10;
  };
  const total = latest('system_memory_total_bytes');
  const available = latest('system_memory_available_bytes');
  const self = options.self();
  return {
    status: componentWord(checks, 'system'),
    cpu_usage: usage('system_cpu_usage_ratio'),
    memory_usage: usage('system_memory_usage_ratio'),
    disk_usage: usage('system_disk_usage_ratio'),
    last_check_time: newest(states) / 1000,
    check_frequency_seconds:
      (states[0]?.check.intervalMs ?? settings.number('monitoring.health_check_intervals.system', 30) * 1000) / 1000,
    cpu_info: { cores: cpus().length, threads: cpus().length },
    memory_info: { total, available, used: total === null || available === null ? null : total - available },
    disk_info: diskInfo(options, now),
    process_info: {
      pid: self.pid,
      cpu_percent: self.cpu_ratio * 100,
      memory_percent: total === null ? null : (self.rss_bytes / total) * 100,
      threads: null,
    },
  };
}

/** The fullest disk, because that is the one the usage speaks of. */
function diskInfo(options: ServerOptions, now: number) {
  const fullest = options.series.latest({ name: 'system_disk_usage_ratio' }).sort((a, b) => b.value - a.value)[0];
  const path = fullest?.labels['path'];
  const of = (name: string): number | null => {
    const point = options.series.latest({ name }).find((one) => one.labels['path'] === path && now - one.at < 300_000);
    return point?.value ?? null;
  };
  const [total, free] = [of('system_disk_total_bytes'), of('system_disk_free_bytes')];
  return { total, free, used: total === null || free === null ? null : total - free };
}
