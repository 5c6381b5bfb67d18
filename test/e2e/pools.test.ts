/** A pool that its own application exhausts, seen by everything that looks: API, alert, evidence of a check, command line. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type {
  AlertView,
  CheckView,
  FallbackView,
  PoolView,
  SlowQueryView,
  StatementView,
} from '../../src/model/api.ts';
import { type Postgres, startPostgres } from '../services/postgres.ts';
import { cli, freePort, launch, root, scratch, until } from './harness.ts';

let dir: string;
let remove: () => Promise<void>;
let server: Postgres;
let app: ReturnType<typeof launch> | undefined;

beforeEach(async () => {
  ({ dir, remove } = await scratch());
  server = await startPostgres();
});
afterEach(async () => {
  if (app && app.child.exitCode === null && app.child.signalCode === null) {
    app.child.kill('SIGKILL');
    await once(app.child, 'exit');
  }
  await server.stop();
  await remove();
});

test('an application that holds all its connections is told who holds them, and the alert ends when they are given back', async () => {
  const [port, dead] = [await freePort(), await freePort()];
  const config = join(dir, 'monitoring_config.json');
  await writeFile(
    config,
    JSON.stringify({
      monitoring: {
        dashboard_port: port,
        monitoring_dir: join(dir, 'monitoring'),
        health_check_intervals: { database: 2 },
      },
      database_monitoring: {
        slow_query_threshold_ms: 200,
        pool_wait_threshold_ms: 300,
        connections: [{ name: 'dead', pool: 'main', url: `postgres://x@127.0.0.1:${dead}/x` }],
      },
    }),
  );
  app = launch([join(root, 'test/e2e/apps/pool-app.ts'), config, server.url, String(dead)], dir);
  const appPort = await until('the app', () => /app on (\d+)/.exec(app!.output())?.[1]);
  const at = `http://127.0.0.1:${appPort}`;
  const api = `http://127.0.0.1:${port}/monitoring`;
  await until('the monitor', async () => (await fetch(`${api}/readyz`)).ok);
  const get = async <T>(path: string): Promise<T> => (await fetch(`${api}/api${path}`)).json() as Promise<T>;
  const ask = async (path: string) => expect((await fetch(at + path)).status).toBe(200);

  await ask('/slow');
  for (let i = 0; i < 5; i++) await ask('/fallback');
  await ask('/leak');
  await ask('/leak');
  await ask('/wait');

  const pool = await until('the verdict', async () => {
    const { pools } = await get<{ pools: PoolView[] }>('/pools');
    return pools.find(({ verdict }) => verdict === 'error');
  });
  expect(pool).toMatchObject({ name: 'main', kind: 'pg', used: 2, max: 2, waiting: 1, exhaustions: 1 });
  expect(pool.text).toMatch(
    /^all 2 connections (?:held > \d+ s|in use) by .*apps\/pool-app\.ts:\d+.*; 1 waiting since/,
  );
  expect(pool.holders).toMatchObject([{ count: 2, site: expect.stringMatching(/pool-app\.ts:\d+$/) }]);

  const alert = await until('the alert', async () => {
    const { alerts } = await get<{ alerts: AlertView[] }>('/alerts?state=firing');
    return alerts.find(({ alert_type }) => alert_type === 'database_pool_exhausted');
  });
  expect(alert.message).toMatch(/^Pool main of .*: all 2 connections .*pool-app\.ts:\d+.*; 1 waiting since/);

  const check = await until('the evidence of the failing check', async () => {
    const { checks } = await get<{ checks: CheckView[] }>('/checks');
    return checks.find(
      ({ id, seen }) =>
        id === 'database:dead' &&
        /"used":2.*waiting since|waiting since.*"used":2/.test(JSON.stringify(seen['pool'] ?? '')),
    );
  });
  expect(check.seen['pool']).toMatchObject([{ used: 2, holders: [{ count: 2 }] }]);

  const { fallbacks } = await get<{ fallbacks: FallbackView[] }>('/pools');
  expect(fallbacks).toMatchObject([
    {
      name: 'database',
      current: 'direct',
      connections: [
        { name: 'pooler', breaker: 'open', failures: 3, failed: 3, reason: expect.stringContaining('ECONNREFUSED') },
        { name: 'direct', breaker: 'closed', served: 5 },
      ],
    },
  ]);

  const printed = await promisify(execFile)(process.execPath, [
    cli,
    'pools',
    '--slow',
    '--url',
    `http://127.0.0.1:${port}`,
  ]);
  expect(printed.stdout).toMatch(/error {2}main {2}pg, /);
  expect(printed.stdout).toMatch(/2 held by .*pool-app\.ts:\d+/);
  expect(printed.stdout).toMatch(/pooler {2}open/);
  expect(printed.stdout).toContain('select pg_sleep(?), ? as secret');
  const checked = await promisify(execFile)(process.execPath, [
    cli,
    'pools',
    '--json',
    '--check',
    '--url',
    `http://127.0.0.1:${port}`,
  ]).catch((error: { code: number; stdout: string }) => error);
  expect(checked).toMatchObject({ code: 1 });
  expect(JSON.parse(checked.stdout)).toMatchObject({ pools: [{ name: 'main' }], fallbacks: [{ name: 'database' }] });

  await ask('/heal');
  await until('the end of the alert', async () => {
    const { alerts } = await get<{ alerts: AlertView[] }>('/alerts?state=firing');
    return !alerts.some(({ alert_type }) => alert_type === 'database_pool_exhausted');
  });
  const { statements } = await until('the statements', async () => {
    const answer = await get<{ statements: StatementView[] }>('/statements');
    return answer.statements.length === 2 && answer;
  });
  expect(statements.map(({ text, count }) => [text, count]).sort()).toEqual([
    ['select ? as waited', 1],
    ['select pg_sleep(?), ? as secret', 1],
  ]);
  const { queries } = await get<{ queries: SlowQueryView[] }>('/slow-queries?order=slowest');
  expect(queries).toMatchObject([
    {
      text: 'select pg_sleep(?), ? as secret',
      caller: expect.stringMatching(/pool-app\.ts:\d+$/),
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      rows: 1,
    },
  ]);
  expect(JSON.stringify([statements, queries])).not.toContain('hunter2');
});
