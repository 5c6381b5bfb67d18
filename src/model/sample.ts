import type { Sketch } from './sketch.ts';

/** Label names and values of a series. Names follow Prometheus: `[a-zA-Z_][a-zA-Z0-9_]*`. */
export type Labels = Readonly<Record<string, string>>;

/** What kind of numbers a series holds: a `counter` only grows (and restarts at 0), a `gauge` goes both ways. */
export type SeriesKind = 'gauge' | 'counter' | 'sketch';

/** One number of one series at one moment. */
export interface Sample {
  /** Metric name in base units, e.g. `system_cpu_usage_ratio`. */
  readonly name: string;
  readonly labels: Labels;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly value: number;
  /** @default 'gauge' */
  readonly kind?: Exclude<SeriesKind, 'sketch'>;
}

/** A distribution of values seen since the previous point of the same series. */
export interface SketchPoint {
  readonly name: string;
  readonly labels: Labels;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly sketch: Sketch;
}

/** Four ways to choose series by a label; the metric's name is the label `__name__`. */
export interface Matcher {
  readonly name: string;
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}
