import type { Clock } from '../model/clock.ts';
import type { ChannelState, DeliveryResult, Notifier } from '../model/notification.ts';
import { askedWaitMs, backoffMs } from './backoff.ts';

/** After this many failed attempts in a row the channel's trouble is told through the others. */
export const failuresUntilTold = 4;
/** How long a channel that refused us (login, address) is left alone, at first and at most. */
const firstPauseMs = 5 * 60_000;
const longestPauseMs = 3_600_000;
/** After so many failures in a row the whole channel waits, not only the messages; for at most so long. */
const failuresUntilSlow = 3;
const longestSlowMs = 30_000;

/** What a channel did before the start. */
export interface ChannelHistory {
  readonly delivered: number;
  readonly dead: number;
  readonly lastDeliveredAt?: number;
  /** Ms for which it is to be left alone still, because the receiver had asked for it. @default 0 */
  readonly closedForMs?: number;
}

/** The record in which it is kept until when a channel is left alone, so that a restart does not ask on. */
export const closedRecordId = (channel: string): string => `notify:closed-until:${channel}`;

/** How a channel does: its counts, and its circuit breaker, which leaves it alone for a while when it fails. */
export interface LaneHealth {
  readonly failuresInRow: number;
  /** Steady ms before which nothing may be sent; 0 when it may. */
  readonly closedUntil: number;
  /** Steady ms of the last delivery; undefined when there was none. */
  readonly lastDelivered: number | undefined;
  succeeded(count: number): void;
  /** Takes a failure in; the answer is how long the message itself has to wait. */
  failed(result: Exclude<DeliveryResult, { outcome: 'delivered' }>, attempts: number): number;
  /** A test went wrong: worth showing, but no reason to stop. */
  noted(summary: string): void;
  gaveUp(): void;
  state(queued: number): ChannelState;
}

/** Starts the record of one channel. */
export function createLaneHealth(
  notifier: Notifier,
  clock: Clock,
  history: ChannelHistory,
  random: () => number,
): LaneHealth {
  let { delivered, dead, lastDeliveredAt } = history;
  let failuresInRow = 0;
  let lastError: string | undefined;
  let closedUntil = clock.monotonic() + (history.closedForMs ?? 0);
  let pauseMs = firstPauseMs;
  let lastDelivered =
    lastDeliveredAt === undefined ? undefined : clock.monotonic() - Math.max(0, clock.now() - lastDeliveredAt);

  const close = (until: number): void => {
    closedUntil = Math.max(closedUntil, until);
  };

  return {
    get failuresInRow() {
      return failuresInRow;
    },
    get closedUntil() {
      return closedUntil;
    },
    get lastDelivered() {
      return lastDelivered;
    },
    succeeded(count) {
      delivered += count;
      lastDeliveredAt = clock.now();
      lastDelivered = clock.monotonic();
      failuresInRow = 0;
      lastError = undefined;
      closedUntil = 0;
      pauseMs = firstPauseMs;
    },
    failed(result, attempts) {
      const now = clock.monotonic();
      failuresInRow += 1;
      lastError = result.summary;
      if (result.outcome === 'final') {
        // A receiver that refuses our login or knows nothing of the address will say so again: asking on could get us banned.
        if (result.reason !== 'auth' && result.reason !== 'gone') return 0;
        close(now + pauseMs);
        pauseMs = Math.min(longestPauseMs, pauseMs * 2);
        return 0;
      }
      const usual = backoffMs(attempts, random);
      const unknownFate = result.reason === 'timeout' ? (notifier.ambiguousWaitMs ?? 0) : 0;
      const asked = result.retryAfterMs === undefined ? undefined : askedWaitMs(result.retryAfterMs, random);
      const waitMs = asked ?? Math.max(usual, unknownFate);
      // Whoever names a time means us, not this one message.
      if (asked !== undefined || result.reason === 'rate-limited') close(now + waitMs);
      else if (failuresInRow >= failuresUntilSlow) {
        close(now + Math.min(longestSlowMs, backoffMs(failuresInRow - failuresUntilSlow + 1, random)));
      }
      return waitMs;
    },
    noted(summary) {
      lastError = summary;
    },
    gaveUp() {
      dead += 1;
    },
    state(queued) {
      const { name, kind, target, minSeverity, fallback } = notifier;
      const waitMs = closedUntil - clock.monotonic();
      return {
        name,
        kind,
        target,
        minSeverity,
        health: failuresInRow > 0 ? 'failing' : delivered + dead > 0 ? 'ok' : 'unused',
        queued,
        deliveredCount: delivered,
        deadCount: dead,
        breaker: waitMs > 0 ? 'open' : failuresInRow >= failuresUntilSlow ? 'half-open' : 'closed',
        ...(waitMs > 0 ? { opensAt: Math.round(clock.now() + waitMs) } : {}),
        ...(lastDeliveredAt === undefined ? {} : { lastDeliveredAt }),
        ...(lastError === undefined ? {} : { lastError }),
        ...(fallback === undefined ? {} : { fallback }),
      };
    },
  };
}
