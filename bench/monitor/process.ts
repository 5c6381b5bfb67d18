/** The built launcher as users run it, in an empty folder of its own, and what its process costs. Linux only: it reads /proc. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/services/process.ts';

const launcher = fileURLToPath(new URL('../../dist/cli/launcher.js', import.meta.url));

export interface RunningMonitor {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly readyMs: number;
  stop(): Promise<void>;
}

/** Starts a monitor, with a configuration file or without, and waits for the first answer that says it is ready. */
export async function startMonitorProcess(configuration?: unknown): Promise<RunningMonitor> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'cryomon-bench-'));
  if (configuration !== undefined) writeFileSync(join(folder, 'monitoring_config.json'), JSON.stringify(configuration));
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
    pid: child.pid!,
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
export function cpuMs(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  }
  return nanoseconds / 1e6;
}

export function rssMb(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1]) / 1024;
}

/** Bytes that a process has caused to be written to disks so far. */
export function bytesWritten(pid: number): number {
  return Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1] ?? 0);
}
