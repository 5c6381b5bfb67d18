import { readdirSync, statSync } from 'node:fs';
import { monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { isMainThread } from 'node:worker_threads';
import type { Clock } from '../../model/clock.ts';
import type { Sample } from '../../model/sample.ts';

/** Reads what the monitor itself costs. In a worker thread: of that thread, as far as it can be told apart. */
export interface OwnProcess {
  /** Samples since the reading before; the first has no shares. */
  read(at: number): Sample[];
  close(): void;
}

/** The histogram's timer wakes the process this often; finer costs CPU while nothing happens. */
const resolutionMs = 50;

type CpuUsage = { readonly user: number; readonly system: number };

/** Node >= 22.19 can tell a thread's own CPU time; in a worker the process's would be the application's. */
function cpuUsage(): CpuUsage | undefined {
  const ofThread = (process as { threadCpuUsage?: () => CpuUsage }).threadCpuUsage;
  if (!isMainThread) return ofThread?.call(process);
  return process.cpuUsage();
}

/** Starts watching; `close` ends it. */
export function watchOwnProcess(clock: Clock): OwnProcess {
  const labels = { process: 'monitor' };
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  let gcMs = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) gcMs += entry.duration;
  });
  observer.observe({ entryTypes: ['gc'] });
  let before:
    | { at: number; cpu: CpuUsage | undefined; utilization: ReturnType<typeof performance.eventLoopUtilization> }
    | undefined;

  return {
    read(at) {
      const samples: Sample[] = [];
      const add = (name: string, value: number) => {
        if (Number.isFinite(value)) samples.push({ name, labels, at, value });
      };
      const now = { at: clock.monotonic(), cpu: cpuUsage(), utilization: performance.eventLoopUtilization() };
      const elapsedMs = before ? now.at - before.at : 0;
      if (before && elapsedMs > 0) {
        if (now.cpu && before.cpu) {
          const usedMicroseconds = now.cpu.user + now.cpu.system - before.cpu.user - before.cpu.system;
          add('process_cpu_ratio', usedMicroseconds / 1000 / elapsedMs);
        }
        add(
          'process_event_loop_utilization_ratio',
          performance.eventLoopUtilization(now.utilization, before.utilization).utilization,
        );
        add('process_gc_ratio', Math.min(1, gcMs / elapsedMs));
        gcMs = 0;
      }
      before = now;
      // The histogram holds the distance between two of its ticks; what goes beyond its own period is the delay.
      if (delay.count > 0) {
        const seconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - resolutionMs / 1000);
        add('process_event_loop_delay_p50_seconds', seconds(delay.percentile(50)));
        add('process_event_loop_delay_p99_seconds', seconds(delay.percentile(99)));
        add('process_event_loop_delay_max_seconds', seconds(delay.max));
        delay.reset();
      }
      const heap = getHeapStatistics();
      add('process_heap_used_bytes', heap.used_heap_size);
      add('process_heap_total_bytes', heap.total_heap_size);
      // Memory and files are the whole process's: in a worker the application reports them.
      if (isMainThread) {
        add('process_memory_rss_bytes', process.memoryUsage.rss());
        add('process_open_fds', openFiles());
        add('process_active_handles', process.getActiveResourcesInfo().length);
      }
      return samples;
    },
    close() {
      delay.disable();
      observer.disconnect();
    },
  };
}

/** Open files and sockets; NaN where the system does not tell. Since Linux 6.2 the folder's size is their number, before it is 0. */
function openFiles(): number {
  try {
    return statSync('/proc/self/fd').size || readdirSync('/proc/self/fd').length;
  } catch {
    return Number.NaN;
  }
}
