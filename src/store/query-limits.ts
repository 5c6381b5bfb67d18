import { MonitorError } from '../model/problem.ts';
import type { Aggregate, RangeQuery } from '../model/store.ts';

/** Most values in one answer: steps times series times aggregates. */
const MOST_VALUES = 2_000_000;
const MOST_STEPS = 1_000_000;
const DEFAULT_DEADLINE_MS = 10_000;
const hint = 'Ask for fewer series, a shorter range or wider steps.';

/** When a question has to be given up: its time is over, or nobody waits for the answer any more. */
export class Deadline {
  readonly #ms: number;
  readonly #signal: AbortSignal | undefined;
  readonly #started = performance.now();

  constructor(ms = DEFAULT_DEADLINE_MS, signal?: AbortSignal) {
    if (!(ms > 0)) throw new MonitorError('bad-argument', `The deadline of a query must be above 0 ms, seen: ${ms}.`);
    this.#ms = ms;
    this.#signal = signal;
    signal?.throwIfAborted();
  }

  /** Throws MonitorError `query-too-slow`, or the reason of the signal. */
  check(): void {
    this.#signal?.throwIfAborted();
    if (performance.now() - this.#started > this.#ms)
      throw new MonitorError('query-too-slow', `The query did not finish within ${this.#ms} ms.`, { hint });
  }
}

/** Throws MonitorError `query-too-large` when the answer would be too long. */
export function checkSize(steps: number, series: number, aggregates: number): void {
  const values = steps * series * aggregates;
  if (values <= MOST_VALUES) return;
  throw new MonitorError(
    'query-too-large',
    `The answer could have ${values} values (${steps} steps, ${series} series, ${aggregates} aggregates), more than ${MOST_VALUES}.`,
    { hint },
  );
}

const known = /^(avg|min|max|sum|count|last|rate|increase|p\d{1,2}(\.\d+)?|p100)$/;

/** Throws MonitorError `bad-argument` for a question that makes no sense. */
export function checkRange(query: Pick<RangeQuery, 'from' | 'to' | 'stepMs' | 'aggregates'>): void {
  const wrong = wrongWith(query);
  if (wrong === undefined) return;
  throw new MonitorError('bad-argument', wrong, {
    hint: 'Times are epoch milliseconds; aggregates are avg, min, max, sum, count, last, rate, increase and p50 to p99.9.',
  });
}

function wrongWith({ from, to, stepMs, aggregates }: Parameters<typeof checkRange>[0]): string | undefined {
  if (!Number.isFinite(from) || !Number.isFinite(to) || to < from)
    return 'The range of a query must have a start and a later end.';
  if (!(stepMs > 0)) return `The step of a query must be above 0 ms, seen: ${stepMs}.`;
  if ((to - from) / stepMs > MOST_STEPS) return `The query has more than ${MOST_STEPS} steps.`;
  const strange = aggregates.find((aggregate: Aggregate) => !known.test(aggregate));
  if (strange !== undefined) return `The aggregate ${String(strange).slice(0, 40)} is not known.`;
  return undefined;
}
