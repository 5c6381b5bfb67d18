import type { Clock } from '../../model/clock.ts';
import { Refusal } from '../refusal.ts';

const perNameAndPeer = { capacity: 5, refillMs: 30_000 };
const overall = { capacity: 60, refillMs: 1000 };
const mostBuckets = 10_000;

/** Slows down guessing: 5 tries per name and peer, then one each 30 s; 60 for all together, then one a second. */
export interface AttemptLimit {
  /** Counts a try. Throws Refusal `too-often` with Retry-After. */
  take(ip: string, name: string): void;
  /** A right password clears the peer's count for that name. */
  forgive(ip: string, name: string): void;
}

interface Bucket {
  tokens: number;
  at: number;
}

export function createAttemptLimit(clock: Clock): AttemptLimit {
  const all: Bucket = { tokens: overall.capacity, at: clock.monotonic() };
  const buckets = new Map<string, Bucket>();
  const key = (ip: string, name: string) => `${ip}\n${name.slice(0, 100)}`;
  return {
    take(ip, name) {
      const id = key(ip, name);
      let bucket = buckets.get(id);
      if (!bucket) {
        // The oldest go first: memory stays bounded however many names somebody tries.
        if (buckets.size >= mostBuckets) buckets.delete(buckets.keys().next().value!);
        bucket = { tokens: perNameAndPeer.capacity, at: clock.monotonic() };
        buckets.set(id, bucket);
      }
      spend(bucket, perNameAndPeer, clock.monotonic());
      spend(all, overall, clock.monotonic());
    },
    forgive(ip, name) {
      buckets.delete(key(ip, name));
    },
  };
}

function spend(bucket: Bucket, limit: { capacity: number; refillMs: number }, now: number): void {
  bucket.tokens = Math.min(limit.capacity, bucket.tokens + (now - bucket.at) / limit.refillMs);
  bucket.at = now;
  if (bucket.tokens < 1) {
    const seconds = Math.ceil(((1 - bucket.tokens) * limit.refillMs) / 1000);
    throw new Refusal('too-often', 'Too many login attempts.', {
      hint: `Try again in ${seconds} s.`,
      headers: { 'retry-after': String(seconds) },
    });
  }
  bucket.tokens -= 1;
}
