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

/** A step of a breaker, or of the chain to another connection. */
export type ChainStep =
  | {
      readonly kind: 'breaker';
      readonly chain: string;
      readonly check: string;
      readonly name: string;
      readonly from: BreakerState['kind'];
      readonly to: BreakerState['kind'];
      /** What was seen in the run that decided it. */
      readonly reason: string;
    }
  | {
      readonly kind: 'active';
      readonly chain: string;
      /** The check of the connection that traffic should use now; undefined = none works. */
      readonly check: string | undefined;
      readonly name: string | undefined;
      readonly from: string;
      readonly reason: string;
    };

/** Who wants to hear of steps. */
export interface ChainEvents {
  readonly onStep?: (step: ChainStep) => void;
}

interface Link {
  readonly id: string;
  readonly name: string;
  breaker: BreakerState;
  /** Undefined before the first result. */
  usable: boolean | undefined;
}

/** Makes a chain with a name. Its checks add `breaker`, `breaker_since_at`, `active` and `active_connection` to what they saw. */
export function createChain(name: string, rules: BreakerRules, clock: Clock, events: ChainEvents = {}): Chain {
  const links: Link[] = [];
  const tell = events.onStep ?? (() => {});
  /** Undefined before anything is known. */
  let chosen: { readonly link: Link | undefined } | undefined;

  /** The first whose breaker lets traffic through and that is not known to be down. */
  function active(): Link | undefined {
    const open = links.filter((link) => breakerAt(link.breaker, rules, clock.now()).kind !== 'open');
    return open.find((link) => link.usable === true) ?? open.find((link) => link.usable === undefined);
  }

  function move(link: Link, to: BreakerState, reason: string): void {
    const { kind: from } = link.breaker;
    link.breaker = to;
    if (from === to.kind) return;
    tell({ kind: 'breaker', chain: name, check: link.id, name: link.name, from, to: to.kind, reason });
  }

  function judge(link: Link, { status, reason }: CheckOutcome): void {
    link.usable = status !== 'error';
    const now = clock.now();
    // The pause is over: this very run was the trial.
    const trial = breakerAt(link.breaker, rules, now);
    if (trial.kind === 'half-open') move(link, trial, 'the pause is over; one trial decides');
    move(link, breakerAfter(link.breaker, rules, now, link.usable), reason);
  }

  function choose(reason: string): Link | undefined {
    const next = active();
    if (links.length > 1 && chosen && chosen.link !== next) {
      const from = chosen.link?.name ?? 'none';
      tell({ kind: 'active', chain: name, check: next?.id, name: next?.name, from, reason });
    }
    chosen = { link: next };
    return next;
  }

  function observe(link: Link, outcome: CheckOutcome): CheckOutcome {
    // A missing driver or a starved monitor says nothing about the connection.
    if (outcome.status !== 'unknown' && !outcome.inconclusive) judge(link, outcome);
    const now = choose(`${link.name}: ${outcome.reason}`);
    return {
      ...outcome,
      seen: {
        ...outcome.seen,
        breaker: link.breaker.kind,
        ...('since' in link.breaker ? { breaker_since_at: link.breaker.since } : {}),
        ...(link.breaker.kind === 'open' ? { breaker_trial_at: link.breaker.since + rules.resetMs } : {}),
        ...(links.length > 1 ? { active: now === link, active_connection: now?.name ?? null } : {}),
      },
    };
  }

  return {
    join(check) {
      const link: Link = { id: check.info.id, name: check.info.name, breaker: closedBreaker, usable: undefined };
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
        memory: () => ({ ...(check.memory?.() as object | undefined), breaker: link.breaker }),
        recall(value) {
          check.recall?.(value);
          link.breaker = asBreakerState((value as { breaker?: unknown } | null)?.breaker);
        },
      };
    },
  };
}
