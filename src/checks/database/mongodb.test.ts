import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startRawServer } from '../../../test/services/http-server.ts';
import { type FakeMongo, startFakeMongo } from '../../../test/services/mongo-fake.ts';
import { startTcpProxy, type TcpProxy } from '../../../test/services/tcp-proxy.ts';
import { checkContract } from '../check.contract.ts';
import { makeCheck, runCheck, runOnceAndClose } from './database-check.contract.ts';

// Against a server of ours that speaks MongoDB's wire protocol: no Debian package brings the real one.
let server: FakeMongo;
let proxy: TcpProxy;
beforeAll(async () => {
  server = await startFakeMongo();
  proxy = await startTcpProxy(server.port);
});
afterEach(() => {
  server.set({});
  proxy.set({ kind: 'none' });
});
afterAll(async () => {
  await proxy.stop();
  await server.stop();
});

checkContract('mongodb', {
  healthy: () => makeCheck(server.url),
  broken: () => makeCheck(server.url.replace('s3cret-pw', 'wrong-pw')),
  hanging: async () => {
    const silent = await startRawServer(() => {});
    const check = makeCheck(`mongodb://monitor:s3cret-pw@127.0.0.1:${silent.port}/app?directConnection=true`, {
      timeoutMs: 500,
    });
    return { ...check, close: () => silent.stop() };
  },
  secrets: ['s3cret-pw', 'wrong-pw'],
});

describe('a MongoDB server', () => {
  test('is asked over one connection, and tells how busy it is without anybody’s values', async () => {
    const fresh = await startFakeMongo();
    const check = makeCheck(fresh.url);
    const first = await runCheck(check);
    const second = await runCheck(check);
    await check.close?.();
    await fresh.stop();
    expect([first.seen['connection'], second.seen['connection']]).toEqual(['new', 'kept']);
    expect(Object.keys(first.phases ?? {})).toEqual(['event_loop', 'connect', 'login', 'query', 'facts']);
    expect(fresh.commands.filter((name) => name !== 'endSessions')).toEqual([
      'buildInfo',
      ...['ping', 'serverStatus', 'currentOp'],
      ...['ping', 'serverStatus', 'currentOp'],
    ]);
    expect(second).toMatchObject({
      status: 'ok',
      seen: {
        server: 'MongoDB 7.0.14',
        role: 'standalone',
        connections_used: 12,
        connections_max: 100,
        sessions_blocked: 2,
        cache_used_ratio: 0.5,
        activity: [{ who: 'importer', seconds: 7, statement: 'app.molecules { find, filter }' }],
      },
    });
    expect(JSON.stringify(second)).not.toContain('secret-name');
  });

  test('of a replica set whose replica is behind is a warning', async () => {
    const set = await startFakeMongo({ replicaSet: true });
    const outcome = await runOnceAndClose(makeCheck(set.url));
    await set.stop();
    expect(outcome).toMatchObject({
      status: 'warning',
      reason: 'a replica is behind for 1 m 30 s',
      seen: { role: 'primary', replicas: [{ name: 'standby.example:27017', state: 'SECONDARY', lag_seconds: 90 }] },
    });
  });

  test('that refuses statistics is ok, and the refusal is shown', async () => {
    server.set({ serverStatus: () => ({ ok: 0, code: 13, errmsg: 'not authorized on admin' }) });
    expect(await runOnceAndClose(makeCheck(server.url))).toMatchObject({
      status: 'ok',
      seen: { statistics: 'not available: not authorized on admin' },
    });
  });

  test.each([
    [
      'a wrong password',
      (url: string) => url.replace('s3cret-pw', 'nope'),
      undefined,
      'authentication',
      'login refused',
    ],
    ['a command that is none', (url: string) => url, 'frobnicate', 'query', 'the server says: no such command'],
    [
      'a port where nobody listens',
      () => 'mongodb://127.0.0.1:1/x?directConnection=true',
      undefined,
      'network',
      'connection refused',
    ],
  ])('%s is an error in words', async (_, url, query, failure, words) => {
    expect(await runOnceAndClose(makeCheck(url(server.url), { query }))).toMatchObject({
      status: 'error',
      reason: expect.stringContaining(words),
      seen: { failure },
    });
  });

  test('that falls silent, cuts and comes back is seen so, and nothing stays open', async () => {
    const check = makeCheck(server.url.replace(`:${server.port}`, `:${proxy.port}`), { timeoutMs: 800 });
    expect((await runCheck(check)).status).toBe('ok');
    proxy.set({ kind: 'half-open' });
    expect(await runCheck(check)).toMatchObject({ status: 'error', seen: { failure: 'timeout' } });
    proxy.set({ kind: 'cut' });
    proxy.cutAll();
    expect((await runCheck(check)).status).toBe('error');
    proxy.set({ kind: 'none' });
    expect((await runCheck(check)).status).toBe('ok');
    await check.close?.();
    await expect.poll(() => proxy.open).toBe(0);
  });

  test('that answers garbage is an error, in time', async () => {
    proxy.set({ kind: 'garbage', bytes: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') });
    const started = performance.now();
    const check = makeCheck(server.url.replace(`:${server.port}`, `:${proxy.port}`), { timeoutMs: 800 });
    expect((await runOnceAndClose(check)).status).toBe('error');
    expect(performance.now() - started).toBeLessThan(1050);
  });
});
