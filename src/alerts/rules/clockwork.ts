import type { Clock } from '../../model/clock.ts';
import type { Rule } from '../rule.ts';

/** A silence of the monitor itself that is longer than this means that nobody looked: it was blocked, suspended, or its clock jumped. */
const mostSilenceMs = 20_000;
/** How long evaluations may hold the event loop before others get a turn, ms. */
const sliceMs = 10;

/** Lets the rules that look by themselves look when it is time. */
export interface Clockwork {
  /** Epoch ms since when the monitor has been looking without a break. */
  readonly awakeSince: number;
  /** Evaluates what is due. Call it about once a second. */
  tick(): Promise<void>;
  /** Epoch ms of the newest evaluation of a rule; undefined before the first. */
  lookedAt(rule: Rule): number | undefined;
}

/**
 * Rules look at whole multiples of their period. A multiple that was missed, because the monitor did not run, is left out and not made up
 * for: nothing was seen then. `evaluate` runs a slice of due rules in one transaction and says how many it managed within the time.
 */
export function createClockwork(options: {
  readonly clock: Clock;
  readonly rules: () => readonly Rule[];
  readonly evaluate: (due: readonly Due[], mayGoOn: () => boolean) => Promise<number>;
}): Clockwork {
  const { clock } = options;
  const next = new WeakMap<Rule, number>();
  const looked = new WeakMap<Rule, number>();
  let awakeSince = clock.now();
  let wall = clock.now();
  let steady = clock.monotonic();

  /** True when the time since the last tick is such that nothing can be concluded from it. */
  function overslept(now: number): boolean {
    const wallGap = now - wall;
    const steadyGap = clock.monotonic() - steady;
    wall = now;
    steady = clock.monotonic();
    if (wallGap < -1000) for (const rule of options.rules()) rule.byClock?.turnedBack?.(now);
    return wallGap < -1000 || wallGap > mostSilenceMs || steadyGap > mostSilenceMs;
  }

  function collect(now: number): Due[] {
    const due: Due[] = [];
    for (const rule of options.rules()) {
      const every = rule.byClock!.everyMs;
      const at = Math.floor(now / every) * every;
      const planned = next.get(rule);
      if (planned === undefined) next.set(rule, at + every);
      else if (planned <= at) {
        next.set(rule, at + every);
        due.push({ rule, at });
      }
    }
    return due;
  }

  return {
    get awakeSince() {
      return awakeSince;
    },
    lookedAt: (rule) => looked.get(rule),
    async tick() {
      const now = clock.now();
      if (overslept(now)) {
        awakeSince = now;
        for (const rule of options.rules()) {
          const every = rule.byClock!.everyMs;
          next.set(rule, Math.floor(now / every) * every + every);
        }
        return;
      }
      let due = collect(now);
      while (due.length > 0) {
        const until = clock.monotonic() + sliceMs;
        const done = await options.evaluate(due, () => clock.monotonic() < until);
        for (const { rule, at } of due.slice(0, done)) looked.set(rule, at);
        due = due.slice(done);
        if (due.length > 0) await new Promise<void>((resolve) => setImmediate(resolve));
      }
    },
  };
}

/** A rule whose time it is, and for which moment it looks. */
export interface Due {
  readonly rule: Rule;
  readonly at: number;
}
