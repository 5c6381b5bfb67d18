import { compileMatchers, type LabelPredicate } from '../model/matcher.ts';
import type { Labels, Matcher, SeriesKind } from '../model/sample.ts';

/** One series there is: its number, and what it is called. */
export interface SeriesEntry {
  readonly id: number;
  readonly name: string;
  readonly labels: Labels;
  readonly kind: SeriesKind;
}

export interface LabelBudget {
  /** Most series in total. */
  readonly series: number;
  /** Most series of one metric. */
  readonly seriesPerMetric: number;
  /** Most different values of one label of one metric. */
  readonly valuesPerLabel: number;
}

/** The value that stands for all that found no room. */
const OTHER = 'other';

interface Metric {
  readonly ids: number[];
  /** The different values of each label that have a series. */
  readonly values: Map<string, Set<string>>;
  /** How often a value of this label went into `other`. */
  readonly folded: Map<string, number>;
}

/** Label values that went into `other`. */
export interface Overflow {
  readonly metric: string;
  readonly label: string;
  readonly folded: number;
}

/**
 * Names and labels on one side, small numbers on the other. Keeps the label budget: what does not fit any more
 * is folded into the value `other` and counted, so that no flood of values costs memory.
 */
export class Catalog {
  readonly #entries: (SeriesEntry | undefined)[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #metrics = new Map<string, Metric>();
  readonly #budget: LabelBudget;
  #size = 0;
  /** Samples that found no series at all, because there are too many metrics. */
  refused = 0;
  /** Called for every new series, before its number is used. */
  onNew: (entry: SeriesEntry) => void = () => {};

  constructor(budget: LabelBudget) {
    this.#budget = budget;
  }

  get size(): number {
    return this.#size;
  }

  /** One more than the largest number in use. */
  get bound(): number {
    return this.#entries.length;
  }

  get(id: number): SeriesEntry | undefined {
    return this.#entries[id];
  }

  /** The number of a series, making it when there is room for it. -1 when there is not even room for its `other`. */
  resolve(name: string, labels: Labels, kind: SeriesKind): number {
    const metric = this.#metrics.get(name);
    // A metric that is over its budget gets values that nobody saw before all the time: looking for those first would be in vain.
    const folded =
      metric !== undefined && metric.folded.size > 0 ? this.#findFolded(metric, name, labels, kind) : undefined;
    return folded ?? this.#byKey.get(keyOf(name, labels, kind)) ?? this.#make(name, labels, kind);
  }

  /** The series that takes these labels after folding; undefined when nothing of them is to be folded or there is no such series yet. */
  #findFolded(metric: Metric, name: string, labels: Labels, kind: SeriesKind): number | undefined {
    const key = keyOf(name, labels, kind, (label, value) => (this.#hasRoom(metric, label, value) ? value : OTHER));
    const id = this.#byKey.get(key);
    if (id === undefined) return undefined;
    for (const label of Object.keys(labels))
      if (!this.#hasRoom(metric, label, labels[label]!)) metric.folded.set(label, (metric.folded.get(label) ?? 0) + 1);
    return id;
  }

  #hasRoom(metric: Metric, label: string, value: string): boolean {
    const values = metric.values.get(label);
    return !values || values.size < this.#budget.valuesPerLabel || values.has(value);
  }

  /** Puts back a series that is on the disk already. The budget does not apply: its data is there. */
  restore(entry: SeriesEntry): void {
    const key = keyOf(entry.name, entry.labels, entry.kind);
    if (this.#byKey.has(key) || this.#entries[entry.id]) return;
    this.#add(entry, key);
  }

  /** New series get numbers from here on: smaller ones may belong to chunks whose series was lost. */
  startAt(id: number): void {
    while (this.#entries.length < id) this.#entries.push(undefined);
  }

  /** Forgets a series of which nothing is left. */
  remove(id: number): void {
    const entry = this.#entries[id];
    if (!entry) return;
    this.#entries[id] = undefined;
    this.#byKey.delete(keyOf(entry.name, entry.labels, entry.kind));
    this.#size--;
    const metric = this.#metrics.get(entry.name)!;
    metric.ids.splice(metric.ids.indexOf(id), 1);
    metric.values.clear();
    for (const other of metric.ids) noteValues(metric, this.#entries[other]!.labels);
    if (metric.ids.length === 0) this.#metrics.delete(entry.name);
  }

  /** The series that fit, in the order of their making. An exact name makes it quick. */
  find(
    query: { name?: string | undefined; matchers?: readonly Matcher[] | undefined },
    limit = Number.POSITIVE_INFINITY,
  ): SeriesEntry[] {
    const name =
      query.name ?? query.matchers?.find((matcher) => matcher.name === '__name__' && matcher.op === '=')?.value;
    const fits = withName(compileMatchers(query.matchers ?? []), query.matchers);
    const found: SeriesEntry[] = [];
    const ids = name === undefined ? this.#entries.keys() : (this.#metrics.get(name)?.ids ?? []);
    for (const id of ids) {
      const entry = this.#entries[id];
      if (!entry || !fits(entry)) continue;
      found.push(entry);
      if (found.length >= limit) break;
    }
    return found;
  }

  overflow(): Overflow[] {
    const list: Overflow[] = [];
    for (const [metric, { folded }] of this.#metrics) {
      for (const [label, count] of folded) list.push({ metric, label, folded: count });
    }
    return list.sort((a, b) => b.folded - a.folded);
  }

  #make(name: string, labels: Labels, kind: SeriesKind): number {
    const metric = this.#metrics.get(name);
    const fitting = metric ? this.#fold(metric, labels) : labels;
    const full = this.#size >= this.#budget.series || (metric?.ids.length ?? 0) >= this.#budget.seriesPerMetric;
    if (fitting === labels && !full) return this.#create(name, labels, kind);
    const known = this.#byKey.get(keyOf(name, fitting, kind));
    if (known !== undefined) return known;
    if (!full) return this.#create(name, fitting, kind);
    return this.#everythingOther(name, labels, kind, metric);
  }

  /** The same labels with `other` for the values that have no room; the same object when all have. */
  #fold(metric: Metric, labels: Labels): Labels {
    let folded: Record<string, string> | undefined;
    for (const label of Object.keys(labels)) {
      if (this.#hasRoom(metric, label, labels[label]!)) continue;
      folded ??= { ...labels };
      folded[label] = OTHER;
      metric.folded.set(label, (metric.folded.get(label) ?? 0) + 1);
    }
    return folded ?? labels;
  }

  /** Past the number of series: one series per metric takes the rest. */
  #everythingOther(name: string, labels: Labels, kind: SeriesKind, metric: Metric | undefined): number {
    const all: Record<string, string> = {};
    for (const label of Object.keys(labels)) {
      all[label] = OTHER;
      metric?.folded.set(label, (metric.folded.get(label) ?? 0) + 1);
    }
    const known = this.#byKey.get(keyOf(name, all, kind));
    if (known !== undefined) return known;
    // Names of metrics are few by nature. A tenth more than the budget may be spent on `other`, then it is a flood.
    if (this.#size >= this.#budget.series * 1.1 + 10) {
      this.refused++;
      return -1;
    }
    return this.#create(name, all, kind);
  }

  #create(name: string, labels: Labels, kind: SeriesKind): number {
    const entry: SeriesEntry = { id: this.#entries.length, name, labels: Object.freeze({ ...labels }), kind };
    this.onNew(entry);
    this.#add(entry, keyOf(name, labels, kind));
    return entry.id;
  }

  #add(entry: SeriesEntry, key: string): void {
    // Holes (numbers whose series are gone) stay undefined instead of turning the array into a dictionary.
    while (this.#entries.length < entry.id) this.#entries.push(undefined);
    this.#entries[entry.id] = entry;
    this.#byKey.set(key, entry.id);
    this.#size++;
    let metric = this.#metrics.get(entry.name);
    if (!metric) {
      metric = { ids: [], values: new Map(), folded: new Map() };
      this.#metrics.set(entry.name, metric);
    }
    metric.ids.push(entry.id);
    noteValues(metric, entry.labels);
  }
}

function noteValues(metric: Metric, labels: Labels): void {
  for (const label of Object.keys(labels)) {
    let values = metric.values.get(label);
    if (!values) {
      values = new Set();
      metric.values.set(label, values);
    }
    values.add(labels[label]!);
  }
}

/** One text per series, whatever the order of its labels. Sketches and numbers of the same name are different series. */
function keyOf(
  name: string,
  labels: Labels,
  kind: SeriesKind,
  shown: (label: string, value: string) => string = (_label, value) => value,
): string {
  const names = Object.keys(labels);
  if (names.length > 1) names.sort();
  let key = kind === 'sketch' ? `~${name}` : name;
  for (const label of names) key += `\n${label}\t${shown(label, labels[label]!)}`;
  return key;
}

function withName(fits: LabelPredicate, matchers: readonly Matcher[] | undefined): (entry: SeriesEntry) => boolean {
  if (!matchers?.some((matcher) => matcher.name === '__name__')) return (entry) => fits(entry.labels);
  return (entry) => fits({ ...entry.labels, __name__: entry.name });
}
