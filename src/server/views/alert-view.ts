import type { Episode, EscalationState, Hold, Silence, Transition } from '../../model/alert.ts';
import type { AlertView, DeliveryView, HoldView, SilenceView, TransitionView } from '../../model/api.ts';
import type { DeliveryAttempt, OutboxEntry } from '../../model/notification.ts';
import { formatLocal } from '../local-time.ts';

/** An episode as the API shows it, with the predecessor's `timestamp` (epoch seconds) and `formatted_time`. */
export function alertView(episode: Episode): AlertView {
  const at = episode.firedAt ?? episode.startedAt;
  return {
    id: episode.id,
    fingerprint: episode.fingerprint,
    rule: episode.rule,
    alert_type: episode.alertType,
    source: episode.source,
    severity: episode.severity,
    state: episode.state,
    message: episode.message,
    reason: episode.reason,
    labels: { ...episode.labels },
    value: finite(episode.value),
    threshold: finite(episode.threshold),
    unit: episode.unit ?? null,
    series: episode.series ? { name: episode.series.name, labels: { ...episode.series.labels } } : null,
    context: { ...episode.context },
    annotations: { ...episode.annotations },
    runbook: episode.runbook ?? null,
    started_at: episode.startedAt,
    fired_at: episode.firedAt ?? null,
    resolved_at: episode.resolvedAt ?? null,
    last_seen_at: episode.lastSeenAt,
    silenced_by: episode.silencedBy ?? null,
    acknowledged: acknowledgedView(episode),
    holds: (episode.holds ?? []).map(holdView),
    flapping_since_at: episode.flappingSince ?? null,
    escalation: episode.escalation ? escalationView(episode.escalation, episode) : null,
    notified: episode.notified,
    timestamp: at / 1000,
    formatted_time: formatLocal(at),
  };
}

/** Nobody is told next once somebody has it, or when it is over. */
function escalationView(state: EscalationState, episode: Episode): AlertView['escalation'] {
  const goesOn = episode.state === 'firing' && !episode.acknowledged;
  return {
    name: state.name,
    step: state.next,
    steps: state.steps,
    round: state.round + 1,
    next_at: goesOn ? (state.nextAt ?? null) : null,
  };
}

function acknowledgedView({ acknowledged }: Episode): AlertView['acknowledged'] {
  if (!acknowledged) return null;
  const { at, by, note, until } = acknowledged;
  return { at, by, note, until_at: until ?? null };
}

export function holdView({ kind, by, text, since, until }: Hold): HoldView {
  return { kind, by, text, since_at: since, until_at: until ?? null };
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

export function transitionView(transition: Transition): TransitionView {
  return {
    at: transition.at,
    kind: transition.kind,
    severity: transition.severity,
    reason: transition.reason,
    value: finite(transition.value),
    by: transition.by ?? null,
  };
}

/** What was owed to one channel and how every attempt went. */
export function deliveryView(entry: OutboxEntry, attempts: readonly DeliveryAttempt[]): DeliveryView {
  return {
    channel: entry.channel,
    event: entry.event,
    state: entry.state,
    attempts: entry.attempts,
    created_at: entry.createdAt,
    delivered_at: entry.deliveredAt ?? null,
    last_error: entry.lastError ?? null,
    log: attempts
      .filter((attempt) => attempt.outboxId === entry.id)
      .map(({ at, outcome, durationMs, summary }) => ({ at, outcome, duration_ms: durationMs, summary })),
  };
}

/** The alert type a silence is for, when it is for one type. */
export function silencedType(silence: Silence): string | null {
  const [only, ...others] = silence.matchers;
  return only?.name === 'alert_type' && only.op === '=' && others.length === 0 ? only.value : null;
}

/** `inForce` says whether a silence with a schedule is in one of its windows. */
export function silenceView(silence: Silence, now: number, inForce = true): SilenceView {
  return {
    id: silence.id,
    matchers: silence.matchers.map(({ name, op, value }) => ({ name, op, value })),
    alert_type: silencedType(silence),
    created_at: silence.createdAt,
    starts_at: silence.startsAt,
    ends_at: silence.endsAt,
    remaining_seconds: Math.max(0, Math.round((silence.endsAt - now) / 1000)),
    created_by: silence.createdBy,
    comment: silence.comment,
    state: silenceState(silence, now, inForce),
    schedule: silence.schedule
      ? {
          cron: silence.schedule.cron,
          duration_seconds: silence.schedule.durationMs / 1000,
          time_zone: silence.schedule.timeZone,
        }
      : null,
    until_resolved: silence.untilResolved ?? false,
  };
}

function silenceState(silence: Silence, now: number, inForce: boolean): SilenceView['state'] {
  if (silence.endsAt <= now) return 'expired';
  if (silence.startsAt > now) return 'pending';
  return silence.schedule && !inForce ? 'idle' : 'active';
}
