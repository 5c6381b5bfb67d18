import { compileMatchers } from '../model/matcher.ts';
import type { Labels, Matcher, SeriesKind } from '../model/sample.ts';
import { Sketch } from '../model/sketch.ts';
import type { LatestPoint, RangeQuery, SeriesStore, StoreStats } from '../model/store.ts';

/** One series with every point it ever got. */
interface Line {
  readonly name: string;
  readonly labels: Labels;
  readonly kind: SeriesKind;
  readonly points: { at: number; value: number; sketch?: Sketch }[];
}

/** A `SeriesStore` in memory, plain and exact: for tests of what asks the store, not of the store. */
export function createMemorySeriesStore(): SeriesStore {
  const lines = new Map<string, Line>();

  const lineOf = (name: string, labels: Labels, kind: SeriesKind): Line => {
    const key = `${name}${JSON.stringify(Object.entries(labels).sort())}`;
    let line = lines.get(key);
    if (!line) {
      line = { name, labels, kind, points: [] };
      lines.set(key, line);
    }
    return line;
  };
  const matching = (name: string | undefined, matchers: readonly Matcher[] | undefined): Line[] => {
    const fits = compileMatchers(matchers ?? []);
    return [...lines.values()].filter(
      (line) => (name === undefined || line.name === name) && fits({ ...line.labels, __name__: line.name }),
    );
  };
  const latest = (line: Line): LatestPoint => {
    const point = line.points.reduce((newest, one) => (one.at >= newest.at ? one : newest));
    return { name: line.name, labels: line.labels, kind: line.kind, at: point.at, value: point.value };
  };

  return {
    append(samples) {
      for (const { name, labels, at, value, kind } of samples)
        lineOf(name, labels, kind ?? 'gauge').points.push({ at, value });
    },
    appendSketches(points) {
      for (const { name, labels, at, sketch } of points) {
        const copy = Sketch.decode(sketch.encode());
        lineOf(name, labels, 'sketch').points.push({ at, value: copy.sum / copy.count, sketch: copy });
      }
    },
    seriesId: (name, labels, kind) => [...lines.values()].indexOf(lineOf(name, labels, kind ?? 'gauge')),
    appendColumns(at, ids, values) {
      const all = [...lines.values()];
      for (const [i, id] of ids.entries()) all[id]?.points.push({ at, value: values[i]! });
    },
    flush: async () => {},
    async query(query) {
      const found = matching(query.name, query.matchers);
      const series = found
        .slice(0, query.limit ?? 500)
        .map((line) => answer(line, query))
        .filter((one) => one.at.length > 0);
      return { tier: 'raw', stepMs: query.stepMs, truncated: found.length > (query.limit ?? 500), series };
    },
    async sketches({ name, matchers, from, to }) {
      return matching(name, matchers).flatMap((line) => {
        const inside = line.points.filter((point) => point.sketch && point.at >= from && point.at < to);
        if (inside.length === 0) return [];
        const merged = new Sketch();
        for (const point of inside) merged.merge(point.sketch!);
        return [{ labels: line.labels, sketch: merged }];
      });
    },
    latest: ({ name, matchers }) =>
      matching(name, matchers)
        .filter((line) => line.points.length > 0)
        .map(latest),
    async top({ name, matchers, from, to, aggregate, k }) {
      const ranked = matching(name, matchers).flatMap((line) => {
        const inside = line.points.filter((point) => point.at >= from && point.at < to);
        return inside.length === 0 ? [] : [{ ...latest(line), value: fold(inside, aggregate, to - from) }];
      });
      return ranked.sort((a, b) => b.value - a.value).slice(0, k);
    },
    list: ({ name, matchers, limit } = {}) =>
      matching(name, matchers)
        .slice(0, limit ?? 1000)
        .map(({ name, labels, kind }) => ({ name, labels, kind })),
    stats: () => statsOf([...lines.values()]),
    maintain: async () => {},
    close: async () => {},
  };
}

function answer(line: Line, { from, to, stepMs, aggregates }: RangeQuery) {
  const steps = new Map<number, Line['points']>();
  for (const point of line.points) {
    if (point.at < from || point.at >= to) continue;
    const step = Math.floor(point.at / stepMs) * stepMs;
    steps.set(step, [...(steps.get(step) ?? []), point]);
  }
  const at = [...steps.keys()].sort((a, b) => a - b);
  const values = Object.fromEntries(
    aggregates.map((aggregate) => [
      aggregate,
      at.map((step) => {
        const inside = steps.get(step)!;
        // A counter grows also between the last point of one step and the first of the next.
        const before = line.points.filter((point) => point.at < inside[0]!.at).at(-1);
        const grows = aggregate === 'increase' || aggregate === 'rate';
        return fold(grows && before ? [before, ...inside] : inside, aggregate, stepMs);
      }),
    ]),
  );
  return { name: line.name, labels: line.labels, kind: line.kind, at, values };
}

function fold(points: Line['points'], aggregate: string, spanMs: number): number {
  if (points.some((point) => point.sketch)) {
    const merged = new Sketch();
    for (const point of points) if (point.sketch) merged.merge(point.sketch);
    if (aggregate.startsWith('p')) return merged.quantile(Number(aggregate.slice(1)) / 100);
    const known: Record<string, number> = { count: merged.count, sum: merged.sum, min: merged.min, max: merged.max };
    return known[aggregate] ?? merged.sum / merged.count;
  }
  const values = points.map((point) => point.value);
  const sum = values.reduce((total, value) => total + value, 0);
  const increase = values
    .slice(1)
    .reduce((total, value, i) => total + (value >= values[i]! ? value - values[i]! : value), 0);
  const known: Record<string, number> = {
    avg: sum / values.length,
    sum,
    min: Math.min(...values),
    max: Math.max(...values),
    count: values.length,
    last: values.at(-1)!,
    increase,
    rate: increase / (spanMs / 1000),
  };
  return known[aggregate] ?? Number.NaN;
}

function statsOf(lines: readonly Line[]): StoreStats {
  const times = lines.flatMap((line) => line.points.map((point) => point.at));
  return {
    sizeBytes: 0,
    series: lines.length,
    samplesStored: times.length,
    bytesPerSample: null,
    oldestAt: times.length === 0 ? null : Math.min(...times),
    newestAt: times.length === 0 ? null : Math.max(...times),
    tiers: [{ tier: 'raw', retentionDays: 7, sizeBytes: 0, points: times.length, oldestAt: null }],
    drops: {},
    overflow: [],
  };
}
