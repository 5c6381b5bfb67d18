import type { Episode, Silence, Transition } from './alert.ts';
import type { ErrorGroup, ErrorOccurrence } from './error.ts';
import type { JournalEntry } from './journal.ts';
import type { DeliveryAttempt, OutboxEntry } from './notification.ts';
import type { SlowQuery, StatementRecord } from './pool.ts';
import type { ProgressRun } from './progress.ts';
import type { Labels, Matcher, Sample, SeriesKind, SketchPoint } from './sample.ts';
import type { Sketch } from './sketch.ts';
import type { Trace } from './span.ts';

/** Everything durable that is not a number over time. One collection each; every record has a unique `id`. */
export interface Collections {
  episodes: Episode;
  transitions: Transition;
  silences: Silence;
  outbox: OutboxEntry;
  attempts: DeliveryAttempt;
  error_groups: ErrorGroup;
  error_occurrences: ErrorOccurrence;
  progress_runs: ProgressRun;
  traces: Trace;
  journal: JournalEntry;
  slow_queries: SlowQuery;
  statements: StatementRecord;
  /** Small facts a room wants to find again after a restart (breaker states, failure counts). */
  memory: { readonly id: string; readonly at: number; readonly value: unknown };
}
export type CollectionName = keyof Collections;

/**
 * The fields by which a collection can be searched, first the one it is ordered by (epoch ms).
 * Stores index exactly these; adding a collection is a line here and one in `Collections`.
 */
export const indexes = {
  episodes: ['startedAt', 'state', 'alertType', 'fingerprint', 'lastSeenAt'],
  transitions: ['at', 'episodeId', 'kind'],
  silences: ['createdAt', 'endsAt'],
  outbox: ['dueAt', 'state', 'channel', 'episodeId'],
  attempts: ['at', 'outboxId', 'episodeId', 'channel'],
  error_groups: ['lastSeenAt', 'state', 'type'],
  error_occurrences: ['at', 'groupId'],
  progress_runs: ['updatedAt', 'name', 'state'],
  traces: ['at', 'name', 'keptBecause', 'status', 'correlationId'],
  journal: ['at', 'kind'],
  slow_queries: ['at', 'durationMs', 'pool', 'statement'],
  statements: ['lastSeenAt'],
  memory: ['at'],
} as const satisfies { [K in CollectionName]: readonly (keyof Collections[K])[] };

/** One change to one record: put (insert or replace by id) or remove. */
export type Change = {
  [K in CollectionName]: { readonly in: K; readonly put: Collections[K] } | { readonly in: K; readonly remove: string };
}[CollectionName];

/** Which records to read. Conditions are ANDed; an array means "one of". */
export interface Find<K extends CollectionName> {
  readonly where?: { readonly [F in (typeof indexes)[K][number]]?: unknown };
  /** Lower bound (inclusive) of the ordering field. */
  readonly from?: number;
  /** Upper bound (exclusive) of the ordering field. */
  readonly to?: number;
  /** @default 'newest' */
  readonly order?: 'newest' | 'oldest';
  /** @default 1000 */
  readonly limit?: number;
}

/** Durable state. Every promise that resolves means: on the disk, also after `kill -9`. */
export interface StateStore {
  /** Applies all changes in one transaction: all of them or none. */
  commit(changes: readonly Change[]): Promise<void>;
  get<K extends CollectionName>(collection: K, id: string): Promise<Collections[K] | undefined>;
  find<K extends CollectionName>(collection: K, query?: Find<K>): Promise<Collections[K][]>;
  count<K extends CollectionName>(collection: K, query?: Pick<Find<K>, 'where' | 'from' | 'to'>): Promise<number>;
  /** Deletes records whose ordering field is older than `before`, keeping those that match `keep`. Returns how many went. */
  prune<K extends CollectionName>(collection: K, before: number): Promise<number>;
  close(): Promise<void>;
}

/** How points inside a step become one value. */
export type Aggregate = 'avg' | 'min' | 'max' | 'sum' | 'count' | 'last' | 'rate' | 'increase' | `p${number}`;

/** How fine stored numbers are: as they came, by the minute, by the hour. */
export type Tier = 'raw' | 'minute' | 'hour';

export interface RangeQuery {
  /** Metric name; further choice by `matchers`. */
  readonly name: string;
  readonly matchers?: readonly Matcher[];
  /** Epoch ms, inclusive. */
  readonly from: number;
  /** Epoch ms, exclusive. */
  readonly to: number;
  /** Width of a step in ms; results are aligned to multiples of it. */
  readonly stepMs: number;
  /** Reads nothing but values as they came, also where a coarser tier would do. Where they are gone, there are no steps. */
  readonly tier?: 'raw';
  /** `p50`, `p99`, `p99.9`… need a sketch series; `rate` (per second) and `increase` a counter. */
  readonly aggregates: readonly Aggregate[];
  /** Most series to answer. @default 500 */
  readonly limit?: number;
  /** Then it ends with MonitorError `query-too-slow`. @default 10_000 */
  readonly deadlineMs?: number;
}

export interface RangeAnswer {
  /** The coarsest tier that was read. */
  readonly tier: Tier;
  /** Every tier that was read, finest first: the edges of a range are often finer than its middle. */
  readonly tiers: readonly Tier[];
  readonly stepMs: number;
  /** True when `limit` cut the list of series. */
  readonly truncated: boolean;
  readonly series: readonly {
    readonly name: string;
    readonly labels: Labels;
    readonly kind: SeriesKind;
    /** Start of each step, epoch ms. Steps without points are left out. */
    readonly at: readonly number[];
    /** One array for each aggregate asked for; NaN where an aggregate has no value. */
    readonly values: { readonly [aggregate: string]: readonly number[] };
  }[];
}

export interface SeriesInfo {
  readonly name: string;
  readonly labels: Labels;
  readonly kind: SeriesKind;
}

/** A stretch of one series: `values` of a gauge or counter, `sketches` of a distribution, as many as `at`. */
export type SeriesPart = SeriesInfo & { readonly at: readonly number[] } & (
    | { readonly values: readonly number[] }
    | { readonly sketches: readonly Sketch[] }
  );

export interface LatestPoint extends SeriesInfo {
  readonly at: number;
  readonly value: number;
}

/** What the store costs and holds, for the Settings page. */
export interface StoreStats {
  readonly sizeBytes: number;
  readonly series: number;
  readonly samplesStored: number;
  readonly bytesPerSample: number | null;
  readonly oldestAt: number | null;
  readonly newestAt: number | null;
  readonly tiers: readonly {
    readonly tier: string;
    readonly retentionDays: number;
    readonly sizeBytes: number;
    readonly points: number;
    readonly oldestAt: number | null;
  }[];
  /** Whatever was dropped or folded, and why. */
  readonly drops: Readonly<Record<string, number>>;
  /** Label values that went into `other`, by metric. */
  readonly overflow: readonly { readonly metric: string; readonly label: string; readonly folded: number }[];
  /** The last thing that went wrong with the disk, if it still matters. */
  readonly problem?: string;
}

/** Numbers over time. Appending never throws for what the disk does: it is counted and said in `stats()`. */
export interface SeriesStore {
  /** Takes samples in; durable within one second. */
  append(samples: readonly Sample[]): void;
  appendSketches(points: readonly SketchPoint[]): void;
  /**
   * The fast way in for many series at once: `series` gives a small number for a name and labels, to be used in `appendColumns`.
   * Past the label budget it is the number of the `other` series.
   */
  seriesId(name: string, labels: Labels, kind?: Exclude<SeriesKind, 'sketch'>): number;
  appendColumns(at: number, ids: Uint32Array, values: Float64Array): void;
  /** Resolves when everything appended so far is durable. */
  flush(): Promise<void>;
  /**
   * Answers from the coarsest tier that fits the steps. Throws MonitorError `bad-argument`, `query-too-large` or `query-too-slow`,
   * and the signal's reason when that ends first.
   */
  query(query: RangeQuery, signal?: AbortSignal): Promise<RangeAnswer>;
  /** The merged sketch of each matching series over [from, to). */
  sketches(
    query: Pick<RangeQuery, 'name' | 'matchers' | 'from' | 'to'>,
    signal?: AbortSignal,
  ): Promise<{ labels: Labels; sketch: Sketch }[]>;
  /** The newest value of every matching series. */
  latest(query: { name?: string; matchers?: readonly Matcher[] }): LatestPoint[];
  /** The `k` series with the highest aggregate over [from, to). */
  top(
    query: Omit<RangeQuery, 'stepMs' | 'aggregates'> & { aggregate: Aggregate; k: number },
    signal?: AbortSignal,
  ): Promise<LatestPoint[]>;
  list(query?: { name?: string; matchers?: readonly Matcher[]; limit?: number }): SeriesInfo[];
  /**
   * Everything there is as it came: series by series in the order of their names, oldest first, in portions of at most a day.
   * Numbers that are only in coarser tiers are left out; sketches come by the minute.
   */
  export(
    query?: { name?: string; matchers?: readonly Matcher[]; from?: number; to?: number },
    signal?: AbortSignal,
  ): AsyncIterable<SeriesPart>;
  stats(): StoreStats;
  /** Seals, rolls up, deletes what is past its retention or over the size cap; in slices that never block for long. */
  maintain(now: number): Promise<void>;
  close(): Promise<void>;
}
