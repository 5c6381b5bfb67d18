import type { LatestPoint, RangeAnswer } from '../../model/store.ts';
import type { ServerOptions } from '../options.ts';
import { operations } from './operations.ts';

const minute = 60_000;
const points = 100;
type Operations = Awaited<ReturnType<typeof operations>>;

/** What the status document needs from the stores; kept for a few seconds. */
export interface StatusHistory {
  /** Start of the window that the numbers are about, epoch ms. */
  readonly from: number;
  readonly operations: Operations;
  /** Newest last. */
  readonly operationHistory: readonly OperationMinute[];
  readonly rss: { readonly current: number; readonly peak: number };
  readonly resources: Readonly<Record<'cpu' | 'memory' | 'disk' | 'received' | 'sent', readonly (number | null)[]>>;
  /** Epoch ms of the points of `resources`. */
  readonly times: readonly number[];
  readonly custom: Readonly<Record<string, number>>;
}

/** What one operation did in one minute. */
export interface OperationMinute {
  readonly at: number;
  readonly operation: string;
  readonly category: string;
  readonly count: number;
  readonly averageSeconds: number;
}

/** Reads the window since the monitor started, at most a day. */
export async function statusHistory(options: ServerOptions): Promise<StatusHistory> {
  const { series, clock } = options;
  const now = clock.now();
  const from = Math.max(options.startedAt, now - 24 * 60 * minute);
  // A hundred points: at the pace of the system checks at first, then over at most the last 100 minutes.
  const stepMs = Math.max(5000, Math.min(minute, Math.ceil((now - from) / points / 5000) * 5000));
  const start = Math.ceil((now - points * stepMs) / stepMs) * stepMs;
  const line = async (name: string): Promise<(number | null)[]> => {
    const answer = await series.query({ name, from: start, to: now + 1, stepMs, aggregates: ['avg'], limit: 50 });
    return highest(answer, start, stepMs);
  };
  const [ops, history, rss, cpu, memory, disk, received, sent] = await Promise.all([
    operations(series, from, now + 1),
    series.query({
      name: 'operation_duration_seconds',
      from: Math.max(from, now - 60 * minute),
      to: now + 1,
      stepMs: minute,
      aggregates: ['count', 'avg'],
      limit: 200,
    }),
    series.query({
      name: 'process_memory_rss_bytes',
      from,
      to: now + 1,
      stepMs: Math.max(minute, now - from),
      aggregates: ['max'],
      limit: 50,
    }),
    line('system_cpu_usage_ratio'),
    line('system_memory_usage_ratio'),
    line('system_disk_usage_ratio'),
    line('system_network_receive_bytes_per_second'),
    line('system_network_transmit_bytes_per_second'),
  ]);
  const times = Array.from({ length: points }, (_, i) => start + i * stepMs);
  // Only the steps in which the machine was looked at: gaps at the front would look like measurements of nothing.
  const kept = times.map((_, i) => i).filter((i) => cpu[i] !== null || memory[i] !== null);
  const pick = <T>(list: readonly T[]) => kept.map((i) => list[i]!);
  return {
    from,
    operations: ops,
    operationHistory: minutesOf(history),
    rss: residentMemory(series.latest({ name: 'process_memory_rss_bytes' }), rss),
    resources: {
      cpu: pick(cpu),
      memory: pick(memory),
      disk: pick(disk),
      received: pick(accumulate(received, stepMs)),
      sent: pick(accumulate(sent, stepMs)),
    },
    times: pick(times),
    custom: customMetrics(series.latest({})),
  };
}

/** One value a step: the highest of the series, which for disks is the fullest. */
function highest(answer: RangeAnswer, start: number, stepMs: number): (number | null)[] {
  const line = new Array<number | null>(points).fill(null);
  for (const one of answer.series) {
    for (const [i, at] of one.at.entries()) {
      const step = Math.floor((at - start) / stepMs);
      const value = one.values['avg']?.[i];
      if (step < 0 || step >= points || value === undefined || !Number.isFinite(value)) continue;
      line[step] = Math.max(line[step] ?? Number.NEGATIVE_INFINITY, value);
    }
  }
  return line;
}

/** The predecessor gave counters of bytes; rates add up to the same shape, counted from the window's start. */
function accumulate(rates: readonly (number | null)[], stepMs: number): number[] {
  let total = 0;
  return rates.map((rate) => {
    total += ((rate ?? 0) * stepMs) / 1000;
    return Math.round(total);
  });
}

function minutesOf(answer: RangeAnswer): OperationMinute[] {
  const all = answer.series.flatMap((one) =>
    one.at.map((at, i) => ({
      at,
      operation: one.labels['operation'] ?? '',
      category: one.labels['category'] ?? 'other',
      count: one.values['count']?.[i] ?? 0,
      averageSeconds: one.values['avg']?.[i] ?? Number.NaN,
    })),
  );
  return all.filter((one) => one.count > 0).sort((a, b) => a.at - b.at);
}

/** Memory of the application, or of the monitor itself when no application reports. */
function residentMemory(latest: readonly LatestPoint[], window: RangeAnswer): { current: number; peak: number } {
  const process = latest.some((point) => point.labels['process'] === 'app') ? 'app' : 'monitor';
  const current =
    latest.filter((point) => point.labels['process'] === process).sort((a, b) => b.at - a.at)[0]?.value ?? 0;
  const peaks = window.series
    .filter((one) => one.labels['process'] === process)
    .flatMap((one) => one.values['max'] ?? []);
  return { current, peak: Math.max(current, ...peaks.filter((value) => Number.isFinite(value))) };
}

const ours = /^(system|process|check|operation|monitor|http|database|nodejs)_/;

/** The newest values of the application's own metrics, at most 200. */
function customMetrics(latest: readonly LatestPoint[]): Record<string, number> {
  const own = latest.filter((point) => !ours.test(point.name) && Number.isFinite(point.value)).slice(0, 200);
  return Object.fromEntries(
    own.map((point) => {
      const labels = Object.entries(point.labels).map(([name, value]) => `${name}=${value}`);
      return [labels.length === 0 ? point.name : `${point.name}{${labels.join(',')}}`, point.value];
    }),
  );
}
