import type { Labels } from '../model/sample.ts';
import type { MetricDelta, OperationDelta } from '../model/signal.ts';
import { Sketch } from '../model/sketch.ts';
import { type KeepMemory, learnSlow, newKeepMemory } from './keep.ts';

/** Names past this many go into `other`. */
const mostOperations = 1000;
const mostMetrics = 1000;

/** Everything known about one operation since the previous batch. */
export class OperationSlot {
  readonly name: string;
  readonly category: OperationDelta['category'];
  readonly sketch = new Sketch();
  errors = 0;
  items = 0;
  bytes = 0;
  slowest: { seconds: number; traceId: string } | undefined = undefined;
  readonly keep: KeepMemory = newKeepMemory();

  constructor(name: string, category: OperationDelta['category']) {
    this.name = name;
    this.category = category;
  }
}

type MetricSlot =
  | {
      readonly kind: 'counter' | 'gauge';
      readonly name: string;
      readonly labels: Labels;
      value: number;
      changed: boolean;
    }
  | { readonly kind: 'histogram'; readonly name: string; readonly labels: Labels; readonly sketch: Sketch };

/** Counts and times on the app's own thread: a map lookup and a few typed-array writes for each event, nothing else. */
export class Recorder {
  readonly #operations: Record<OperationDelta['category'], Map<string, OperationSlot>> = {
    api: new Map(),
    database: new Map(),
    other: new Map(),
  };
  #size = 0;
  readonly #metrics = new Map<string, MetricSlot>();
  #folded = 0;
  #metricsLost = 0;

  /** The slot of an operation; the shared `other` when there are too many names. */
  slot(name: string, category: OperationDelta['category']): OperationSlot {
    return this.#operations[category].get(name) ?? this.#newSlot(name, category);
  }

  counter(name: string, value: number, labels: Labels): void {
    const slot = this.#metric('counter', name, labels);
    if (slot?.kind !== 'counter' || !Number.isFinite(value) || value < 0) return;
    slot.value += value;
    slot.changed = true;
  }

  gauge(name: string, value: number, labels: Labels): void {
    const slot = this.#metric('gauge', name, labels);
    if (slot?.kind !== 'gauge' || !Number.isFinite(value)) return;
    slot.value = value;
    slot.changed = true;
  }

  histogram(name: string, value: number, labels: Labels): void {
    const slot = this.#metric('histogram', name, labels);
    if (slot?.kind === 'histogram' && Number.isFinite(value)) slot.sketch.record(value);
  }

  /** What happened since the last time, and forgets it. */
  take(): { operations: OperationDelta[]; metrics: MetricDelta[]; folded: number; metricsLost: number } {
    const operations: OperationDelta[] = [];
    for (const slots of Object.values(this.#operations))
      for (const slot of slots.values()) if (slot.sketch.count > 0) operations.push(takeSlot(slot));
    const metrics: MetricDelta[] = [];
    for (const slot of this.#metrics.values()) {
      if (slot.kind === 'histogram') {
        if (slot.sketch.count === 0) continue;
        metrics.push({ kind: 'histogram', name: slot.name, labels: slot.labels, sketch: slot.sketch.encode() });
        slot.sketch.reset();
      } else if (slot.changed) {
        metrics.push({ kind: slot.kind, name: slot.name, labels: slot.labels, value: slot.value });
        slot.changed = false;
        if (slot.kind === 'counter') slot.value = 0;
      }
    }
    const out = { operations, metrics, folded: this.#folded, metricsLost: this.#metricsLost };
    this.#folded = 0;
    this.#metricsLost = 0;
    return out;
  }

  #newSlot(name: string, category: OperationDelta['category']): OperationSlot {
    const slots = this.#operations[category];
    if (this.#size >= mostOperations) {
      this.#folded += 1;
      const other = slots.get('other');
      if (other) return other;
      name = 'other';
    }
    this.#size += 1;
    const slot = new OperationSlot(name, category);
    slots.set(name, slot);
    return slot;
  }

  #metric(kind: MetricSlot['kind'], name: string, labels: Labels): MetricSlot | undefined {
    let key = name;
    for (const label in labels) key += `\n${label}=${labels[label]}`;
    let slot = this.#metrics.get(key);
    if (!slot) {
      if (this.#metrics.size >= mostMetrics) {
        this.#metricsLost += 1;
        return undefined;
      }
      slot =
        kind === 'histogram'
          ? { kind, name, labels: { ...labels }, sketch: new Sketch() }
          : { kind, name, labels: { ...labels }, value: 0, changed: false };
      this.#metrics.set(key, slot);
    }
    return slot;
  }
}

function takeSlot(slot: OperationSlot): OperationDelta {
  const { sketch } = slot;
  learnSlow(slot.keep, sketch.quantile(0.95), sketch.count);
  const delta: OperationDelta = {
    operation: slot.name,
    category: slot.category,
    errors: slot.errors,
    items: slot.items,
    bytes: slot.bytes,
    durations: sketch.encode(),
    ...(slot.slowest ? { slowest: slot.slowest } : {}),
  };
  sketch.reset();
  slot.errors = 0;
  slot.items = 0;
  slot.bytes = 0;
  slot.slowest = undefined;
  return delta;
}

/** The category of an operation, by its name as the predecessor had it. */
export function categoryOf(name: string): OperationDelta['category'] {
  if (name.startsWith('db_') || name.startsWith('database_') || name.startsWith('query_')) return 'database';
  return name.startsWith('api_') || /^[A-Z]{3,7} /.test(name) ? 'api' : 'other';
}
