import { setTimeout as sleep } from 'node:timers/promises';
import { bytesWritten, cpuMs, startMonitorProcess } from '../monitor/process.ts';

const checks = 1000;
const intervalSeconds = 10;
/** The first interval spreads the checks; the second one is the first that is like every other. */
const settleMs = 2 * intervalSeconds * 1000;
const measureMs = 3 * intervalSeconds * 1000;

/** What one monitor pays for a thousand HTTP checks every ten seconds, each over a connection of its own. */
export interface ThousandChecks {
  readonly cpuPercent: number;
  readonly cpuSecondsPer1000: number;
  readonly bytesPerCheck: number;
}

/** Starts a monitor that asks a target on this port, and measures its process for half a minute; the target says how often it was asked. */
export async function thousandChecks(port: number): Promise<ThousandChecks> {
  const endpoints = Array.from({ length: checks }, (_, index) => ({ path: `/check/${index}`, expected_status: 200 }));
  const monitor = await startMonitorProcess({
    monitoring: { health_check_intervals: { api: intervalSeconds } },
    api_monitoring: { base_url: `http://127.0.0.1:${port}`, endpoints },
    system_monitoring: { enabled: false },
  });
  const asked = async () => Number(await (await fetch(`http://127.0.0.1:${port}/asked`)).text());
  try {
    await sleep(settleMs);
    const before = {
      at: performance.now(),
      cpu: cpuMs(monitor.pid),
      bytes: bytesWritten(monitor.pid),
      asked: await asked(),
    };
    await sleep(measureMs);
    const cpu = cpuMs(monitor.pid) - before.cpu;
    const runs = (await asked()) - before.asked;
    return {
      cpuPercent: (cpu / (performance.now() - before.at)) * 100,
      cpuSecondsPer1000: cpu / runs,
      bytesPerCheck: (bytesWritten(monitor.pid) - before.bytes) / runs,
    };
  } finally {
    await monitor.stop();
  }
}
