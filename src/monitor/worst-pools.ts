import type { FallbackState, PoolState } from '../model/pool.ts';

/** A service with several processes has a pool of the same name in each: an alert is about the service, so the worst of them speaks. */
export function worstPools(pools: readonly PoolState[]): PoolState[] {
  return worst(
    pools,
    (pool) => `${pool.service}\n${pool.name}`,
    (pool) => pool.snapshot.longestWaitMs ?? 0,
  );
}

/** The same for fallback chains: the process with most breakers open speaks. */
export function worstFallbacks(chains: readonly FallbackState[]): FallbackState[] {
  return worst(
    chains,
    (chain) => `${chain.service}\n${chain.name}`,
    (chain) => chain.connections.filter(({ breaker }) => breaker !== 'closed').length,
  );
}

const ranks = { gone: 0, stale: 1, live: 2 } as const;

/** One of each group: a live one before a silent one before one that ended, then the worst. */
function worst<T extends { readonly state: keyof typeof ranks }>(
  all: readonly T[],
  keyOf: (one: T) => string,
  badness: (one: T) => number,
): T[] {
  const chosen = new Map<string, T>();
  for (const one of all) {
    const before = chosen.get(keyOf(one));
    const better =
      before === undefined ||
      ranks[one.state] > ranks[before.state] ||
      (one.state === before.state && badness(one) > badness(before));
    if (better) chosen.set(keyOf(one), one);
  }
  return [...chosen.values()];
}
