import type { Clock } from '../../model/clock.ts';

/** Counters of one statement since the server's statistics were reset. */
export interface StatementCount {
  readonly id: string;
  readonly calls: number;
  readonly totalMs: number;
}

/** The time between two passes: what a server counts since its start becomes what happened lately. */
export interface Window {
  /** A pass begins. */
  begin(): void;
  /** When this pass began, epoch ms. */
  readonly now: number;
  /** Length of the window that ends with this pass, s; undefined in the first. */
  readonly seconds: number | undefined;
  /** How much a counter grew since the pass before; undefined in the first pass and after the counter was reset. */
  growth(name: string, value: number | null | undefined): number | undefined;
  /**
   * Which statements were called since the pass before, most time first; undefined in the first pass.
   * `complete` says that no statement is missing from the list; otherwise one that is seen for the first time may be old, and waits for the next pass.
   */
  used(counts: readonly StatementCount[], complete: boolean): readonly StatementCount[] | undefined;
  /** What is known of statements and does not change: their texts, by id. Forgets the oldest past 500. */
  readonly texts: {
    get(id: string): string | undefined;
    set(id: string, text: string): void;
  };
}

const mostTexts = 500;

/** Makes a window that has not seen a pass. */
export function createWindow(clock: Clock): Window {
  let at: number | undefined;
  let seconds: number | undefined;
  let wall = clock.now();
  const counters = new Map<string, number>();
  const texts = new Map<string, string>();
  let statements: ReadonlyMap<string, StatementCount> | undefined;

  return {
    begin() {
      const now = clock.monotonic();
      seconds = at === undefined ? undefined : (now - at) / 1000;
      at = now;
      wall = clock.now();
    },
    get now() {
      return wall;
    },
    get seconds() {
      return seconds;
    },
    growth(name, value) {
      if (value === null || value === undefined || !Number.isFinite(value)) return undefined;
      const before = counters.get(name);
      counters.set(name, value);
      return before === undefined || value < before ? undefined : value - before;
    },
    used(counts, complete) {
      const before = statements;
      statements = new Map(counts.map((one) => [one.id, one]));
      if (!before) return undefined;
      return counts
        .flatMap((now) => {
          const then = before.get(now.id);
          if (!then) return complete ? [now] : [];
          // Fewer calls than before: the statistics were reset, so all of it is new.
          if (now.calls < then.calls) return [now];
          return [{ id: now.id, calls: now.calls - then.calls, totalMs: Math.max(0, now.totalMs - then.totalMs) }];
        })
        .filter((one) => one.calls > 0)
        .sort((a, b) => b.totalMs - a.totalMs);
    },
    texts: {
      get: (id) => texts.get(id),
      set(id, text) {
        texts.set(id, text);
        if (texts.size > mostTexts) texts.delete(texts.keys().next().value ?? '');
      },
    },
  };
}
