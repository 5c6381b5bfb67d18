import type { Aggregate, LatestPoint, RangeQuery } from '../model/store.ts';
import type { Catalog, SeriesEntry } from './catalog.ts';
import { Totals } from './page-sums.ts';
import { checkRange, Deadline } from './query-limits.ts';
import { Reader, type Reading } from './reader.ts';
import { Steps } from './steps.ts';
import type { Turns } from './turns.ts';

export type TopQuery = Omit<RangeQuery, 'stepMs' | 'aggregates'> & { aggregate: Aggregate; k: number };

/** What can be said of values by adding them up, without looking at each a second time. */
const simple: Partial<Record<Aggregate, (totals: Totals) => number>> = {
  avg: ({ sum, count }) => sum / count,
  sum: ({ sum }) => sum,
  min: ({ min }) => min,
  max: ({ max }) => max,
  count: ({ count }) => count,
  last: ({ last }) => last,
};

/** Which series are highest over a range? */
export class Top {
  readonly #catalog: Catalog;
  readonly #reader: Reader;
  readonly #turns: Turns;

  constructor(catalog: Catalog, reader: Reader, turns: Turns) {
    this.#catalog = catalog;
    this.#reader = reader;
    this.#turns = turns;
  }

  /** The `k` highest, highest first; `at` is the start of the range. Series without a value do not count. */
  async ask(query: TopQuery, signal?: AbortSignal): Promise<LatestPoint[]> {
    const { from, to, aggregate } = query;
    checkRange({ from, to, stepMs: Math.max(1, to - from), aggregates: [aggregate] });
    const deadline = new Deadline(query.deadlineMs, signal);
    const best = new Best(Math.max(0, query.k));
    await this.#turns.begin();
    try {
      const read = this.#readerOf(query);
      for (const entry of this.#catalog.find(query)) {
        if (this.#turns.spent()) {
          await this.#turns.pause();
          deadline.check();
        }
        const value = read(entry);
        if (value !== undefined && !Number.isNaN(value)) best.offer(entry, value);
      }
    } finally {
      this.#turns.end();
    }
    return best.list.map(({ entry: { name, labels, kind }, value }) => ({ name, labels, kind, at: from, value }));
  }

  /** How the value of one series is found: by adding up what is in memory where that is enough. */
  #readerOf({ from, to, aggregate, tier }: TopQuery): (entry: SeriesEntry) => number | undefined {
    const steps = new Steps(from, to, Math.max(1, to - from), [aggregate], from);
    const reading: Reading = { rawOnly: tier === 'raw', tiers: new Set() };
    const slowly = (entry: SeriesEntry) => {
      steps.reset();
      for (const day of this.#reader.daysWithin(Reader.firstMoment(steps), to))
        this.#reader.fill(entry, day, steps, reading);
      return steps.values(aggregate)[0];
    };
    const of = simple[aggregate];
    if (!of || !this.#reader.inMemory(from, to)) return slowly;
    const totals = new Totals();
    return (entry) => {
      if (entry.kind === 'sketch' || !this.#reader.total(entry.id, from, to, totals)) return slowly(entry);
      return totals.count === 0 ? undefined : of(totals);
    };
  }
}

/** The highest few of many values, in order. */
class Best {
  readonly #most: number;
  readonly list: { readonly entry: SeriesEntry; readonly value: number }[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  offer(entry: SeriesEntry, value: number): void {
    const { list } = this;
    if (list.length >= this.#most && !(value > (list.at(-1)?.value ?? Number.POSITIVE_INFINITY))) return;
    let place = list.length;
    while (place > 0 && list[place - 1]!.value < value) place--;
    list.splice(place, 0, { entry, value });
    if (list.length > this.#most) list.pop();
  }
}
