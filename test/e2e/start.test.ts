import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort, launch, launcher, type Running, run, scratch, startMonitor, until } from './harness.ts';

let dir: string;
let remove: () => Promise<void>;
const running: Running[] = [];

beforeEach(async () => {
  ({ dir, remove } = await scratch());
});

afterEach(async () => {
  for (const monitor of running.splice(0)) await monitor.kill();
  await remove();
});

async function start(config: object = {}, port?: number): Promise<Running> {
  const monitor = await startMonitor(dir, config, port);
  running.push(monitor);
  return monitor;
}

describe('without any configuration', () => {
  test('watches this machine from the first second and keeps it in SQLite', async () => {
    const monitor = await start();
    const system = await until('figures', async () => {
      const answer = await monitor.json<{ figures: { id: string; value: number | null }[] }>('/monitoring/api/system');
      return (
        answer.figures.length > 5 &&
        answer.figures.every((figure) => figure.value !== null || figure.id.includes('swap')) &&
        answer
      );
    });
    expect(system.figures.map((figure) => figure.id).join(' ')).toMatch(/cpu.*memory.*disk/);
    expect((await stat(join(dir, 'monitoring/state.db'))).size).toBeGreaterThan(0);
    expect((await stat(join(dir, 'monitoring/series.db'))).size).toBeGreaterThan(0);
    const page = await monitor.get('/monitoring');
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<div id=');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  });

  test('says what it watches, where the dashboard is and how to add a database, an endpoint and a channel', async () => {
    const monitor = await start();
    await until('the welcome', () => /webhook/i.test(monitor.output()));
    expect(monitor.output()).toContain(`${monitor.url.replace('127.0.0.1', 'localhost')}/monitoring`);
    expect(monitor.output()).toMatch(/database_monitoring/);
    expect(monitor.output()).toMatch(/api_monitoring/);
    expect(monitor.output()).toMatch(/notifications/);
  });

  test('is reachable on loopback only', async () => {
    const monitor = await start();
    const port = Number(new URL(monitor.url).port).toString(16).toUpperCase().padStart(4, '0');
    const sockets = (await readFile('/proc/net/tcp', 'utf8'))
      .split('\n')
      .filter((line) => line.includes(`:${port} 00000000:0000 0A`));
    expect(sockets).toHaveLength(1);
    expect(sockets[0]).toContain(`0100007F:${port}`);
  });
});

describe('stopping', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s ends it in order within five seconds with exit code 0',
    async (signal) => {
      const monitor = await start();
      const stream = await fetch(`${monitor.url}/monitoring/api/events`);
      expect(stream.headers.get('content-type')).toContain('text/event-stream');
      const begun = performance.now();
      monitor.child.kill(signal);
      await once(monitor.child, 'exit');
      expect(performance.now() - begun).toBeLessThan(5000);
      expect(monitor.child.exitCode).toBe(0);
      await stream.body?.cancel().catch(() => {});
      await expect(stat(join(dir, 'monitoring/monitor.json'))).rejects.toThrow();
    },
  );

  test('remembers across restarts, and tells an orderly end from a crash', async () => {
    const first = await start();
    await first.post('/monitoring/api/silences', {
      alert_type: 'high_cpu_usage',
      duration_seconds: 600,
      comment: 'load test',
    });
    await first.kill();
    const second = await start();
    const { silences } = await second.json<{ silences: { alert_type: string; comment: string }[] }>(
      '/monitoring/api/silences',
    );
    expect(silences).toMatchObject([{ alert_type: 'high_cpu_usage', comment: 'load test' }]);
    const { journal } = await second.json<{ journal: { kind: string }[] }>('/monitoring/api/journal');
    expect(journal.map((entry) => entry.kind)).toContain('monitor-crashed');
    expect((await second.stop()).code).toBe(0);
    const third = await start();
    const kinds = (await third.json<{ journal: { kind: string }[] }>('/monitoring/api/journal')).journal.map(
      (entry) => entry.kind,
    );
    expect(kinds.filter((kind) => kind === 'monitor-crashed')).toHaveLength(1);
    expect(kinds).toContain('monitor-stopped');
  });
});

describe('what stands in the way', () => {
  test('a port taken by another program is named, with what to do', async () => {
    const other = createServer((_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const port = (other.address() as AddressInfo).port;
    const { code, output } = await run([launcher, '--dashboard-port', String(port)], dir);
    other.close();
    expect(code).not.toBe(0);
    expect(output).toContain(String(port));
    expect(output).toContain(String(process.pid));
    expect(output).toMatch(/--dashboard-port/);
    expect(output.split('\n').filter((line) => /^\s+at /.test(line))).toEqual([]);
  });

  test('a port taken by a monitor of ours is recognised', async () => {
    const monitor = await start();
    const elsewhere = await scratch();
    const { code, output } = await run([launcher, '--dashboard-port', new URL(monitor.url).port], elsewhere.dir);
    await elsewhere.remove();
    expect(code).not.toBe(0);
    expect(output).toMatch(/CryoProtect|cryomon|monitor/i);
    expect(output).toContain(String(monitor.child.pid));
  });

  test('a second monitor on the same data directory is refused and the first is named', async () => {
    const monitor = await start();
    const { code, output } = await run([launcher, '--dashboard-port', String(await freePort())], dir);
    expect(code).not.toBe(0);
    expect(output).toContain(String(monitor.child.pid));
    expect(output).toContain('monitoring');
    expect((await monitor.get('/monitoring/livez')).status).toBe(200);
  });

  test('another address than loopback needs a login', async () => {
    const { code, output } = await run(
      [launcher, '--server-host=0.0.0.0', '--dashboard-port', String(await freePort())],
      dir,
    );
    expect(code).not.toBe(0);
    expect(output).toMatch(/server\.auth/);
  });

  test('--no-dashboard opens no port', async () => {
    const port = await freePort();
    const { child, output } = launch([launcher, '--no-dashboard', '--dashboard-port', String(port)], dir);
    await until('the start', () => /watch/i.test(output()));
    await expect(fetch(`http://127.0.0.1:${port}/monitoring/livez`)).rejects.toThrow();
    child.kill('SIGTERM');
    await once(child, 'exit');
    expect(child.exitCode).toBe(0);
  });
});
