import { Redis } from 'ioredis';
import { createClient, createClientPool } from 'redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Service } from '../../../../test/services/process.ts';
import { startRedis } from '../../../../test/services/redis.ts';
import { Sketch } from '../../../model/sketch.ts';
import { current } from '../../context.ts';
import { type Bench, createBench } from '../watch.contract.ts';

let server: Service;
let bench: Bench;
const open: (() => unknown)[] = [];
beforeAll(async () => {
  server = await startRedis();
}, 60_000);
afterAll(() => server.stop());
beforeEach(() => {
  bench = createBench();
});
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

describe('a watched ioredis client', () => {
  const connect = (options: object = {}) => {
    const client = new Redis(server.url, { lazyConnect: true, ...options });
    client.on('error', () => undefined);
    open.push(() => client.disconnect());
    return client;
  };

  test('gives the same replies in every style, and counts each command once by its key’s first word', async () => {
    const client = connect();
    bench.watch(client, { name: 'cache' });
    expect(await client.set('user:42:name', 'hunter2')).toBe('OK');
    expect(await client.get('user:42:name')).toBe('hunter2');
    expect(
      await new Promise((resolve, reject) =>
        client.get('user:7', (error, value) => (error ? reject(error) : resolve(value))),
      ),
    ).toBe(null);
    expect(await client.pipeline().incr('counter').get('user:1').exec()).toEqual([
      [null, 1],
      [null, null],
    ]);
    expect(await client.multi().incr('counter').exec()).toEqual([[null, 2]]);
    const counts = bench.counts();
    expect(counts).toMatchObject({
      'SET user:*:*': { count: 1, errors: 0 },
      'GET user:*:*': { count: 1 },
      'GET user:*': { count: 2 },
      'INCR *': { count: 2 },
    });
    expect(JSON.stringify(counts)).not.toContain('hunter');
    expect(bench.report().snapshot).toMatchObject({ used: 1, max: 1, waiting: 0 });
  });

  test('passes errors on as they are, and does not make a rejection of one that a callback takes', async () => {
    const client = connect();
    bench.watch(client);
    await expect(client.call('NOSUCH', 'x')).rejects.toThrow('unknown command');
    const error = await new Promise((resolve) =>
      client.lpush('counter:1', 'a', () => client.incr('counter:1', resolve)),
    );
    expect(String(error)).toContain('WRONGTYPE');
    expect(bench.counts()).toMatchObject({ 'NOSUCH *': { count: 1, errors: 1 }, 'INCR counter:*': { errors: 1 } });
  });

  test('shows what waits while there is no connection', async () => {
    const client = connect({ retryStrategy: () => 50, port: 1 });
    const broken = new Redis({ port: 1, lazyConnect: true, retryStrategy: () => 60_000, maxRetriesPerRequest: null });
    broken.on('error', () => undefined);
    open.push(() => broken.disconnect());
    bench.watch(broken, { name: 'broken' });
    const waiting = broken.get('user:1').catch((error: unknown) => error);
    const { snapshot } = bench.report('broken');
    expect(snapshot).toMatchObject({ used: 0, waiting: 1 });
    expect(snapshot.longestWaitMs).toBeGreaterThanOrEqual(0);
    broken.disconnect();
    expect(String(await waiting)).toContain('Connection is closed');
    expect(bench.reports()).toMatchObject([{ name: 'broken', gone: true, errors: 1 }]);
    void client;
  });
});

describe('a watched node-redis client', () => {
  test('gives the same replies, counts commands, and leaves when it is closed', async () => {
    const client = createClient({ url: server.url });
    bench.watch(client, { name: 'cache' });
    expect(bench.report().gone).toBeUndefined();
    await client.connect();
    expect(await client.set('session:hunter2', 'x')).toBe('OK');
    expect(await client.get('session:hunter2')).toBe('x');
    expect(await client.multi().get('session:hunter2').exec()).toEqual(['x']);
    await expect(client.sendCommand(['NOSUCH'])).rejects.toThrow('unknown command');
    expect(await client.withTypeMapping({}).get('session:hunter2')).toBe('x');
    const counts = bench.counts();
    expect(counts).toMatchObject({
      'SET session:*': { count: 1 },
      'GET session:*': { count: 2 },
      MULTI: { count: 1 },
      NOSUCH: { count: 1, errors: 1 },
    });
    expect(JSON.stringify(counts)).not.toContain('hunter');
    await client.close();
    expect(bench.reports()).toMatchObject([{ gone: true }]);
  });

  test('as a pool shows who holds clients and who waits', async () => {
    const pool = createClientPool({ url: server.url }, { minimum: 1, maximum: 1 });
    await pool.connect();
    bench.watch(pool, { name: 'pool', max: 1 });
    bench.report();
    let finish: () => void = () => undefined;
    const first = pool.execute(
      (client) =>
        new Promise<string>((resolve) => {
          finish = () => void client.get('user:1').then((value) => resolve(String(value)));
        }),
    );
    const second = pool.get('user:2');
    const { snapshot, exhaustions } = bench.report();
    expect(snapshot).toMatchObject({ used: 1, waiting: 1, max: 1 });
    expect(snapshot.holders).toMatchObject([
      { site: expect.stringMatching(/drivers\/redis\.test\.ts:\d+$/), count: 1 },
    ]);
    expect(exhaustions).toBe(1);
    finish();
    expect(await first).toBe('null');
    expect(await second).toBe(null);
    const after = bench.report();
    expect(after.snapshot).toMatchObject({ waiting: 0, holders: [] });
    expect(Sketch.decode(after.holds).count).toBe(2);
    expect(after.statements).toMatchObject([{ text: 'GET user:*' }]);
    await pool.close();
    expect(bench.reports()).toMatchObject([{ gone: true }]);
  });

  test('makes a span of a command within a request', async () => {
    const client = createClient({ url: server.url });
    open.push(() => client.close());
    await client.connect();
    bench.watch(client);
    const span = bench.core.beginTrace('GET /', 'server', performance.now()).root;
    await current.run(span, () => client.get('user:1'));
    expect(span.trace.spans).toMatchObject([
      { name: 'GET user:*', kind: 'client', attributes: { 'db.system.name': 'redis' } },
    ]);
  });
});
