import type { Labels, SeriesKind } from '../../model/sample.ts';
import type { Sketch } from '../../model/sketch.ts';
import type { SeriesStore } from '../../model/store.ts';

/** Hears of the points of one series, as they are appended. */
export interface SeriesEar {
  point(at: number, value: number): void;
  sketch(at: number, sketch: Sketch): void;
}

/** Says who wants to hear of a series; asked once for each series of a metric that is watched. */
export type EarsOf = (labels: Labels, kind: SeriesKind) => readonly SeriesEar[];

/** A store whose points are heard on the way in. */
export interface SeriesTap {
  /** The store to append to; everything else it does is the store's own. */
  readonly store: SeriesStore;
  /** Watches the series of a metric; a second call for the same metric replaces the first. */
  watch(name: string, earsOf: EarsOf): void;
  unwatch(name: string): void;
}

interface Watched {
  readonly earsOf: EarsOf;
  /** The same object of labels comes again and again from most sources. */
  readonly byObject: WeakMap<Labels, readonly SeriesEar[]>;
  readonly byText: Map<string, readonly SeriesEar[]>;
}

/** Past this many series of a metric it is asked each time: a flood of labels must not take memory here. */
const mostKnown = 50_000;

/** Puts a tap on a store. A metric that nobody watches costs one look into a map for each point. */
export function tapSeries(store: SeriesStore): SeriesTap {
  const watched = new Map<string, Watched>();
  /** By the store's number of a series. */
  const columns = new Map<number, { name: string; labels: Labels; kind: SeriesKind }>();

  const earsFor = (name: string, labels: Labels, kind: SeriesKind): readonly SeriesEar[] | undefined => {
    const watch = watched.get(name);
    return watch && heard(watch, labels, kind);
  };

  const tapped: SeriesStore = {
    append(samples) {
      store.append(samples);
      if (watched.size === 0) return;
      for (const { name, labels, at, value, kind } of samples) {
        const ears = earsFor(name, labels, kind ?? 'gauge');
        if (ears) for (const ear of ears) ear.point(at, value);
      }
    },
    appendSketches(points) {
      // The store may keep a sketch and merge into it, so whoever listens comes first.
      for (const { name, labels, at, sketch } of watched.size === 0 ? [] : points) {
        const ears = earsFor(name, labels, 'sketch');
        if (ears) for (const ear of ears) ear.sketch(at, sketch);
      }
      store.appendSketches(points);
    },
    seriesId(name, labels, kind) {
      const id = store.seriesId(name, labels, kind);
      if (columns.size < mostKnown && !columns.has(id)) columns.set(id, { name, labels, kind: kind ?? 'gauge' });
      return id;
    },
    appendColumns(at, ids, values) {
      store.appendColumns(at, ids, values);
      if (watched.size === 0) return;
      for (let i = 0; i < ids.length; i++) {
        const column = columns.get(ids[i]!);
        const ears = column && earsFor(column.name, column.labels, column.kind);
        if (ears) for (const ear of ears) ear.point(at, values[i]!);
      }
    },
    flush: () => store.flush(),
    query: (query, signal) => store.query(query, signal),
    sketches: (query, signal) => store.sketches(query, signal),
    latest: (query) => store.latest(query),
    top: (query, signal) => store.top(query, signal),
    list: (query) => store.list(query),
    export: (query, signal) => store.export(query, signal),
    stats: () => store.stats(),
    maintain: (now) => store.maintain(now),
    close: () => store.close(),
  };

  return {
    store: tapped,
    watch: (name, earsOf) => void watched.set(name, { earsOf, byObject: new WeakMap(), byText: new Map() }),
    unwatch: (name) => void watched.delete(name),
  };
}

function heard({ earsOf, byObject, byText }: Watched, labels: Labels, kind: SeriesKind): readonly SeriesEar[] {
  const known = byObject.get(labels);
  if (known) return known;
  const text = labelText(labels);
  let ears = byText.get(text);
  if (!ears) {
    ears = earsOf(labels, kind);
    if (byText.size < mostKnown) byText.set(text, ears);
  }
  byObject.set(labels, ears);
  return ears;
}

/** Labels as one text, the same in whatever order they come. */
export function labelText(labels: Labels): string {
  const names = Object.keys(labels);
  if (names.length > 1) names.sort();
  let text = '';
  for (const name of names) text += `${name}\u0001${labels[name]}\u0002`;
  return text;
}
