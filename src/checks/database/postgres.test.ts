import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startRawServer } from '../../../test/services/http-server.ts';
import { type Postgres, startPostgres } from '../../../test/services/postgres.ts';
import { startTcpProxy, type TcpProxy } from '../../../test/services/tcp-proxy.ts';
import type { Check } from '../../model/check.ts';
import { checkContract } from '../check.contract.ts';
import { type CheckWish, makeCheck, runCheck } from './database-check.contract.ts';
import type { Place } from './place.ts';

let server: Postgres;
let proxy: TcpProxy;
const open: Check[] = [];

beforeAll(async () => {
  server = await startPostgres();
  proxy = await startTcpProxy(server.port);
}, 60_000);
afterEach(async () => {
  proxy.set({ kind: 'none' });
  for (const check of open.splice(0)) await check.close?.();
});
afterAll(async () => {
  await proxy.stop();
  await server.stop();
});

function make(where: string | Place, wish: CheckWish = {}): Check {
  const check = makeCheck(where, { timeoutMs: 2000, slowQueryMs: 500, ...wish });
  open.push(check);
  return check;
}

const run = runCheck;
const throughProxy = () => `postgres://monitor:s3cret-pw@127.0.0.1:${proxy.port}/postgres`;

checkContract('postgres', {
  healthy: () => make(server.url),
  broken: () => make(server.url.replace('s3cret-pw', 'wrong-pw')),
  hanging: async () => {
    const silent = await startRawServer(() => {});
    const check = make(`postgres://monitor:s3cret-pw@127.0.0.1:${silent.port}/postgres`, { timeoutMs: 500 });
    return { ...check, close: () => silent.stop() };
  },
  secrets: ['s3cret-pw', 'wrong-pw'],
});

describe('what is seen', () => {
  test('time by phase, the server, and how busy it is', async () => {
    const outcome = await run(make(server.url));
    expect(outcome.seen).toMatchObject({
      server: expect.stringMatching(/^PostgreSQL \d+/),
      connection: 'new',
      connections_max: 27,
      role: 'primary',
      sessions_blocked: 0,
    });
    expect(Object.keys(outcome.phases ?? {})).toEqual(['event_loop', 'connect', 'login', 'query', 'facts']);
    expect(outcome.samples?.find((one) => one.name === 'database_connections_used')).toMatchObject({
      labels: { check: 'database:test' },
      value: expect.any(Number),
    });
  });

  test('a slow query is a warning with its time and limit', async () => {
    const outcome = await run(make(server.url, { query: 'SELECT pg_sleep(0.06)', slowQueryMs: 50 }));
    expect(outcome).toMatchObject({
      status: 'warning',
      reason: expect.stringMatching(/the query took \d+ ms \(limit 50 ms\)/),
    });
    expect(outcome.conditions?.[0]).toMatchObject({ id: 'response-time', met: false, severity: 'warning' });
  });

  test('a pool that is nearly used up is a warning', async () => {
    const sleepers = Array.from({ length: 25 }, () => server.query('SELECT pg_sleep(0.8)'));
    await new Promise((resolve) => setTimeout(resolve, 500));
    const outcome = await run(make(server.url));
    expect(outcome).toMatchObject({
      status: 'warning',
      reason: expect.stringMatching(/\d+ of 27 connections are in use \(\d+ %\)/),
    });
    await Promise.all(sleepers);
  });
});

describe('connections', () => {
  test('keeps one, and opens a new one every n-th time', async () => {
    const before = proxy.connections;
    const check = make(throughProxy(), { freshEvery: 3 });
    const kinds: unknown[] = [];
    for (let i = 0; i < 7; i++) kinds.push((await run(check)).seen.connection);
    expect(kinds).toEqual(['new', 'kept', 'kept', 'new', 'kept', 'kept', 'new']);
    expect(proxy.connections - before).toBe(3);
    await check.close?.();
    await expect.poll(() => proxy.open).toBe(0);
  });

  test('a kept connection that was cut while idle is replaced without a word', async () => {
    const check = make(throughProxy());
    await run(check);
    proxy.cutAll();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await run(check)).toMatchObject({
      status: 'ok',
      seen: { connection: 'new', kept_connection_lost: 'it was closed while idle' },
    });
  });

  test('a kept connection that hangs is a warning when a new one works', async () => {
    const check = make(throughProxy(), { timeoutMs: 800 });
    await run(check);
    proxy.set({ kind: 'blackhole' });
    setTimeout(() => proxy.set({ kind: 'none' }), 300);
    expect(await run(check)).toMatchObject({
      status: 'warning',
      reason: expect.stringContaining('the kept connection was lost (no answer for 400 ms)'),
    });
  });

  test('a server that ends the session during the query is asked again over a new connection', async () => {
    const check = make(server.url, { query: 'SELECT pg_sleep(0.4)' });
    await run(check);
    setTimeout(
      () => void server.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'monitor'`),
      100,
    );
    expect(await run(check)).toMatchObject({
      status: 'warning',
      reason: expect.stringContaining('the server ended the connection'),
    });
  });

  test('leaves nothing open when it hangs', async () => {
    const before = proxy.open;
    proxy.set({ kind: 'half-open' });
    await run(make(throughProxy(), { timeoutMs: 300 }));
    proxy.set({ kind: 'none' });
    await expect.poll(() => proxy.open).toBeLessThanOrEqual(before);
  });
});

describe('failures in words', () => {
  test.each([
    [
      'a port where nobody listens',
      () => 'postgres://monitor:s3cret-pw@127.0.0.1:1/postgres',
      'connection refused: nobody listens there (127.0.0.1:1)',
    ],
    ['a name that does not exist', () => 'postgres://monitor:s3cret-pw@nowhere.invalid/postgres', 'nowhere.invalid'],
    [
      'a wrong password',
      () => server.url.replace('s3cret-pw', 'nope'),
      'login refused: password authentication failed for user "monitor"',
    ],
    [
      'a database that does not exist',
      () => server.url.replace('/postgres', '/missing'),
      'login refused: database "missing" does not exist',
    ],
    ['TLS that the server does not speak', () => `${server.url}?sslmode=require`, 'does not support SSL'],
  ])('%s', async (_, url, words) => {
    const outcome = await run(make(url()));
    expect(outcome.status).toBe('error');
    expect(outcome.reason).toContain(words);
  });

  test('a query that is wrong', async () => {
    const outcome = await run(make(server.url, { query: 'SELECT * FROM no_such_table' }));
    expect(outcome).toMatchObject({
      status: 'error',
      reason: 'the server says: relation "no_such_table" does not exist',
    });
  });

  test('a query that the server had to cancel', async () => {
    const check = make(server.url, { query: 'SELECT pg_sleep(5)', timeoutMs: 600 });
    const outcome = await run(check);
    expect(outcome).toMatchObject({
      status: 'error',
      reason: expect.stringMatching(/cancelled the query|waiting for the answer to the query/),
    });
    const [row] = await server.query(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE '%pg_sleep(5)%' AND pid <> pg_backend_pid() AND state = 'active'`,
    );
    expect(row?.n).toBe(0);
  });

  test('silence after the login', async () => {
    const check = make(throughProxy(), { timeoutMs: 500, freshEvery: 1 });
    proxy.set({ kind: 'half-open' });
    const outcome = await run(check);
    proxy.set({ kind: 'none' });
    expect(outcome.reason).toBe(
      'no answer within 500 ms while waiting for the server to let us in (connected, but no answer to the login)',
    );
  });

  test.each([
    ['another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['an endless flood', Buffer.alloc(65_536, 'R\0')],
  ])('%s', async (_, bytes) => {
    proxy.set({ kind: 'garbage', bytes, endless: bytes.length > 1000 });
    const started = performance.now();
    const outcome = await run(make(throughProxy(), { timeoutMs: 500 }));
    proxy.set({ kind: 'none' });
    expect(outcome.status).toBe('error');
    expect(performance.now() - started).toBeLessThan(750);
  });

  test('a server that crashes during the query', async () => {
    const doomed = await startPostgres();
    const check = make(doomed.url, { query: 'SELECT pg_sleep(1)', timeoutMs: 3000 });
    setTimeout(() => void doomed.kill(), 500);
    const outcome = await run(check);
    await doomed.stop();
    expect(outcome.status).toBe('error');
    expect(outcome.reason).toMatch(/closed the connection|ended the connection|cut the connection|refused/);
  });

  test('a server that comes back is found again', async () => {
    const check = make(throughProxy(), { timeoutMs: 500 });
    expect((await run(check)).status).toBe('ok');
    proxy.set({ kind: 'cut' });
    proxy.cutAll();
    expect((await run(check)).status).toBe('error');
    proxy.set({ kind: 'none' });
    expect((await run(check)).status).toBe('ok');
  });
});
