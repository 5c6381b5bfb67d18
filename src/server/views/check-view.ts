import type { CheckView } from '../../model/api.ts';
import type { CheckState } from '../../model/check.ts';

/**
 * The connection of the chain that traffic would use now: the one the chain itself named, else the first in order that
 * answers.
 */
export function activeConnection(states: readonly CheckState[]): CheckState | undefined {
  const answering = states
    .filter((state) => state.check.order !== undefined && (state.status === 'ok' || state.status === 'warning'))
    .sort((a, b) => a.check.order! - b.check.order!);
  // The newest word counts: an older run may still name a connection that has been left since.
  const told = answering
    .filter((state) => typeof state.last?.seen['active_connection'] === 'string')
    .sort((a, b) => b.last!.at - a.last!.at)[0];
  return answering.find((state) => state.check.name === told?.last?.seen['active_connection']) ?? answering[0];
}

/** A check as the API shows it. `uptime` comes from outside, because it costs a query. */
export function checkView(state: CheckState, all: readonly CheckState[], uptime: CheckView['uptime']): CheckView {
  const { check, last } = state;
  return {
    id: check.id,
    kind: check.kind,
    component: check.component,
    name: check.name,
    target: check.target,
    status: state.status,
    reason: state.reason,
    explanation: check.explanation,
    since_at: state.since,
    last_at: last?.at ?? null,
    duration_ms: last?.durationMs ?? null,
    next_at: state.nextAt,
    interval_seconds: check.intervalMs / 1000,
    timeout_seconds: check.timeoutMs / 1000,
    consecutive_failures: state.consecutiveFailures,
    order: check.order ?? null,
    chain: check.chain ?? null,
    active: check.order !== undefined && activeConnection(chainOf(state, all))?.check.id === check.id,
    running: state.running,
    seen: { ...last?.seen },
    conditions: (last?.conditions ?? []).map((condition) => ({ ...condition })),
    phases: Object.entries(last?.phases ?? {}).map(([name, ms]) => ({ name, ms })),
    recent: state.recent.map((run) => ({
      at: run.at,
      status: run.status,
      duration_ms: run.durationMs,
      inconclusive: run.inconclusive === true,
      excuse: run.excuse ?? null,
    })),
    parents: [...(check.parents ?? [])],
    tags: [...(check.tags ?? [])],
    because_of: last?.becauseOf ? { ...last.becauseOf } : null,
    maintenance: state.maintenance ? { name: state.maintenance.name, until_at: state.maintenance.until } : null,
    uptime,
  };
}

/** The checks that stand in for each other with this one, itself included. */
export function chainOf(state: CheckState, all: readonly CheckState[]): readonly CheckState[] {
  return all.filter(
    (other) => other.check.component === state.check.component && other.check.chain === state.check.chain,
  );
}
