import type { Episode, EpisodeTally, Transition } from '../model/alert.ts';
import { formatDuration } from '../model/duration.ts';
import { isAtLeast } from '../model/severity.ts';
import type { Finding, Policy } from './rule.ts';

/** What the machine needs to know about an identity that has no episode yet. */
export interface Birth {
  readonly id: string;
  readonly fingerprint: string;
  readonly rule: string;
  readonly alertType: string;
  readonly source: string;
}

/** A step in an episode's life. Without `kind` only its figures changed. */
export interface Step {
  readonly episode: Episode;
  readonly kind?: Transition['kind'];
  readonly reason: string;
}

const nothingCounted: EpisodeTally = { bad: 0, good: 0, worse: 0, milder: 0 };

/**
 * The state machine of one identity: the open episode (if any) and a finding give the next step, or undefined when nothing changes.
 * Pure: it reads no clock, no store and nothing but its arguments. A step with kind `forgotten` or `resolved` closes the episode.
 */
export function step(
  open: Episode | undefined,
  birth: Birth,
  finding: Finding,
  policy: Policy,
  now: number,
): Step | undefined {
  switch (finding.verdict) {
    case 'unknown':
      return undefined;
    case 'over':
      return open && end(open, finding.reason, now);
    case 'good':
      return open && good(open, finding, policy, now);
    case 'bad':
      return open ? bad(open, finding, policy, now) : begin(birth, finding, policy, now);
  }
}

function begin(birth: Birth, finding: Finding, policy: Policy, now: number): Step {
  const pending: Episode = {
    ...birth,
    ...factsOf(finding),
    labels: finding.labels,
    state: 'pending',
    severity: finding.severity,
    startedAt: now,
    lastSeenAt: now,
    notified: false,
    tally: { ...nothingCounted, bad: 1, ...recentWith(undefined, true, policy) },
  };
  return (
    fireWhenDue(pending, finding, policy, now) ?? {
      episode: pending,
      kind: 'pending',
      reason: progressOf(pending, policy, now),
    }
  );
}

function bad(open: Episode, finding: Finding, policy: Policy, now: number): Step {
  const tally = open.tally ?? nothingCounted;
  if (open.state === 'pending') {
    const waiting: Episode = {
      ...open,
      ...factsOf(finding),
      severity: finding.severity,
      startedAt: open.startedAt + unwatched(open, policy, now),
      lastSeenAt: now,
      tally: { ...nothingCounted, bad: tally.bad + 1, ...recentWith(tally, true, policy) },
    };
    return fireWhenDue(waiting, finding, policy, now) ?? { episode: waiting, reason: progressOf(waiting, policy, now) };
  }
  const worse = finding.severity !== open.severity && isAtLeast(finding.severity, open.severity);
  const milder = finding.severity !== open.severity && !worse;
  const counted: EpisodeTally = {
    bad: tally.bad + 1,
    good: 0,
    worse: worse ? tally.worse + 1 : 0,
    milder: milder ? tally.milder + 1 : 0,
  };
  const rises = counted.worse >= policy.failures;
  const falls = counted.milder >= policy.recoveries;
  // Until a change of severity is decided, the message stays with the severity that is in force.
  const facts = worse && !rises ? {} : factsOf(finding);
  const episode: Episode = { ...open, ...facts, lastSeenAt: now, tally: counted };
  if (!rises && !falls) return { episode, reason: finding.reason };
  return {
    episode: { ...episode, severity: finding.severity, tally: { ...counted, worse: 0, milder: 0 } },
    kind: rises ? 'escalated' : 'deescalated',
    reason: finding.reason,
  };
}

function good(open: Episode, finding: Finding, policy: Policy, now: number): Step {
  const before = open.tally ?? nothingCounted;
  if (open.state === 'pending') {
    const recent = recentWith(before, false, policy);
    if (recent.recent?.includes('1')) {
      return { episode: { ...open, lastSeenAt: now, tally: { ...before, ...recent } }, reason: finding.reason };
    }
    return { episode: close(open, now), kind: 'forgotten', reason: finding.reason };
  }
  const clearSince = Math.min(before.clearSince ?? now, now);
  const tally: EpisodeTally = { ...nothingCounted, good: before.good + 1, clearSince };
  if (tally.good >= policy.recoveries && now - clearSince >= policy.keepFiringForMs) {
    return end({ ...open, tally }, finding.reason, now);
  }
  return { episode: { ...open, tally }, reason: finding.reason };
}

function fireWhenDue(episode: Episode, finding: Finding, policy: Policy, now: number): Step | undefined {
  const count = badIn(episode);
  if (count < policy.failures || now - episode.startedAt < policy.forMs) return undefined;
  const counted =
    policy.outOf === undefined
      ? `${count} times in a row (limit ${policy.failures})`
      : `${count} of the last ${policy.outOf} times (limit ${policy.failures})`;
  const reason = policy.failures > 1 ? `${finding.reason}, ${counted}` : finding.reason;
  return { episode: { ...episode, state: 'firing', firedAt: now, reason }, kind: 'firing', reason };
}

function end(open: Episode, reason: string, now: number): Step {
  const kind = open.state === 'pending' ? 'forgotten' : 'resolved';
  return { episode: close({ ...open, reason }, now), kind, reason };
}

function close(open: Episode, now: number): Episode {
  return { ...open, state: 'resolved', resolvedAt: now };
}

function progressOf(episode: Episode, policy: Policy, now: number): string {
  const waited = formatDuration(Math.max(0, now - episode.startedAt));
  const duration = policy.forMs > 0 ? `, for ${waited} of ${formatDuration(policy.forMs)}` : '';
  return `${episode.reason} (${badIn(episode)} of ${policy.failures}${duration})`;
}

/** Bad observations that count: those in a row, or those among the last few. */
function badIn({ tally }: Episode): number {
  return tally?.recent === undefined ? (tally?.bad ?? 0) : tally.recent.replaceAll('0', '').length;
}

/** The last observations with one more, for rules that count among the last few. */
function recentWith(tally: EpisodeTally | undefined, isBad: boolean, policy: Policy): { recent?: string } {
  if (policy.outOf === undefined) return {};
  return { recent: `${tally?.recent ?? ''}${isBad ? '1' : '0'}`.slice(-policy.outOf) };
}

/** Time since the last observation during which nobody looked, as after a restart or a suspended machine. */
function unwatched(open: Episode, policy: Policy, now: number): number {
  const gap = now - open.lastSeenAt;
  return policy.mostGapMs !== undefined && gap > policy.mostGapMs ? gap : 0;
}

type Facts = Pick<Episode, 'message' | 'reason' | 'context'> &
  Partial<Pick<Episode, 'value' | 'threshold' | 'unit' | 'series' | 'annotations' | 'runbook'>>;

/** What an episode shows of its newest finding. */
function factsOf(finding: Finding): Facts {
  return {
    message: finding.message,
    reason: finding.reason,
    context: finding.context ?? {},
    ...(finding.value === undefined ? {} : { value: finding.value }),
    ...(finding.threshold === undefined ? {} : { threshold: finding.threshold }),
    ...(finding.unit === undefined ? {} : { unit: finding.unit }),
    ...(finding.series === undefined ? {} : { series: finding.series }),
    ...(finding.annotations === undefined ? {} : { annotations: finding.annotations }),
    ...(finding.runbook === undefined ? {} : { runbook: finding.runbook }),
  };
}
