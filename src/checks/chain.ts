import {
  asBreakerState,
  type BreakerRules,
  type BreakerState,
  breakerAfter,
  breakerAt,
  closedBreaker,
} from '../model/breaker.ts';
import type { Check, CheckOutcome } from '../model/check.ts';
import type { Clock } from '../model/clock.ts';

/**
 * A fallback chain: connections in the order in which traffic would use them, each with a circuit breaker.
 * Every one of them is checked all the time, so that a standby is known to work before the day it is needed.
 */
export interface Chain {
  /** Puts a check in the chain, at the next position. */
  join(check: Check): Check;
}

interface Link {
  readonly name: string;
  breaker: BreakerState;
  /** Undefined before the first result. */
  usable: boolean | undefined;
}

/** Makes a chain. Its checks add `breaker`, `breaker_since_at`, `active` and `active_connection` to what they saw. */
export function createChain(rules: BreakerRules, clock: Clock): Chain {
  const links: Link[] = [];

  /** The first whose breaker lets traffic through and that is not known to be down. */
  function active(): Link | undefined {
    const open = links.filter((link) => breakerAt(link.breaker, rules, clock.now()).kind !== 'open');
    return open.find((link) => link.usable === true) ?? open.find((link) => link.usable === undefined);
  }

  function observe(link: Link, outcome: CheckOutcome): CheckOutcome {
    // A missing driver or a starved monitor says nothing about the connection.
    if (outcome.status !== 'unknown' && !outcome.inconclusive) {
      link.usable = outcome.status !== 'error';
      link.breaker = breakerAfter(link.breaker, rules, clock.now(), link.usable);
    }
    const chosen = active();
    return {
      ...outcome,
      seen: {
        ...outcome.seen,
        breaker: link.breaker.kind,
        ...('since' in link.breaker ? { breaker_since_at: link.breaker.since } : {}),
        ...(links.length > 1 ? { active: chosen === link, active_connection: chosen?.name ?? null } : {}),
      },
    };
  }

  return {
    join(check) {
      const link: Link = { name: check.info.name, breaker: closedBreaker, usable: undefined };
      links.push(link);
      return {
        ...check,
        info: check.info,
        async run(signal) {
          try {
            return observe(link, await check.run(signal));
          } catch (error) {
            observe(link, { status: 'error', reason: '', seen: {} });
            throw error;
          }
        },
        memory: () => ({ breaker: link.breaker }),
        recall(value) {
          link.breaker = asBreakerState((value as { breaker?: unknown } | null)?.breaker);
        },
      };
    },
  };
}
