import { MonitorError } from '../model/problem.ts';
import { Sketch } from '../model/sketch.ts';
import type { Aggregate, LatestPoint, RangeAnswer, RangeQuery } from '../model/store.ts';
import type { Catalog, SeriesEntry } from './catalog.ts';
import type { Reader } from './reader.ts';
import { Steps } from './steps.ts';

const HOUR = 3_600_000;
/** Most values in one answer: steps times series times aggregates. */
const MOST_VALUES = 4_000_000;
/** How long a query may hold the thread before others get a turn, ms. */
const SLICE_MS = 12;

interface Limits {
  readonly deadlineMs?: number;
}

/** Answers questions over time; gives way to ingest every few milliseconds. */
export class Queries {
  readonly #catalog: Catalog;
  readonly #reader: Reader;

  constructor(catalog: Catalog, reader: Reader) {
    this.#catalog = catalog;
    this.#reader = reader;
  }

  async range(query: RangeQuery, signal?: AbortSignal): Promise<RangeAnswer> {
    checkRange(query);
    const limit = query.limit ?? 500;
    const found = this.#catalog.find(query, limit + 1);
    const entries = found.slice(0, limit);
    const stepMs = this.#reader.fittingStep(query.from, query.stepMs);
    const steps = new Steps(query.from, query.to, stepMs, query.aggregates);
    if (steps.size * Math.max(1, entries.length) * query.aggregates.length > MOST_VALUES) {
      throw new MonitorError('bad-argument', `The query would answer more than ${MOST_VALUES} values.`, {
        hint: 'Ask for fewer series, a shorter range or wider steps.',
      });
    }
    const series: RangeAnswer['series'][number][] = [];
    this.#reader.tierRead = 'raw';
    let tier: RangeAnswer['tier'] = 'raw';
    await this.#eachSeries(entries, query, signal, (entry) => {
      steps.reset();
      this.#reader.tierRead = tier;
      this.#reader.fill(entry, steps);
      tier = this.#reader.tierRead;
      const at = steps.at();
      if (at.length === 0) return;
      const values: Record<string, number[]> = {};
      for (const aggregate of query.aggregates) values[aggregate] = steps.values(aggregate);
      series.push({ name: entry.name, labels: entry.labels, kind: entry.kind, at, values });
    });
    return { tier, stepMs, truncated: found.length > limit, series };
  }

  async sketches(
    query: Pick<RangeQuery, 'name' | 'matchers' | 'from' | 'to'>,
    signal?: AbortSignal,
  ): Promise<{ labels: SeriesEntry['labels']; sketch: Sketch }[]> {
    const list: { labels: SeriesEntry['labels']; sketch: Sketch }[] = [];
    const entries = this.#catalog.find(query).filter((entry) => entry.kind === 'sketch');
    await this.#eachSeries(entries, {}, signal, (entry) => {
      const merged = new Sketch();
      this.#reader.sketches(entry, query.from, query.to, HOUR, (_start, sketch) => merged.merge(sketch));
      if (merged.count > 0) list.push({ labels: entry.labels, sketch: merged });
    });
    return list;
  }

  async top(
    query: Omit<RangeQuery, 'stepMs' | 'aggregates'> & { aggregate: Aggregate; k: number },
    signal?: AbortSignal,
  ): Promise<LatestPoint[]> {
    const { from, to, aggregate } = query;
    checkRange({ ...query, stepMs: 1, aggregates: [aggregate] });
    const steps = new Steps(from, to, Math.max(1, to - from), [aggregate], from);
    const list: LatestPoint[] = [];
    await this.#eachSeries(this.#catalog.find(query), query, signal, (entry) => {
      steps.reset();
      this.#reader.fill(entry, steps);
      const value = steps.values(aggregate)[0];
      if (value === undefined || Number.isNaN(value)) return;
      list.push({ name: entry.name, labels: entry.labels, kind: entry.kind, at: steps.at()[0]!, value });
    });
    return list.sort((a, b) => b.value - a.value).slice(0, Math.max(0, query.k));
  }

  async #eachSeries(
    entries: readonly SeriesEntry[],
    limits: Limits,
    signal: AbortSignal | undefined,
    work: (entry: SeriesEntry) => void,
  ): Promise<void> {
    const started = performance.now();
    let sliceStart = started;
    for (const entry of entries) {
      signal?.throwIfAborted();
      work(entry);
      const now = performance.now();
      if (now - started > (limits.deadlineMs ?? 10_000)) {
        throw new MonitorError('bad-argument', `The query did not finish within ${limits.deadlineMs ?? 10_000} ms.`, {
          hint: 'Ask for fewer series, a shorter range or wider steps.',
        });
      }
      if (now - sliceStart > SLICE_MS) {
        await new Promise<void>((resolve) => setImmediate(resolve));
        sliceStart = performance.now();
      }
    }
    signal?.throwIfAborted();
  }
}

function checkRange({ from, to, stepMs, aggregates }: Pick<RangeQuery, 'from' | 'to' | 'stepMs' | 'aggregates'>): void {
  const wrong =
    !Number.isFinite(from) || !Number.isFinite(to) || to < from
      ? 'The range of a query must have a start and a later end.'
      : !(stepMs > 0)
        ? 'The step of a query must be above zero.'
        : (to - from) / stepMs > 1_000_000 && stepMs > 1
          ? 'The query has more than a million steps.'
          : aggregates.find(
                (aggregate) => !/^(avg|min|max|sum|count|last|rate|increase|p\d+(\.\d+)?)$/.test(aggregate),
              ) !== undefined
            ? `The aggregates ${aggregates.join(', ')} are not all known.`
            : undefined;
  if (wrong)
    throw new MonitorError('bad-argument', wrong, {
      hint: 'Times are epoch milliseconds; aggregates are avg, min, max, sum, count, last, rate, increase and p50 to p99.9.',
    });
}
