import type { Check } from '../model/check.ts';
import type { PoolsView } from '../model/pool.ts';
import { type PoolLimits, poolVerdict } from '../model/pool-verdict.ts';

/** Processes of which the pool is shown; more than these look alike. */
const mostPools = 5;

/**
 * The same check, whose result holds the newest snapshot of the application's own pool when it is not fine: whether the database fails
 * or the application starves itself is the first question then.
 */
export function withPoolEvidence(
  check: Check,
  pool: string,
  pools: Pick<PoolsView, 'pools'>,
  limits: PoolLimits,
): Check {
  return {
    info: check.info,
    async run(signal) {
      const outcome = await check.run(signal);
      if (outcome.status === 'ok') return outcome;
      const seen = pools.pools().filter((one) => one.name === pool && one.state !== 'gone');
      if (seen.length === 0) return outcome;
      const worst = seen
        .sort((a, b) => (b.snapshot.longestWaitMs ?? 0) - (a.snapshot.longestWaitMs ?? 0))
        .slice(0, mostPools);
      return {
        ...outcome,
        seen: {
          ...outcome.seen,
          pool: worst.map(({ service, instance, snapshot }) => ({
            service,
            instance,
            verdict: poolVerdict(snapshot, limits).text,
            at: snapshot.at,
            used: snapshot.used,
            idle: snapshot.idle,
            waiting: snapshot.waiting,
            max: snapshot.max,
            longest_wait_ms: snapshot.longestWaitMs,
            longest_hold_ms: snapshot.longestHoldMs,
            holders: snapshot.holders.map(({ site, count, longestMs, statement }) => ({
              site,
              count,
              longest_ms: longestMs,
              statement,
            })),
          })),
        },
      };
    },
    ...(check.close ? { close: () => check.close!() } : {}),
    ...(check.memory ? { memory: () => check.memory!() } : {}),
    ...(check.recall ? { recall: (value) => check.recall!(value) } : {}),
  };
}
