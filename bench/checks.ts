/**
 * What checks cost: a monitor with a thousand HTTP checks every ten seconds, which is a hundred a second, beside Debian's
 * blackbox_exporter at the same pace in the same run; HTTP checks without a pause; PostgreSQL over a kept connection, beside its bare driver; one sample of the
 * machine.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endpointChecks } from '../src/checks/endpoint-checks.ts';
import { apiMonitoringSettings, systemMonitoringSettings } from '../src/checks/settings.ts';
import { runOnce } from '../src/checks/single-run.ts';
import { systemReader } from '../src/checks/system/reader.ts';
import type { Check } from '../src/model/check.ts';
import { systemClock } from '../src/model/clock.ts';
import { freePort } from '../test/services/process.ts';
import { postgresCost } from './checks/postgres.ts';
import { thousandChecks } from './checks/whole-monitor.ts';
import { cpuMs } from './monitor/process.ts';

export const title = 'CPU, throughput and disk writes of checks, beside blackbox_exporter';

const blackbox = '/usr/bin/prometheus-blackbox-exporter';
const pacedPerSecond = 100;
const pacedSeconds = 10;
const body = JSON.stringify({ status: 'ok', filler: 'x'.repeat(400) });

/** CPU seconds this process has used. */
const ownCpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Starts the target in a process of its own. */
async function startTarget(): Promise<{ port: number; child: ChildProcess }> {
  const child = fork(fileURLToPath(import.meta.url), ['target'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [port] = (await once(child, 'message')) as [number];
  return { port, child };
}

function httpChecks(port: number, count: number, intervalSeconds: number): Check[] {
  const endpoints = Array.from({ length: count }, (_, i) => ({ path: `/check/${i}`, expected_status: 200 }));
  return endpointChecks(
    apiMonitoringSettings.parse({ base_url: `http://127.0.0.1:${port}`, endpoints }),
    intervalSeconds,
    systemClock,
  );
}

/** Does something `perSecond` times a second, in steps of 10 ms, and waits for all of it. */
async function paced(perSecond: number, seconds: number, act: (index: number) => Promise<unknown>): Promise<number> {
  const all: Promise<unknown>[] = [];
  const startedAt = performance.now();
  while (performance.now() - startedAt < seconds * 1000) {
    const due = Math.floor(((performance.now() - startedAt) / 1000) * perSecond);
    while (all.length < due) all.push(act(all.length));
    await sleep(10);
  }
  await Promise.all(all);
  return all.length;
}

async function saturated(checks: readonly Check[], seconds: number): Promise<number> {
  let done = 0;
  const until = performance.now() + seconds * 1000;
  const worker = async (check: Check) => {
    while (performance.now() < until) {
      await runOnce(check, systemClock);
      done += 1;
    }
  };
  await Promise.all(checks.slice(0, 16).map(worker));
  return done;
}

/** CPU seconds of blackbox_exporter per 1,000 probes at the same pace; null without it. */
async function blackboxCost(targetPort: number, dir: string): Promise<number | null> {
  if (!existsSync(blackbox)) return null;
  const config = join(dir, 'blackbox.yml');
  writeFileSync(
    config,
    'modules:\n  http_2xx:\n    prober: http\n    timeout: 5s\n    http:\n      preferred_ip_protocol: ip4\n',
  );
  const port = await freePort();
  const child = spawn(blackbox, [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`], {
    stdio: 'ignore',
  });
  const probe = () =>
    new Promise<void>((resolve, reject) => {
      const url = `http://127.0.0.1:${port}/probe?module=http_2xx&target=${encodeURIComponent(`http://127.0.0.1:${targetPort}/`)}`;
      get(url, (response) => response.resume().once('end', resolve)).once('error', reject);
    });
  try {
    for (let i = 0; i < 100; i++)
      if (
        await probe().then(
          () => true,
          () => sleep(50, false),
        )
      )
        break;
    const before = cpuMs(child.pid!);
    const count = await paced(pacedPerSecond, pacedSeconds, probe);
    return (cpuMs(child.pid!) - before) / count;
  } finally {
    child.kill();
  }
}

async function systemSampleCost(): Promise<number> {
  const reader = systemReader(systemMonitoringSettings.parse({}), systemClock);
  for (let i = 0; i < 50; i++) await reader.read();
  const before = ownCpu();
  for (let i = 0; i < 1000; i++) await reader.read();
  reader.close();
  return ownCpu() - before;
}

/**
 * Runs everything; about a minute and a half. The paced figures are of a whole monitor's process, which also stores every result, judges
 * it and keeps alert state; those of blackbox_exporter are of its process, which stores nothing. The others are of this process alone.
 */
export async function run(_options: { readonly json: boolean }): Promise<Record<string, number | null>> {
  const dir = mkdtempSync(join(tmpdir(), 'monitoring-bench-checks-'));
  const target = await startTarget();
  try {
    const checks = httpChecks(target.port, 100, 60);
    await saturated(checks, 2);
    const blackboxPaced = await blackboxCost(target.port, dir);
    const saturatedBefore = ownCpu();
    const done = await saturated(checks, 5);
    const saturatedCost = ((ownCpu() - saturatedBefore) / done) * 1000;
    const thousand = await thousandChecks(target.port);
    const postgres = await postgresCost();
    return {
      http_cpu_s_per_1000_paced: thousand.cpuSecondsPer1000,
      blackbox_cpu_s_per_1000_paced: blackboxPaced,
      http_saturated_per_second: done / 5,
      http_cpu_s_per_1000_saturated: saturatedCost,
      postgres_cpu_s_per_1000: postgres.check,
      postgres_driver_cpu_s_per_1000: postgres.driver,
      postgres_with_statistics_cpu_s_per_1000: postgres.withStatistics,
      bytes_written_per_check: thousand.bytesPerCheck,
      cpu_percent_1000_checks_10s: thousand.cpuPercent,
      system_sample_cpu_ms: await systemSampleCost(),
    };
  } finally {
    target.child.kill();
    rmSync(dir, { recursive: true, force: true });
  }
}

if (process.argv[2] === 'target' && process.send) {
  let asked = 0;
  const server = createServer((request, response) => {
    if (request.url === '/asked') {
      response.end(String(asked));
      return;
    }
    asked += 1;
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.send?.(typeof address === 'object' && address ? address.port : 0);
  });
}
