import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort, launcher, type Running, run, scratch, startMonitor, until } from './harness.ts';

let dir: string;
let remove: () => Promise<void>;
let monitor: Running | undefined;

beforeEach(async () => {
  ({ dir, remove } = await scratch());
});

afterEach(async () => {
  await monitor?.kill();
  monitor = undefined;
  await remove();
});

describe('a configuration that is wrong', () => {
  test('missing file: exit code 2 and the path', async () => {
    const { code, output } = await run([launcher, '--config', 'nowhere.json'], dir);
    expect(code).toBe(2);
    expect(output).toContain('nowhere.json');
  });

  test('not JSON: exit code 2, the place in the file', async () => {
    await writeFile(join(dir, 'c.json'), '{ "monitoring": { "dashboard_port": 5001, } }');
    const { code, output } = await run([launcher, '--config', 'c.json'], dir);
    expect(code).toBe(2);
    expect(output).toMatch(/c\.json/);
    expect(output).toMatch(/line 1|position \d+|column \d+/i);
  });

  test('all wrong values at once, with path, value and origin; a secret stays secret', async () => {
    const config = {
      monitoring: { dashboard_port: 'many', metrics_retention_days: -1 },
      notifications: { pagerduty: { enabled: true, integration_key: 12345678 } },
    };
    await writeFile(join(dir, 'c.json'), JSON.stringify(config));
    const { code, output } = await run([launcher, '--config', 'c.json'], dir, {
      CRYOPROTECT_LOGGING_BACKUP_COUNT: 'few',
    });
    expect(code).toBe(2);
    expect(output).toContain('monitoring.dashboard_port');
    expect(output).toContain('many');
    expect(output).toContain('monitoring.metrics_retention_days');
    expect(output).toContain('notifications.pagerduty.integration_key');
    expect(output).not.toContain('12345678');
    expect(output).toContain('CRYOPROTECT_LOGGING_BACKUP_COUNT');
  });

  test('an unknown key is a warning with the nearest name, and the monitor runs', async () => {
    monitor = await startMonitor(dir, { monitoring: { dashbord_enabled: true } });
    await until(
      'the warning',
      () => /dashbord_enabled/.test(monitor!.output()) && /dashboard_enabled/.test(monitor!.output()),
    );
  });
});

describe('a data directory that is wrong', () => {
  test('a file in its place is named', async () => {
    await writeFile(join(dir, 'monitoring'), 'I am a file');
    const { code, output } = await run([launcher, '--dashboard-port', String(await freePort())], dir);
    expect(code).not.toBe(0);
    expect(output).toContain(join(dir, 'monitoring'));
    expect(output).not.toMatch(/^\s+at /m);
  });

  test.each(['state.db', 'series.db'])(
    'a corrupt %s is set aside with a message, and a fresh one is started',
    async (name) => {
      await mkdir(join(dir, 'monitoring'));
      await writeFile(join(dir, 'monitoring', name), 'this is not a database'.repeat(500));
      monitor = await startMonitor(dir);
      const files = await readdir(join(dir, 'monitoring'));
      const aside = files.find((file) => file.startsWith(`${name}.corrupt`));
      expect(aside).toBeDefined();
      expect(await readFile(join(dir, 'monitoring', aside!), 'utf8')).toContain('this is not a database');
      expect(monitor.output()).toContain(aside!);
    },
  );

  test('a directory that cannot be written is named', async () => {
    await mkdir(join(dir, 'monitoring'));
    await chmod(join(dir, 'monitoring'), 0o500);
    // root writes everywhere; a path below a file is refused to everybody
    await writeFile(join(dir, 'plain'), '');
    const { code, output } = await run(
      [launcher, '--monitoring-monitoring-dir=plain/data', '--dashboard-port', String(await freePort())],
      dir,
    );
    await chmod(join(dir, 'monitoring'), 0o700);
    expect(code).not.toBe(0);
    expect(output).toContain('plain/data');
  });
});

describe('targets that misbehave', () => {
  test('a silent, a trickling, an endless and a broken endpoint each get their verdict in time while the dashboard answers', async () => {
    const sockets = new Set<Socket>();
    const behaviours: ((socket: Socket) => void)[] = [
      () => {},
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
        const timer = setInterval(() => socket.write('x'), 200);
        socket.on('close', () => clearInterval(timer));
      },
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        const block = 'x'.repeat(65_536);
        const pour = () => {
          while (!socket.destroyed && socket.write(block));
        };
        socket.on('drain', pour);
        pour();
      },
      (socket) => socket.end('garbage garbage\r\n\r\n'),
    ];
    const servers = await Promise.all(
      behaviours.map(async (behave) => {
        const server = createServer((socket) => {
          sockets.add(socket);
          socket.on('error', () => {});
          socket.on('close', () => sockets.delete(socket));
          socket.once('data', () => behave(socket));
        });
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        return server;
      }),
    );
    const endpoints = servers.map((server, i) => ({
      name: `bad-${i}`,
      url: `http://127.0.0.1:${(server.address() as { port: number }).port}/`,
      expected_status: 200,
      timeout_seconds: 1,
    }));
    monitor = await startMonitor(dir, {
      monitoring: { health_check_intervals: { api: 1 } },
      api_monitoring: { endpoints },
    });
    const checks = await until('all verdicts', async () => {
      const begun = performance.now();
      const answer = await monitor!.json<{
        checks: { name: string; component: string; status: string; reason: string; duration_ms: number | null }[];
      }>('/monitoring/api/checks');
      expect(performance.now() - begun).toBeLessThan(1000);
      const api = answer.checks.filter((check) => check.component === 'api');
      return api.length === 4 && api.every((check) => check.duration_ms !== null) && api;
    });
    for (const check of checks) expect(check.duration_ms).toBeLessThan(1250);
    expect(checks.find((check) => check.name === 'bad-0')).toMatchObject({ status: 'error' });
    expect(checks.find((check) => check.name === 'bad-3')).toMatchObject({ status: 'error' });
    for (const socket of sockets) socket.destroy();
    for (const server of servers) server.close();
  });
});

describe('API calls that are wrong', () => {
  test('get an answer that names the mistake', async () => {
    monitor = await startMonitor(dir);
    const wrong = await monitor.post('/monitoring/api/silences', {
      alert_type: 'high_cpu_usage',
      duration_seconds: 'long',
    });
    expect(wrong.status).toBe(400);
    expect(JSON.stringify(await wrong.json())).toContain('duration_seconds');
    const huge = await monitor.post('/monitoring/api/silences', { alert_type: 'x', comment: 'y'.repeat(3_000_000) });
    expect(huge.status).toBe(413);
    expect((await monitor.get('/monitoring/api/alerts/nope')).status).toBe(404);
    expect((await monitor.get('/monitoring/api/series?name=x&step=banana')).status).toBe(400);
    const garbage = await fetch(`${monitor.url}/monitoring/api/silences`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"alert_type": ',
    });
    expect(garbage.status).toBe(400);
    expect((await monitor.get('/monitoring/livez')).status).toBe(200);
  });
});
