import type { Clock } from '../model/clock.ts';
import type { Labels, Sample } from '../model/sample.ts';
import type { ProcessVitals } from '../model/signal.ts';
import type { SeriesStore } from '../model/store.ts';

const gridMs = 10_000;

interface Window {
  /** On the monotonic clock. */
  since: number;
  batches: number;
  readonly sums: Record<(typeof averaged)[number][0], number>;
  gcSeconds: number;
  delayP50: number;
  delayP99: number;
  delayMax: number;
  /** The newest of what not every batch brings. */
  openFiles: number | undefined;
  heapSpaces: ProcessVitals['heapSpaces'];
}

/** Averages over the window, by field; delays are the worst of the window instead, and counts of files the newest. */
const averaged = [
  ['cpuRatio', 'process_cpu_ratio'],
  ['rssBytes', 'process_memory_rss_bytes'],
  ['heapUsedBytes', 'process_heap_used_bytes'],
  ['heapTotalBytes', 'process_heap_total_bytes'],
  ['activeHandles', 'process_active_handles'],
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
    window.delayP50 = Math.max(window.delayP50, vitals.eventLoopDelay.p50);
    window.delayP99 = Math.max(window.delayP99, vitals.eventLoopDelay.p99);
    window.delayMax = Math.max(window.delayMax, vitals.eventLoopDelay.max);
    window.openFiles = vitals.openFiles ?? window.openFiles;
    window.heapSpaces = vitals.heapSpaces ?? window.heapSpaces;
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
    const gauge = (name: string, value: number, more: Labels = {}): Sample => ({
      name,
      labels: { ...labels, ...more },
      at,
      value,
    });
    return [
      ...averaged.map(([field, name]) => gauge(name, window.sums[field] / window.batches)),
      gauge('process_event_loop_delay_p50_seconds', window.delayP50),
      gauge('process_event_loop_delay_p99_seconds', window.delayP99),
      gauge('process_event_loop_delay_max_seconds', window.delayMax),
      gauge('process_gc_ratio', Math.min(1, window.gcSeconds / (lengthMs / 1000))),
      ...(window.openFiles === undefined ? [] : [gauge('process_open_fds', window.openFiles)]),
      ...Object.entries(window.heapSpaces ?? {}).map(([space, bytes]) =>
        gauge('process_heap_space_used_bytes', bytes, { space }),
      ),
    ];
  }
}

function emptyWindow(since: number): Window {
  return {
    since,
    batches: 0,
    sums: {
      cpuRatio: 0,
      rssBytes: 0,
      heapUsedBytes: 0,
      heapTotalBytes: 0,
      activeHandles: 0,
      eventLoopUtilization: 0,
    },
    gcSeconds: 0,
    delayP50: 0,
    delayP99: 0,
    delayMax: 0,
    openFiles: undefined,
    heapSpaces: undefined,
  };
}
