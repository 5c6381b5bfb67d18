/**
 * A circuit breaker as a pure state machine: `closed` lets traffic through, `open` does not, `half-open` lets one trial decide.
 * The monitor's checks and the application's fallback use the same one, so both mean the same by "open".
 */
export type BreakerState =
  | { readonly kind: 'closed'; readonly failures: number }
  | { readonly kind: 'open'; readonly since: number; readonly failures: number }
  | { readonly kind: 'half-open'; readonly since: number; readonly failures: number };

export interface BreakerRules {
  /** So many failures in a row open it. */
  readonly failureThreshold: number;
  /** It stays open so long, ms. */
  readonly resetMs: number;
}

/** The state of a breaker that has seen nothing. */
export const closedBreaker: BreakerState = { kind: 'closed', failures: 0 };

/** What the breaker is at `now` (epoch ms) when nothing new was seen: an open one becomes half-open when its time is over. */
export function breakerAt(state: BreakerState, rules: BreakerRules, now: number): BreakerState {
  if (state.kind !== 'open') return state;
  // A clock that went back must not keep it open for longer than the reset time.
  const age = now - state.since;
  return age >= rules.resetMs || age < 0 ? { kind: 'half-open', since: now, failures: state.failures } : state;
}

/** The breaker after a success or failure at `now` (epoch ms). While open, a success changes nothing: the time has to pass. */
export function breakerAfter(state: BreakerState, rules: BreakerRules, now: number, succeeded: boolean): BreakerState {
  const current = breakerAt(state, rules, now);
  if (succeeded) return current.kind === 'open' ? current : closedBreaker;
  const failures = current.failures + 1;
  if (current.kind === 'open') return { ...current, failures };
  if (current.kind === 'half-open' || failures >= rules.failureThreshold) return { kind: 'open', since: now, failures };
  return { kind: 'closed', failures };
}

/** Reads a state that was written as JSON; anything else is a closed breaker. */
export function asBreakerState(value: unknown): BreakerState {
  if (typeof value !== 'object' || value === null) return closedBreaker;
  const { kind, since, failures } = value as Record<string, unknown>;
  const count = typeof failures === 'number' && failures >= 0 ? failures : 0;
  if ((kind === 'open' || kind === 'half-open') && typeof since === 'number') return { kind, since, failures: count };
  return kind === 'closed' ? { kind, failures: count } : closedBreaker;
}
