import { monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks';
import { getHeapSpaceStatistics } from 'node:v8';
import type { ProcessVitals } from '../model/signal.ts';
import { openFilesCounter } from './open-files.ts';

/** The vital signs of this process since they were last taken. */
export interface Vitals {
  take(): ProcessVitals;
  stop(): void;
}

/** Begins to watch the event loop and the garbage collector of the thread it is called in. */
export function startVitals(): Vitals {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  let gcMs = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) gcMs += entry.duration;
  });
  observer.observe({ entryTypes: ['gc'] });
  let utilization = performance.eventLoopUtilization();
  let cpu = process.cpuUsage();
  let at = performance.now();
  const countOpenFiles = openFilesCounter();
  let handles = 0;
  let openFiles = countOpenFiles();
  let takes = 0;

  return {
    take() {
      const now = performance.now();
      const elapsedMs = Math.max(1, now - at);
      at = now;
      const used = process.cpuUsage(cpu);
      cpu = process.cpuUsage();
      const loop = performance.eventLoopUtilization();
      const share = performance.eventLoopUtilization(loop, utilization).utilization;
      utilization = loop;
      // Listing every open socket and every space of the heap costs time, so only now and then.
      const thorough = takes++ % 10 === 0;
      if (thorough) {
        handles = process.getActiveResourcesInfo().length;
        openFiles = countOpenFiles();
      }
      const memory = process.memoryUsage();
      const vitals: ProcessVitals = {
        cpuRatio: (used.user + used.system) / 1000 / elapsedMs,
        rssBytes: memory.rss,
        heapUsedBytes: memory.heapUsed,
        heapTotalBytes: memory.heapTotal,
        eventLoopUtilization: Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0,
        eventLoopDelay: {
          p50: seconds(delay.percentile(50)),
          p99: seconds(delay.percentile(99)),
          max: seconds(delay.max),
        },
        gcSeconds: gcMs / 1000,
        activeHandles: handles,
        uptimeSeconds: process.uptime(),
        ...(openFiles === undefined ? {} : { openFiles }),
        ...(thorough ? { heapSpaces: heapSpaces() } : {}),
      };
      delay.reset();
      gcMs = 0;
      return vitals;
    },
    stop() {
      delay.disable();
      observer.disconnect();
    },
  };
}

/** The histogram counts the whole time between two of its timers; what is above its 20 ms is delay. */
function seconds(nanoseconds: number): number {
  if (!Number.isFinite(nanoseconds) || nanoseconds > 1e15) return 0;
  return Math.max(0, nanoseconds / 1e6 - 20) / 1000;
}

function heapSpaces(): Record<string, number> {
  return Object.fromEntries(
    getHeapSpaceStatistics().map(({ space_name, space_used_size }) => [
      space_name.replace(/_space$/, ''),
      space_used_size,
    ]),
  );
}
