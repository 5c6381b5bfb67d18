import type { Notifier } from '../model/notification.ts';

/** A token bucket on the steady clock: a burst at once, then one after another. */
export interface Rate {
  /** Ms until the next request may leave; 0 when it may now. */
  waitMs(now: number): number;
  /** Counts a request that leaves now. */
  take(now: number): void;
}

/** Makes the bucket of a channel; without a limit nothing ever waits. */
export function createRate(limit: Notifier['rate']): Rate {
  if (!limit) return { waitMs: () => 0, take: () => undefined };
  const perMs = limit.perMinute / 60_000;
  let tokens = limit.burst;
  let filledAt: number | undefined;
  const fill = (now: number): void => {
    tokens = Math.min(limit.burst, tokens + (now - (filledAt ?? now)) * perMs);
    filledAt = now;
  };
  return {
    waitMs(now) {
      fill(now);
      return tokens >= 1 ? 0 : Math.ceil((1 - tokens) / perMs);
    },
    take(now) {
      fill(now);
      tokens -= 1;
    },
  };
}
