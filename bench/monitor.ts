/**
 * What a standalone monitor costs: how long until it answers, and what it takes when it only watches its own machine.
 * The built launcher runs as users run it, in an empty folder, on Node 24.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const title = 'start-up time, CPU and memory of a standalone monitor that watches its machine';

const launcher = fileURLToPath(new URL('../dist/cli/launcher.js', import.meta.url));
const starts = 5;
const settleMs = 15_000;
const idleMs = 30_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return address.port;
}

interface Running {
  readonly child: ChildProcess;
  readonly readyMs: number;
  stop(): Promise<void>;
}

/** Starts a monitor and waits for the first answer that says it is ready. */
async function start(): Promise<Running> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'cryomon-bench-'));
  const from = performance.now();
  const child = spawn(process.execPath, [launcher, '--dashboard-port', String(port)], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-2000);
  });
  while (!(await isReady(port))) {
    if (child.exitCode !== null) throw new Error(`The monitor ended with code ${child.exitCode}: ${said}`);
    if (performance.now() - from > 30_000) throw new Error('The monitor was not ready after 30 s.');
    await sleep(4);
  }
  const readyMs = performance.now() - from;
  return {
    child,
    readyMs,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function isReady(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/monitoring/readyz`);
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** CPU time of all threads of a process so far, in ms. The scheduler's own account is finer than the ticks in `stat`. */
function cpuMs(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  }
  return nanoseconds / 1e6;
}

function rssMb(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1]) / 1024;
}

const round = (value: number, digits: number) => Number(value.toFixed(digits));

/**
 * Measures and resolves with the figures: `ready_ms` (median of five starts), `idle_cpu_percent` of one core over half a minute, and
 * `idle_rss_mb` at its end. Linux only: it reads /proc.
 */
export async function run(_options: { json: boolean }): Promise<Record<string, number>> {
  const times: number[] = [];
  for (let turn = 1; turn < starts; turn += 1) {
    const monitor = await start();
    times.push(monitor.readyMs);
    await monitor.stop();
  }
  const monitor = await start();
  times.push(monitor.readyMs);
  const pid = monitor.child.pid!;
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
