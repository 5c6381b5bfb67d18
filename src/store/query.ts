import { Sketch } from '../model/sketch.ts';
import type { RangeAnswer, RangeQuery, SeriesPart, Tier } from '../model/store.ts';
import type { Catalog, SeriesEntry } from './catalog.ts';
import { checkRange, checkSize, Deadline } from './query-limits.ts';
import { Reader, type Reading } from './reader.ts';
import { Steps } from './steps.ts';
import { Turns } from './turns.ts';

const coarseness: readonly Tier[] = ['raw', 'minute', 'hour'];

/** A choice of series, and the range that is asked about. */
export type SeriesRange = Pick<RangeQuery, 'from' | 'to' | 'matchers'> & { readonly name?: string };

/** Answers questions over time; gives way to ingest every few milliseconds. */
export class Queries {
  readonly #catalog: Catalog;
  readonly #reader: Reader;
  readonly turns = new Turns();

  constructor(catalog: Catalog, reader: Reader) {
    this.#catalog = catalog;
    this.#reader = reader;
  }

  async range(query: RangeQuery, signal?: AbortSignal): Promise<RangeAnswer> {
    checkRange(query);
    const deadline = new Deadline(query.deadlineMs, signal);
    await this.turns.begin();
    try {
      const limit = query.limit ?? 500;
      const found = this.#catalog.find(query, limit + 1);
      const entries = found.length > limit ? found.slice(0, limit) : found;
      const rawOnly = query.tier === 'raw';
      const stepMs = rawOnly ? query.stepMs : this.#reader.fittingStep(query.from, query.to, query.stepMs);
      const steps = new Steps(query.from, query.to, stepMs, query.aggregates);
      checkSize(steps.size, entries.length, query.aggregates.length);
      const reading: Reading = { rawOnly, tiers: new Set() };
      const series: RangeAnswer['series'][number][] = [];
      for (const entry of entries) {
        await this.#fill(entry, steps, reading, deadline);
        const at = steps.at();
        if (at.length === 0) continue;
        const values: Record<string, number[]> = {};
        for (const aggregate of query.aggregates) values[aggregate] = steps.values(aggregate);
        series.push({ name: entry.name, labels: entry.labels, kind: entry.kind, at, values });
      }
      const tiers = coarseness.filter((tier) => reading.tiers.has(tier));
      return { tier: tiers.at(-1) ?? 'raw', tiers, stepMs, truncated: found.length > limit, series };
    } finally {
      this.turns.end();
    }
  }

  async sketches(
    query: SeriesRange,
    signal?: AbortSignal,
  ): Promise<{ labels: SeriesEntry['labels']; sketch: Sketch }[]> {
    const deadline = new Deadline(undefined, signal);
    const list: { labels: SeriesEntry['labels']; sketch: Sketch }[] = [];
    const reading: Reading = { rawOnly: false, tiers: new Set() };
    const range = { from: query.from, to: query.to, fits: () => true };
    await this.turns.begin();
    try {
      for (const entry of this.#catalog.find(query)) {
        if (entry.kind !== 'sketch') continue;
        const merged = new Sketch();
        for (const day of this.#reader.daysWithin(query.from, query.to)) {
          await this.#breathe(deadline);
          this.#reader.sketches(entry, day, range, reading, (_start, sketch) => merged.merge(sketch));
        }
        if (merged.count > 0) list.push({ labels: entry.labels, sketch: merged });
      }
    } finally {
      this.turns.end();
    }
    return list;
  }

  /** Everything as it came, day by day. Between two portions the thread is given away. */
  async *export(query: SeriesRange, signal?: AbortSignal): AsyncGenerator<SeriesPart> {
    const entries = this.#catalog
      .find(query)
      .sort((a, b) => (a.name === b.name ? a.id - b.id : a.name < b.name ? -1 : 1));
    for (const { id } of entries) {
      for (const day of this.#reader.daysWithin(query.from, query.to)) {
        signal?.throwIfAborted();
        // A series may be gone meanwhile.
        const entry = this.#catalog.get(id);
        await this.turns.begin();
        const part = entry && this.#part(entry, day, query);
        this.turns.end();
        if (part) yield part;
      }
    }
  }

  #part(entry: SeriesEntry, day: number, { from, to }: SeriesRange): SeriesPart | undefined {
    const { name, labels, kind } = entry;
    if (kind !== 'sketch') {
      const { times, values, count } = this.#reader.dayPoints(entry.id, day, from, to);
      if (count === 0) return undefined;
      return { name, labels, kind, at: [...times.subarray(0, count)], values: [...values.subarray(0, count)] };
    }
    const minutes = new Map<number, Sketch>();
    const range = { from, to, fits: () => false };
    this.#reader.sketches(entry, day, range, { rawOnly: false, tiers: new Set() }, (start, sketch) => {
      const present = minutes.get(start) ?? new Sketch();
      present.merge(sketch);
      minutes.set(start, present);
    });
    if (minutes.size === 0) return undefined;
    const at = [...minutes.keys()].sort((a, b) => a - b);
    return { name, labels, kind, at, sketches: at.map((start) => minutes.get(start)!) };
  }

  async #fill(entry: SeriesEntry, steps: Steps, reading: Reading, deadline: Deadline): Promise<void> {
    steps.reset();
    for (const day of this.#reader.daysWithin(Reader.firstMoment(steps), steps.to)) {
      // Each day is read in one go: what is re-chunked meanwhile is another day, or this one before or after.
      await this.#breathe(deadline);
      this.#reader.fill(entry, day, steps, reading);
    }
  }

  async #breathe(deadline: Deadline): Promise<void> {
    deadline.check();
    if (!this.turns.spent()) return;
    await this.turns.pause();
    deadline.check();
  }
}
