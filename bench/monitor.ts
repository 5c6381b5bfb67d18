/**
 * What a standalone monitor costs: how long until it answers, and what it takes when it only watches its own machine.
 * The built launcher runs as users run it, in an empty folder, on Node 24.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMs, rssMb, startMonitorProcess } from './monitor/process.ts';

export const title = 'start-up time, CPU and memory of a standalone monitor that watches its machine';

const starts = 5;
const settleMs = 15_000;
const idleMs = 30_000;

const round = (value: number, digits: number) => Number(value.toFixed(digits));

/**
 * Measures and resolves with the figures: `ready_ms` (median of five starts), `idle_cpu_percent` of one core over half a minute, and
 * `idle_rss_mb` at its end. Linux only: it reads /proc.
 */
export async function run(_options: { json: boolean }): Promise<Record<string, number>> {
  const times: number[] = [];
  for (let turn = 1; turn < starts; turn += 1) {
    const monitor = await startMonitorProcess();
    times.push(monitor.readyMs);
    await monitor.stop();
  }
  const monitor = await startMonitorProcess();
  times.push(monitor.readyMs);
  const { pid } = monitor;
  await sleep(settleMs);
  const [cpu, at] = [cpuMs(pid), performance.now()];
  await sleep(idleMs);
  const idleCpu = ((cpuMs(pid) - cpu) / (performance.now() - at)) * 100;
  const rss = rssMb(pid);
  await monitor.stop();
  times.sort((a, b) => a - b);
  return {
    ready_ms: round(times[Math.floor(times.length / 2)]!, 0),
    ready_max_ms: round(times.at(-1)!, 0),
    idle_cpu_percent: round(idleCpu, 2),
    idle_rss_mb: round(rss, 1),
  };
}
