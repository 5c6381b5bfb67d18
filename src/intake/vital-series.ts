import type { Clock } from '../model/clock.ts';
import type { Sample } from '../model/sample.ts';
import type { ProcessVitals } from '../model/signal.ts';
import type { SeriesStore } from '../model/store.ts';

const gridMs = 10_000;

interface Window {
  /** On the monotonic clock. */
  since: number;
  batches: number;
  readonly sums: Record<(typeof averaged)[number][0], number>;
  gcSeconds: number;
  delayP99: number;
  delayMax: number;
}

/** Averages over the window, by field; delays are the worst of the window instead. */
const averaged = [
  ['cpuRatio', 'process_cpu_ratio'],
  ['rssBytes', 'process_memory_rss_bytes'],
  ['heapUsedBytes', 'process_heap_used_bytes'],
  ['eventLoopUtilization', 'process_event_loop_utilization_ratio'],
] as const satisfies readonly (readonly [keyof ProcessVitals, string])[];

/** Turns the vital signs of the apps' processes, which come every second, into a point every ten seconds. */
export class VitalSeries {
  readonly #series: SeriesStore;
  readonly #clock: Clock;
  readonly #windows = new Map<string, Window>();

  constructor(series: SeriesStore, clock: Clock) {
    this.#series = series;
    this.#clock = clock;
  }

  add(instance: string, vitals: ProcessVitals): void {
    let window = this.#windows.get(instance);
    if (!window) {
      // The first point comes at once, so that a page of a fresh process is not empty.
      window = emptyWindow(Number.NEGATIVE_INFINITY);
      this.#windows.set(instance, window);
    }
    window.batches += 1;
    for (const [field] of averaged) window.sums[field] += vitals[field];
    window.gcSeconds += vitals.gcSeconds;
    window.delayP99 = Math.max(window.delayP99, vitals.eventLoopDelay.p99);
    window.delayMax = Math.max(window.delayMax, vitals.eventLoopDelay.max);
  }

  /** Writes the windows that are over; all of them when `all`. */
  write(all = false): void {
    const now = this.#clock.monotonic();
    for (const [instance, window] of this.#windows) {
      const length = now - window.since;
      if (!all && length < gridMs) continue;
      if (window.batches === 0) {
        if (length > 6 * gridMs) this.#windows.delete(instance);
        continue;
      }
      this.#series.append(this.#samples(instance, window, Number.isFinite(length) ? length : 1000));
      this.#windows.set(instance, emptyWindow(now));
    }
  }

  #samples(instance: string, window: Window, lengthMs: number): Sample[] {
    const labels = { process: 'app', instance };
    const at = this.#clock.now();
    const gauge = (name: string, value: number): Sample => ({ name, labels, at, value });
    return [
      ...averaged.map(([field, name]) => gauge(name, window.sums[field] / window.batches)),
      gauge('process_event_loop_delay_p99_seconds', window.delayP99),
      gauge('process_event_loop_delay_max_seconds', window.delayMax),
      gauge('process_gc_ratio', Math.min(1, window.gcSeconds / (lengthMs / 1000))),
    ];
  }
}

function emptyWindow(since: number): Window {
  return {
    since,
    batches: 0,
    sums: { cpuRatio: 0, rssBytes: 0, heapUsedBytes: 0, eventLoopUtilization: 0 },
    gcSeconds: 0,
    delayP99: 0,
    delayMax: 0,
  };
}
