/**
 * Uptime as a share of time, not of runs: how long something was up, of the time in which anybody looked.
 * Rules: warning is up; error is down; unknown, inconclusive and stale are time in which nobody could tell, and lower the coverage;
 * maintenance is left out of everything. A result holds until the next one, but never longer than it takes to become stale.
 */

/** A stretch of time, [from, to) in epoch ms, in which `up` of it was up: 1, 0, or a share between. */
export interface UptimeSegment {
  readonly from: number;
  readonly to: number;
  readonly up: number;
}

/** What is known about a window of time. */
export interface Uptime {
  /** Up time of the observed time, 0..1; null when nothing was observed. */
  readonly ratio: number | null;
  /** Observed time of the window (without maintenance), 0..1. */
  readonly coverageRatio: number;
  readonly upMs: number;
  readonly downMs: number;
  /** Time in the window that nobody observed. */
  readonly unknownMs: number;
}

export interface UptimeWindow {
  /** Epoch ms, inclusive. */
  readonly from: number;
  /** Epoch ms, exclusive. */
  readonly to: number;
  /** Time that does not count, such as planned maintenance. May overlap. */
  readonly excluded?: readonly { readonly from: number; readonly to: number }[];
}

/** A result as far as uptime is concerned. */
export interface UptimeResult {
  /** Epoch ms. */
  readonly at: number;
  readonly status: 'ok' | 'warning' | 'error' | 'unknown' | 'stale';
  readonly inconclusive?: boolean;
}

/** Uptime over a window. Where segments overlap, the one that begins later counts. */
export function uptime(segments: readonly UptimeSegment[], window: UptimeWindow): Uptime {
  const excluded = joined(window.excluded ?? [], window);
  const counted = (from: number, to: number) => to - from - overlap(excluded, from, to);
  const sorted = segments.filter((one) => one.to > one.from).toSorted((a, b) => a.from - b.from);
  let upMs = 0;
  let observedMs = 0;
  for (const [index, segment] of sorted.entries()) {
    const from = Math.max(segment.from, window.from);
    const to = Math.min(segment.to, window.to, sorted[index + 1]?.from ?? Number.POSITIVE_INFINITY);
    if (to <= from) continue;
    const length = counted(from, to);
    observedMs += length;
    upMs += length * Math.min(1, Math.max(0, segment.up));
  }
  const wholeMs = Math.max(0, counted(window.from, Math.max(window.from, window.to)));
  return {
    ratio: observedMs > 0 ? Math.min(1, upMs / observedMs) : null,
    coverageRatio: wholeMs > 0 ? Math.min(1, observedMs / wholeMs) : 0,
    upMs,
    downMs: observedMs - upMs,
    unknownMs: Math.max(0, wholeMs - observedMs),
  };
}

/**
 * The stretches that results stand for. `holdMs` is how long a result holds at most (two intervals and the timeout),
 * `until` is now: the last result does not hold into the future. Results may come in any order.
 */
export function segmentsOfResults(results: readonly UptimeResult[], holdMs: number, until: number): UptimeSegment[] {
  // An inconclusive result neither ends nor begins anything: what was known before goes on until it is stale.
  const sorted = results.filter((one) => !one.inconclusive).toSorted((a, b) => a.at - b.at);
  return sorted.flatMap((result, index) => {
    if (result.status === 'unknown' || result.status === 'stale') return [];
    const to = Math.min(result.at + holdMs, sorted[index + 1]?.at ?? Number.POSITIVE_INFINITY, until);
    return to > result.at ? [{ from: result.at, to, up: result.status === 'error' ? 0 : 1 }] : [];
  });
}

/**
 * The stretches behind a `check_up` series in steps: `values[i]` is the average from `at[i]` on. A step holds for its own width,
 * or for `holdMs` when checks run more rarely than there are steps; never beyond the next step with a value, or `until`.
 */
export function segmentsOfSteps(
  steps: { readonly at: readonly number[]; readonly values: readonly (number | null)[]; readonly stepMs: number },
  holdMs: number,
  until: number,
): UptimeSegment[] {
  const segments: UptimeSegment[] = [];
  let next = Number.POSITIVE_INFINITY;
  for (let index = steps.at.length - 1; index >= 0; index--) {
    const from = steps.at[index]!;
    const value = steps.values[index];
    if (value === null || value === undefined || !Number.isFinite(value)) continue;
    const to = Math.min(from + Math.max(steps.stepMs, holdMs), next, until);
    if (to > from) segments.push({ from, to, up: value });
    next = from;
  }
  return segments.reverse();
}

/** What is left of the failures that a goal allows, e.g. `errorBudget(uptime, 0.999)`. */
export interface ErrorBudget {
  /** Down time the goal allows in the observed time, ms. */
  readonly allowedMs: number;
  /** What is left of it, 0..1; negative when more than all of it is used; null when nothing was observed. */
  readonly leftRatio: number | null;
}

/** The error budget of a goal (0..1, e.g. 0.999) over the time that was observed. */
export function errorBudget({ upMs, downMs }: Uptime, goal: number): ErrorBudget {
  const allowedMs = (upMs + downMs) * (1 - goal);
  if (upMs + downMs === 0) return { allowedMs: 0, leftRatio: null };
  if (allowedMs === 0) return { allowedMs, leftRatio: downMs > 0 ? Number.NEGATIVE_INFINITY : 1 };
  return { allowedMs, leftRatio: 1 - downMs / allowedMs };
}

type Stretch = { readonly from: number; readonly to: number };

/** The same time without overlaps, in order, inside the window. */
function joined(stretches: readonly Stretch[], window: UptimeWindow): Stretch[] {
  const list: { from: number; to: number }[] = [];
  for (const { from, to } of stretches.toSorted((a, b) => a.from - b.from)) {
    const clipped = { from: Math.max(from, window.from), to: Math.min(to, window.to) };
    if (clipped.to <= clipped.from) continue;
    const last = list.at(-1);
    if (last && clipped.from <= last.to) last.to = Math.max(last.to, clipped.to);
    else list.push(clipped);
  }
  return list;
}

function overlap(stretches: readonly Stretch[], from: number, to: number): number {
  return stretches.reduce((sum, one) => sum + Math.max(0, Math.min(to, one.to) - Math.max(from, one.from)), 0);
}
