import type { HeartbeatView } from '../../model/api.ts';
import type { HeartbeatState } from '../../model/heartbeat.ts';

/** A heartbeat as the API shows it. The key opens the door for reports: only those see it who may act. */
export function heartbeatView(state: HeartbeatState, withKey: boolean): HeartbeatView {
  return {
    id: state.check,
    name: state.name,
    key: withKey ? state.key : null,
    schedule: state.schedule,
    phase: state.phase,
    reason: state.reason,
    expected_at: state.expectedAt,
    missing_at: state.deadlineAt,
    last_seen_at: state.lastSeenAt,
    last_duration_ms: state.lastDurationMs,
    last_exit_code: state.lastCode,
    message: state.message,
    open_runs: state.runs.map(({ run, at }) => ({ run, started_at: at })),
  };
}
