import { compileMatchers } from '../model/matcher.ts';
import type { Labels, Matcher, SeriesKind } from '../model/sample.ts';
import { Sketch } from '../model/sketch.ts';
import type { LatestPoint, RangeAnswer, RangeQuery, SeriesPart, SeriesStore, StoreStats } from '../model/store.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

interface Point {
  readonly at: number;
  readonly value: number;
  readonly sketch?: Sketch;
}

/** One series with every point it ever got. */
interface Line {
  readonly name: string;
  readonly labels: Labels;
  readonly kind: SeriesKind;
  /** As they came. */
  readonly arrived: Point[];
}

/**
 * A `SeriesStore` in memory, plain and exact: for tests of what asks the store, and as the model that the store on the disk is compared with.
 * It keeps everything for ever as it came.
 */
export function createMemorySeriesStore(): SeriesStore {
  const lines = new Map<string, Line>();

  const lineOf = (name: string, labels: Labels, kind: SeriesKind): Line => {
    const key = `${kind === 'sketch'}${name}${JSON.stringify(Object.entries(labels).sort())}`;
    let line = lines.get(key);
    if (!line) {
      line = { name, labels, kind, arrived: [] };
      lines.set(key, line);
    }
    return line;
  };
  const matching = ({ name, matchers }: { name?: string; matchers?: readonly Matcher[] }): Line[] => {
    const fits = compileMatchers(matchers ?? []);
    return [...lines.values()].filter(
      (line) => (name === undefined || line.name === name) && fits({ ...line.labels, __name__: line.name }),
    );
  };

  return {
    append(samples) {
      for (const { name, labels, at, value, kind } of samples) {
        if (Number.isFinite(at)) lineOf(name, labels, kind ?? 'gauge').arrived.push({ at: Math.floor(at), value });
      }
    },
    appendSketches(points) {
      for (const { name, labels, at, sketch } of points) {
        const copy = Sketch.decode(sketch.encode());
        lineOf(name, labels, 'sketch').arrived.push({ at: Math.floor(at), value: copy.sum / copy.count, sketch: copy });
      }
    },
    seriesId(name, labels, kind) {
      const line = lineOf(name, labels, kind ?? 'gauge');
      return [...lines.values()].indexOf(line);
    },
    appendColumns(at, ids, values) {
      const all = [...lines.values()];
      for (const [i, id] of ids.entries()) all[id]?.arrived.push({ at: Math.floor(at), value: values[i]! });
    },
    flush: async () => {},
    async query(query, signal) {
      signal?.throwIfAborted();
      const found = matching(query);
      const series = found
        .slice(0, query.limit ?? 500)
        .map((line) => answer(line, query))
        .filter((one) => one.at.length > 0);
      const truncated = found.length > (query.limit ?? 500);
      return { tier: 'raw', tiers: ['raw'], stepMs: query.stepMs, truncated, series };
    },
    async sketches({ name, matchers, from, to }) {
      return matching({ name, ...(matchers && { matchers }) }).flatMap((line) => {
        const merged = mergedOf(pointsOf(line).filter((point) => point.at >= from && point.at < to));
        return merged.count === 0 ? [] : [{ labels: line.labels, sketch: merged }];
      });
    },
    latest: (query) => matching(query).flatMap(latestOf),
    async top({ from, to, aggregate, k, ...query }) {
      const ranked = matching(query).flatMap((line): LatestPoint[] => {
        const value = aggregated(pointsOf(line), from, to, Math.max(1, to - from), aggregate);
        if (value === undefined || Number.isNaN(value)) return [];
        return [{ name: line.name, labels: line.labels, kind: line.kind, at: from, value }];
      });
      return ranked.sort((a, b) => b.value - a.value).slice(0, k);
    },
    list: ({ limit, ...query } = {}) =>
      matching(query)
        .slice(0, limit)
        .map(({ name, labels, kind }) => ({ name, labels, kind })),
    async *export({ from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, ...query } = {}) {
      const ordered = matching(query).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
      for (const line of ordered) yield* partsOf(line, from, to);
    },
    stats: () => statsOf([...lines.values()]),
    maintain: async () => {},
    close: async () => {},
  };
}

/** The points in order of time; of several of the same moment the last one counts, distributions are merged by the minute. */
function pointsOf(line: Line): Point[] {
  const byTime = new Map<number, Point>();
  for (const point of line.arrived) {
    if (!point.sketch) {
      byTime.set(point.at, point);
      continue;
    }
    const at = Math.floor(point.at / MINUTE) * MINUTE;
    const sketch = mergedOf([byTime.get(at) ?? { at, value: 0 }, point]);
    byTime.set(at, { at, value: sketch.sum / sketch.count, sketch });
  }
  return [...byTime.values()].sort((a, b) => a.at - b.at);
}

function mergedOf(points: readonly Point[]): Sketch {
  const merged = new Sketch();
  for (const { sketch } of points) if (sketch) merged.merge(sketch);
  return merged;
}

function latestOf({ name, labels, kind, arrived }: Line): LatestPoint[] {
  if (arrived.length === 0) return [];
  const { at, value } = arrived.reduce((newest, one) => (one.at >= newest.at ? one : newest));
  return [{ name, labels, kind, at, value }];
}

function* partsOf(line: Line, from: number, to: number): Generator<SeriesPart> {
  const { name, labels, kind } = line;
  const days = Map.groupBy(
    pointsOf(line).filter((point) => point.at >= from && point.at < to),
    ({ at }) => Math.floor(at / DAY),
  );
  for (const points of days.values()) {
    const at = points.map((point) => point.at);
    if (kind === 'sketch') yield { name, labels, kind, at, sketches: points.map((point) => point.sketch!) };
    else yield { name, labels, kind, at, values: points.map((point) => point.value) };
  }
}

function answer(line: Line, { from, to, stepMs, aggregates }: RangeQuery): RangeAnswer['series'][number] {
  const first = Math.floor(from / stepMs) * stepMs;
  const points = pointsOf(line);
  const at: number[] = [];
  const values: Record<string, number[]> = Object.fromEntries(aggregates.map((aggregate) => [aggregate, []]));
  for (let step = first; step < to; step += stepMs) {
    const [start, end] = [Math.max(step, from), Math.min(step + stepMs, to)];
    if (aggregated(points, start, end, stepMs, 'count', from) === undefined) continue;
    at.push(step);
    for (const aggregate of aggregates)
      values[aggregate]!.push(aggregated(points, start, end, stepMs, aggregate, from)!);
  }
  return { name: line.name, labels: line.labels, kind: line.kind, at, values };
}

/** One aggregate over [from, to); undefined when there is nothing. `rangeFrom` is where the whole question begins. */
function aggregated(
  points: readonly Point[],
  from: number,
  to: number,
  stepMs: number,
  aggregate: string,
  rangeFrom = from,
): number | undefined {
  // NaN is "no value".
  const all = points.filter(({ value }) => !Number.isNaN(value));
  const inside = all.filter(({ at }) => at >= from && at < to);
  if (inside.length === 0) return undefined;
  if (inside[0]!.sketch) return valueOfSketch(mergedOf(inside), inside.at(-1)!, aggregate, stepMs);
  if (aggregate === 'increase' || aggregate === 'rate') {
    const lookBack = Math.max(10 * MINUTE, Math.min(stepMs, DAY));
    // A counter grows also between the last point of one step and the first of the next.
    const before = all.filter(({ at }) => at < from && at >= rangeFrom - lookBack).at(-1);
    const [increase, elapsedMs] = growth(before ? [before, ...inside] : inside);
    if (elapsedMs === 0) return Number.NaN;
    return aggregate === 'increase' ? increase : (increase / elapsedMs) * 1000;
  }
  const values = inside.map(({ value }) => value);
  const sum = values.reduce((total, value) => total + value, 0);
  const known: Record<string, number> = {
    avg: sum / values.length,
    sum,
    min: Math.min(...values),
    max: Math.max(...values),
    count: values.length,
    last: values.at(-1)!,
  };
  return known[aggregate] ?? Number.NaN;
}

function growth(points: readonly Point[]): [increase: number, elapsedMs: number] {
  let increase = 0;
  for (const [i, { value }] of points.entries()) {
    const before = points[i - 1]?.value;
    // Below the value before: the counter began again at zero.
    if (before !== undefined) increase += value >= before ? value - before : value;
  }
  return [increase, points.at(-1)!.at - points[0]!.at];
}

function valueOfSketch(merged: Sketch, newest: Point, aggregate: string, stepMs: number): number {
  if (aggregate.startsWith('p')) return merged.quantile(Number(aggregate.slice(1)) / 100);
  const known: Record<string, number> = {
    avg: merged.sum / merged.count,
    count: merged.count,
    sum: merged.sum,
    min: merged.min,
    max: merged.max,
    last: newest.value,
    increase: merged.count,
    rate: (merged.count / stepMs) * 1000,
  };
  return known[aggregate] ?? Number.NaN;
}

function statsOf(lines: readonly Line[]): StoreStats {
  const times = lines.flatMap((line) => line.arrived.map((point) => point.at));
  const oldestAt = times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b));
  return {
    sizeBytes: 0,
    series: lines.length,
    samplesStored: times.length,
    bytesPerSample: null,
    oldestAt,
    newestAt: times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b)),
    tiers: [{ tier: 'raw', retentionDays: 7, sizeBytes: 0, points: times.length, oldestAt }],
    drops: {},
    overflow: [],
  };
}
