/** First wait after a failed attempt; each further one doubles it. */
const firstMs = 1000;
/** Longest wait between two attempts. */
const longestMs = 5 * 60_000;

/**
 * Milliseconds to wait after the `attempts`-th failed attempt: 1 s, 2 s, 4 s … 5 min, each up to 25 % longer by chance, so that many
 * messages that failed together do not come back together. `random` gives 0..1.
 */
export function backoffMs(attempts: number, random: () => number = Math.random): number {
  const base = Math.min(longestMs, firstMs * 2 ** Math.max(0, Math.min(attempts, 30) - 1));
  return Math.round(base * (1 + 0.25 * random()));
}

/**
 * Milliseconds to wait when the receiver named a time: never earlier than asked, and within one second after it.
 */
export function askedWaitMs(retryAfterMs: number, random: () => number = Math.random): number {
  return Math.ceil(retryAfterMs + 50 + 450 * random());
}
