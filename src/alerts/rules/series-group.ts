import type { Labels, Matcher } from '../../model/sample.ts';
import type { Severity } from '../../model/severity.ts';
import { type Column, SlotRing } from './slot-ring.ts';

/** Which series a condition reads, and what of them. */
export interface SeriesInput {
  readonly name: string;
  readonly matchers: readonly Matcher[];
  readonly columns: readonly Column[];
  /** How far back it looks, ms. */
  readonly windowMs: number;
  /** True for distributions, which the store keeps by the minute. */
  readonly isSketch?: boolean;
}

/** Series that are judged together: all that share the labels of an alert. */
export class SeriesGroup {
  readonly labels: Labels;
  /** Identity of its alert. */
  readonly fingerprint: string;
  /** One list of rings for each input of the condition. */
  readonly rings: readonly SlotRing[][];
  /** What the newest evaluation found, for the list of rules. */
  value: number | undefined;
  verdict: 'bad' | 'good' | 'unknown' | 'error' = 'unknown';

  constructor(labels: Labels, fingerprint: string, inputs: number) {
    this.labels = labels;
    this.fingerprint = fingerprint;
    this.rings = Array.from({ length: inputs }, () => []);
  }

  /** Newest slot with points of any input before `end`; -Infinity when there is none. */
  newest(end: number): number {
    let found = Number.NEGATIVE_INFINITY;
    for (const rings of this.rings) for (const ring of rings) found = Math.max(found, ring.newest(end));
    return found;
  }
}

/** The groups of one rule, made as their series appear. */
export class SeriesGroups {
  readonly #inputs: readonly SeriesInput[];
  readonly #slotMs: number;
  readonly #by: readonly string[] | undefined;
  readonly #most: number;
  readonly #identify: (labels: Labels) => { labels: Labels; fingerprint: string };
  readonly #groups = new Map<string, SeriesGroup>();
  /** Series that found no room. */
  refused = 0;

  constructor(options: {
    inputs: readonly SeriesInput[];
    slotMs: number;
    by: readonly string[] | undefined;
    /** Most groups. */
    most: number;
    /** The labels and the fingerprint of an alert about series with these labels. */
    identify: (labels: Labels) => { labels: Labels; fingerprint: string };
  }) {
    this.#inputs = options.inputs;
    this.#slotMs = options.slotMs;
    this.#by = options.by;
    this.#most = options.most;
    this.#identify = options.identify;
  }

  get all(): Iterable<SeriesGroup> {
    return this.#groups.values();
  }

  get size(): number {
    return this.#groups.size;
  }

  /** A ring for one more series of an input; undefined when the rule has too many groups. */
  ring(input: number, labels: Labels): SlotRing | undefined {
    const group = this.group(labels);
    if (!group) return undefined;
    const { windowMs, columns } = this.#inputs[input]!;
    // One for the slot that is being filled, one for points that come late.
    const ring = new SlotRing(Math.ceil(windowMs / this.#slotMs) + 2, columns);
    group.rings[input]!.push(ring);
    return ring;
  }

  /** The group of a series. */
  group(labels: Labels): SeriesGroup | undefined {
    const chosen = this.#by === undefined ? labels : pick(labels, this.#by);
    const { labels: own, fingerprint } = this.#identify(chosen);
    let group = this.#groups.get(fingerprint);
    if (group) return group;
    if (this.#groups.size >= this.#most) {
      this.refused += 1;
      return undefined;
    }
    group = new SeriesGroup(own, fingerprint, this.#inputs.length);
    this.#groups.set(fingerprint, group);
    return group;
  }

  has(group: SeriesGroup): boolean {
    return this.#groups.get(group.fingerprint) === group;
  }

  delete(group: SeriesGroup): void {
    this.#groups.delete(group.fingerprint);
  }

  /** Forgets what lies ahead, after the clock was set back. */
  dropFrom(slot: number): void {
    for (const group of this.#groups.values())
      for (const rings of group.rings) for (const ring of rings) ring.dropFrom(slot);
  }
}

function pick(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(names.flatMap((name) => (Object.hasOwn(labels, name) ? [[name, labels[name]!]] : [])));
}

/** A value, and what else is worth saying about it. */
export interface Measured {
  readonly value: number;
  /** For conditions that decide themselves how bad it is (budget burn): the severity, or null for none. */
  readonly severity?: Severity | null;
  readonly threshold?: number;
  /** The ground with its numbers; asked only when it is needed. */
  readonly reason?: () => string;
}
