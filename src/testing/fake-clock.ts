import type { Clock } from '../model/clock.ts';

/** A clock that stands still until it is told to move; timers run in order on the way. */
export interface FakeClock extends Clock {
  /** Moves both clocks by `ms`, runs every timer that falls due, in order, and lets promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Changes the wall clock only, as an administrator or a suspended machine does. Negative values go back. */
  jump(ms: number): void;
  /** Moves both clocks at once, as a blocked event loop does: timers run late, in order, with the time already past. */
  freeze(ms: number): Promise<void>;
  /** Timers that wait to run. */
  readonly pending: number;
}

interface Waiting {
  readonly order: number;
  due: number;
  readonly periodMs: number | undefined;
  readonly fn: () => void;
}

/**
 * Makes a fake clock whose wall clock starts at `start` (epoch ms).
 * @default start 2026-01-01T00:00:00Z
 */
export function createFakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let elapsed = 0;
  let wall = start;
  let order = 0;
  const waiting = new Set<Waiting>();

  function add(delayMs: number, periodMs: number | undefined, fn: () => void) {
    const entry: Waiting = { order: order++, due: elapsed + Math.max(0, delayMs), periodMs, fn };
    waiting.add(entry);
    return { cancel: () => void waiting.delete(entry) };
  }

  function next(until: number): Waiting | undefined {
    let first: Waiting | undefined;
    for (const entry of waiting) {
      if (entry.due > until) continue;
      if (!first || entry.due < first.due || (entry.due === first.due && entry.order < first.order)) first = entry;
    }
    return first;
  }

  function moveTo(target: number): void {
    if (target <= elapsed) return;
    wall += target - elapsed;
    elapsed = target;
  }

  async function runDue(until: number): Promise<void> {
    await settle();
    for (let entry = next(until); entry; entry = next(until)) {
      moveTo(entry.due);
      // A period of nothing would never let time pass.
      if (entry.periodMs === undefined) waiting.delete(entry);
      else entry.due = Math.max(entry.due, elapsed) + Math.max(1, entry.periodMs);
      entry.fn();
      await settle();
    }
  }

  return {
    now: () => wall,
    monotonic: () => elapsed,
    after: (delayMs, fn) => add(delayMs, undefined, fn),
    every: (periodMs, fn) => add(periodMs, periodMs, fn),
    async advance(ms) {
      const target = elapsed + ms;
      await runDue(target);
      moveTo(target);
    },
    jump(ms) {
      wall += ms;
    },
    async freeze(ms) {
      moveTo(elapsed + ms);
      await runDue(elapsed);
    },
    get pending() {
      return waiting.size;
    },
  };
}

/** Lets promise chains run: through microtasks and one turn of the event loop, several times for chains that need it. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
