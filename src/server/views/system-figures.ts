import { cpus, hostname, release, totalmem, type, uptime } from 'node:os';
import type { SystemView, Verdict } from '../../model/api.ts';
import type { LatestPoint, SeriesStore } from '../../model/store.ts';
import type { CurrentSettings } from '../current-settings.ts';

type Figure = SystemView['figures'][number];
type Line = Figure['lines'][number];

/** A figure's description; its value is the newest point of its first line. */
interface Kind {
  readonly id: string;
  readonly title: string;
  readonly unit: Figure['unit'];
  readonly group: Figure['group'];
  readonly help: string;
  readonly lines: readonly Line[];
  /** Key part of `system_monitoring.<this>_warning_threshold`, in percent. */
  readonly threshold?: 'cpu' | 'memory' | 'disk';
}

const line = (label: string, metric: string, labels: Record<string, string> = {}, aggregate = 'avg'): Line => ({
  label,
  metric,
  labels,
  aggregate,
});

const machine: readonly Kind[] = [
  {
    id: 'cpu',
    title: 'CPU',
    unit: 'ratio',
    group: 'machine',
    threshold: 'cpu',
    lines: [line('CPU', 'system_cpu_usage_ratio')],
    help: 'Share of all processor time in use. Near 100 % for minutes means that work waits in line.',
  },
  {
    id: 'memory',
    title: 'Memory',
    unit: 'ratio',
    group: 'machine',
    threshold: 'memory',
    lines: [line('Memory', 'system_memory_usage_ratio')],
    help: 'Memory that programs hold and the kernel could not take back. Above 90 % the kernel may start to end processes.',
  },
  {
    id: 'swap',
    title: 'Swap',
    unit: 'ratio',
    group: 'machine',
    lines: [line('Swap', 'system_swap_usage_ratio')],
    help: 'Share of swap space in use. What grows here makes everything slow.',
  },
  {
    id: 'load',
    title: 'Load',
    unit: 'count',
    group: 'machine',
    lines: [line('1 min', 'system_load1'), line('5 min', 'system_load5'), line('15 min', 'system_load15')],
    help: 'Processes that run or wait to run, averaged. More than the number of processors for long means waiting.',
  },
  {
    id: 'network',
    title: 'Network',
    unit: 'bytes_per_second',
    group: 'machine',
    lines: [
      line('received', 'system_network_receive_bytes_per_second'),
      line('sent', 'system_network_transmit_bytes_per_second'),
    ],
    help: 'Bytes per second over all network interfaces but loopback.',
  },
  {
    id: 'disk-io',
    title: 'Disk traffic',
    unit: 'bytes_per_second',
    group: 'machine',
    lines: [line('read', 'system_disk_read_bytes_per_second'), line('written', 'system_disk_write_bytes_per_second')],
    help: 'Bytes per second that all disks read and write.',
  },
  {
    id: 'disk-busy',
    title: 'Disk busy',
    unit: 'ratio',
    group: 'machine',
    lines: [line('busiest disk', 'system_disk_busy_ratio'), line('processors wait', 'system_cpu_wait_ratio')],
    help: 'Share of the time in which the busiest disk had work, and in which processors had nothing to do but wait for disks.',
  },
];

function processKinds(
  group: 'monitor' | 'application',
  id: string,
  title: string,
  labels: Record<string, string>,
): Kind[] {
  return [
    {
      id: `${id}-cpu`,
      title: `${title} CPU`,
      unit: 'ratio',
      group,
      lines: [line('CPU', 'process_cpu_ratio', labels)],
      help: 'Processor time of this process; 100 % is one whole core.',
    },
    {
      id: `${id}-memory`,
      title: `${title} memory`,
      unit: 'bytes',
      group,
      lines: [
        line('resident', 'process_memory_rss_bytes', labels),
        line('heap used', 'process_heap_used_bytes', labels),
      ],
      help: 'Memory of this process. A heap that never falls back to the same floor is a leak.',
    },
    {
      id: `${id}-loop-delay`,
      title: `${title} event-loop delay`,
      unit: 'seconds',
      group,
      lines: [
        line('p99', 'process_event_loop_delay_p99_seconds', labels, 'max'),
        line('max', 'process_event_loop_delay_max_seconds', labels, 'max'),
      ],
      help: 'How late the event loop comes to its work. Every request waits at least this long.',
    },
    {
      id: `${id}-loop-utilization`,
      title: `${title} event-loop utilization`,
      unit: 'ratio',
      group,
      lines: [line('busy', 'process_event_loop_utilization_ratio', labels)],
      help: 'Share of time in which the event loop is busy. Near 100 % this process can take no more work.',
    },
    {
      id: `${id}-gc`,
      title: `${title} garbage collection`,
      unit: 'ratio',
      group,
      lines: [line('collecting', 'process_gc_ratio', labels)],
      help: 'Share of time spent collecting garbage. Above 10 % the process fights for memory.',
    },
    {
      id: `${id}-handles`,
      title: `${title} open files`,
      unit: 'count',
      group,
      lines: [line('files', 'process_open_fds', labels), line('handles', 'process_active_handles', labels)],
      help: 'Open files and sockets, and timers, sockets and requests that keep the process alive. What only grows is never closed.',
    },
  ];
}

/** Every figure of the System page with its newest value; figures whose series do not exist are left out. */
export function systemView(series: SeriesStore, settings: CurrentSettings, now: number): SystemView {
  const kinds = [
    ...machine.slice(0, 3),
    ...disks(series),
    ...machine.slice(3),
    ...temperatures(series),
    ...processKinds('monitor', 'monitor', 'Monitor', { process: 'monitor' }),
    ...applications(series),
  ];
  return {
    at: now,
    hostname: hostname(),
    platform: `${type()} ${release()}`,
    cpu_count: cpus().length,
    total_memory_bytes: totalmem(),
    uptime_seconds: Math.round(uptime()),
    figures: kinds.flatMap((kind) => figure(kind, series, settings, now)),
  };
}

function disks(series: SeriesStore): Kind[] {
  return series.latest({ name: 'system_disk_usage_ratio' }).map((point) => {
    const path = point.labels['path'] ?? '/';
    return {
      id: `disk:${path}`,
      title: `Disk ${path}`,
      unit: 'ratio',
      group: 'machine',
      threshold: 'disk',
      lines: [line('used', 'system_disk_usage_ratio', { path })],
      help: 'Share of the file system in use. A full disk stops databases and logs.',
    };
  });
}

function temperatures(series: SeriesStore): Kind[] {
  const lines = series
    .latest({ name: 'system_temperature_celsius' })
    .map(({ labels: { sensor = '' } }) => line(sensor, 'system_temperature_celsius', { sensor }, 'max'));
  if (lines.length === 0) return [];
  return [
    {
      id: 'temperature',
      title: 'Temperature in °C',
      unit: 'count',
      group: 'machine',
      lines,
      help: 'At the sensors of this machine. A processor that is too hot makes itself slower.',
    },
  ];
}

function applications(series: SeriesStore): Kind[] {
  const points = series.latest({
    name: 'process_memory_rss_bytes',
    matchers: [{ name: 'process', op: '=', value: 'app' }],
  });
  const recent = points.sort((a, b) => b.at - a.at).slice(0, 8);
  return recent.flatMap((point) => {
    const instance = point.labels['instance'] ?? '';
    const title = recent.length === 1 ? 'Application' : `Application ${instance}`;
    return processKinds('application', `app:${instance}`, title, {
      process: 'app',
      ...(instance !== '' && { instance }),
    });
  });
}

function figure(kind: Kind, series: SeriesStore, settings: CurrentSettings, now: number): Figure[] {
  const point = newest(series, kind.lines[0]!);
  if (point === undefined) return [];
  // What has not been measured for five minutes is history, not a current number.
  const value = now - point.at <= 300_000 && Number.isFinite(point.value) ? point.value : null;
  const { id, title, unit, group, help, lines } = kind;
  const limits = thresholds(kind, settings);
  return [{ id, title, unit, value, ...limits, verdict: verdictOf(value, limits), help, lines: [...lines], group }];
}

function newest(series: SeriesStore, first: Line): LatestPoint | undefined {
  const matchers = Object.entries(first.labels).map(([name, value]) => ({ name, op: '=' as const, value }));
  return series.latest({ name: first.metric, matchers }).sort((a, b) => b.at - a.at)[0];
}

function thresholds(kind: Kind, settings: CurrentSettings): { warning: number | null; error: number | null } {
  if (kind.threshold === undefined) return { warning: null, error: null };
  const part = (level: string, fallback: number) =>
    settings.number(`system_monitoring.${kind.threshold}_${level}_threshold`, fallback) / 100;
  return { warning: part('warning', 80), error: part('error', 90) };
}

function verdictOf(value: number | null, limits: { warning: number | null; error: number | null }): Verdict {
  if (value === null) return 'unknown';
  if (limits.error !== null && value > limits.error) return 'error';
  if (limits.warning !== null && value > limits.warning) return 'warning';
  return 'ok';
}
