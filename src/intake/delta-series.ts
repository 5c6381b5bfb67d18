import type { Clock } from '../model/clock.ts';
import type { Labels, Sample } from '../model/sample.ts';
import { Sketch } from '../model/sketch.ts';
import type { SeriesStore } from '../model/store.ts';
import type { TrustedBatch, TrustedMetric } from './batch.ts';

/** How often a series gets a point; a series that is new gets its first one with the next tick. */
const gridMs = 10_000;
/** Operations past this many go into `other`. */
const mostOperations = 2000;
const mostMetrics = 5000;

interface Line {
  readonly kind: 'counter' | 'gauge' | 'sketch';
  readonly name: string;
  readonly labels: Labels;
  value: number;
  sketch: Sketch | undefined;
  changed: boolean;
  /** Epoch ms of the newest point; 0 before the first. */
  writtenAt: number;
}

/**
 * Turns deltas of all processes into series: counters that only grow, one merged sketch for each ten seconds.
 * A counter's first point is a zero a moment before, so that the first increase counts too.
 */
export class DeltaSeries {
  readonly #series: SeriesStore;
  readonly #clock: Clock;
  readonly #lines = new Map<string, Line>();
  readonly #operations = new Set<string>();
  #folded = 0;

  constructor(series: SeriesStore, clock: Clock) {
    this.#series = series;
    this.#clock = clock;
  }

  /** How many deltas went into `other` because there were too many names. */
  get folded(): number {
    return this.#folded;
  }

  addOperation(delta: TrustedBatch['operations'][number]): void {
    let operation = delta.operation;
    if (!this.#operations.has(operation)) {
      if (this.#operations.size < mostOperations) this.#operations.add(operation);
      else {
        operation = 'other';
        this.#folded += 1;
      }
    }
    const labels = { operation, category: delta.category };
    const key = `${delta.category}\n${operation}`;
    this.#merge(`operation_duration_seconds\n${key}`, 'operation_duration_seconds', labels, delta.sketch);
    this.#grow(`operation_total\n${key}`, 'operation_total', labels, delta.sketch.count);
    this.#grow(`operation_errors_total\n${key}`, 'operation_errors_total', labels, delta.errors);
    if (delta.items > 0) this.#grow(`operation_items_total\n${key}`, 'operation_items_total', labels, delta.items);
    if (delta.bytes > 0) this.#grow(`operation_bytes_total\n${key}`, 'operation_bytes_total', labels, delta.bytes);
  }

  /** Returns false when there are too many different metrics. */
  addMetric(metric: TrustedMetric): boolean {
    const key = `metric\n${metric.name}\n${Object.entries(metric.labels).sort().join('\n')}`;
    if (this.#lines.size >= mostMetrics + 5 * mostOperations && !this.#lines.has(key)) return false;
    if (metric.kind === 'histogram') this.#merge(key, metric.name, metric.labels, metric.sketch);
    else if (metric.kind === 'counter') this.#grow(key, metric.name, metric.labels, metric.value);
    else this.set(metric.name, metric.labels, metric.value, key);
    return true;
  }

  /** Adds to a counter of the monitor's own. */
  count(name: string, labels: Labels, value: number): void {
    this.#grow(`${name}\n${JSON.stringify(labels)}`, name, labels, value);
  }

  /** Adds to a distribution of the monitor's own. */
  distribution(name: string, labels: Labels, sketch: Sketch): void {
    this.#merge(`${name}\n${JSON.stringify(labels)}`, name, labels, sketch);
  }

  /** Sets a gauge. */
  set(name: string, labels: Labels, value: number, key = `${name}\n${JSON.stringify(labels)}`): void {
    const line = this.#line(key, 'gauge', name, labels);
    line.value = value;
    line.changed = true;
  }

  /** Writes what is due; everything that changed when `all`. */
  write(all = false): void {
    const now = this.#clock.now();
    const samples: Sample[] = [];
    for (const line of this.#lines.values()) {
      const age = now - line.writtenAt;
      // Idle counters repeat themselves now and then, so that a rate can be seen to be zero.
      const due = line.changed ? all || age >= gridMs || age < 0 : line.kind === 'counter' && age >= 60_000;
      if (!due) continue;
      if (line.sketch) {
        // The store may keep the sketch until it commits: it gets this one, the next interval gets its own.
        this.#series.appendSketches([{ name: line.name, labels: line.labels, at: now, sketch: line.sketch }]);
        line.sketch = new Sketch();
      } else {
        const base = {
          name: line.name,
          labels: line.labels,
          kind: line.kind === 'counter' ? ('counter' as const) : ('gauge' as const),
        };
        if (line.kind === 'counter' && line.writtenAt === 0) samples.push({ ...base, at: now - 1000, value: 0 });
        samples.push({ ...base, at: now, value: line.value });
      }
      line.changed = false;
      line.writtenAt = now;
    }
    if (samples.length > 0) this.#series.append(samples);
  }

  #merge(key: string, name: string, labels: Labels, sketch: Sketch): void {
    const line = this.#line(key, 'sketch', name, labels);
    line.sketch?.merge(sketch);
    line.changed = true;
  }

  #grow(key: string, name: string, labels: Labels, by: number): void {
    const line = this.#line(key, 'counter', name, labels);
    line.value += by;
    line.changed = true;
  }

  #line(key: string, kind: Line['kind'], name: string, labels: Labels): Line {
    let line = this.#lines.get(key);
    if (!line) {
      line = {
        kind,
        name,
        labels,
        value: 0,
        sketch: kind === 'sketch' ? new Sketch() : undefined,
        changed: false,
        writtenAt: 0,
      };
      this.#lines.set(key, line);
    }
    return line;
  }
}
