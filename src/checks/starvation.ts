import type { Clock } from '../model/clock.ts';
import { formatDuration } from '../model/duration.ts';

/** Tells whether the monitor itself was unable to watch: blocked, stopped, suspended, or with a clock that was changed. */
export interface Starvation {
  /** Why a bad result of a run that began at `startedAt` (monotonic ms) cannot be trusted; undefined when it can. */
  excuse(startedAt: number): string | undefined;
  stop(): void;
}

/** Own delays smaller than this are ordinary. */
const ordinaryLatenessMs = 50;
/** From here on a delay is a pause of the whole monitor, after which network and peers need a moment too. */
const pauseMs = 5000;
/** A wall clock that moves this much against the monotonic one was changed, or the machine slept. */
const clockJumpMs = 2000;
/** So long after a pause or a jump bad results are not believed. */
const recoveryMs = 15_000;
/** A run that was late for this share of its time says more about us than about its target. */
const tolerableShare = 0.2;

interface Disturbance {
  /** Monotonic ms. */
  readonly from: number;
  readonly at: number;
  readonly lateMs: number;
  readonly jumpMs: number;
}

/**
 * Watches the monitor's own heartbeat. One tick per `periodMs`.
 * @default periodMs 500
 */
export function watchStarvation(clock: Clock, onJump?: (jumpMs: number) => void, periodMs = 500): Starvation {
  let beatAt = clock.monotonic();
  let beatWall = clock.now();
  let disturbances: Disturbance[] = [];

  /** What has happened since the last beat; also used between beats, because a blocked loop runs deadlines before beats. */
  function sinceBeat(): Disturbance | undefined {
    const at = clock.monotonic();
    const lateMs = Math.max(0, at - beatAt - periodMs);
    const jumpMs = clock.now() - beatWall - (at - beatAt);
    if (lateMs < ordinaryLatenessMs && Math.abs(jumpMs) < clockJumpMs) return undefined;
    return { from: beatAt, at, lateMs, jumpMs: Math.abs(jumpMs) < clockJumpMs ? 0 : jumpMs };
  }

  const beat = clock.every(periodMs, () => {
    const found = sinceBeat();
    beatAt = clock.monotonic();
    beatWall = clock.now();
    if (!found) return;
    // Ten minutes cover the longest deadline a check can have.
    disturbances = disturbances.filter((one) => one.at > beatAt - 600_000);
    disturbances.push(found);
    if (found.jumpMs !== 0) onJump?.(found.jumpMs);
  });

  return {
    excuse(startedAt) {
      const now = clock.monotonic();
      const open = sinceBeat();
      let lateMs = 0;
      for (const one of open ? [...disturbances, open] : disturbances) {
        if (one.at < startedAt - recoveryMs) continue;
        if (one.jumpMs !== 0) return jumpWords(one.jumpMs);
        if (one.lateMs >= pauseMs) return `the monitor itself was stopped for ${formatDuration(one.lateMs)}`;
        if (one.at > startedAt) lateMs += Math.min(one.lateMs, one.at - startedAt);
      }
      if (lateMs < ordinaryLatenessMs || lateMs < tolerableShare * (now - startedAt)) return undefined;
      return `the monitor itself was blocked for ${formatDuration(lateMs)} of the ${formatDuration(now - startedAt)}`;
    },
    stop: () => beat.cancel(),
  };
}

function jumpWords(jumpMs: number): string {
  if (jumpMs > 0) return `the machine slept or its clock was set forward by ${formatDuration(jumpMs)}`;
  return `the machine's clock was set back by ${formatDuration(-jumpMs)}`;
}
