import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Postgres, startPostgres } from '../../../../test/services/postgres.ts';
import { Sketch } from '../../../model/sketch.ts';
import { current } from '../../context.ts';
import { type Bench, createBench } from '../watch.contract.ts';

let server: Postgres;
let bench: Bench;
let pool: pg.Pool;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server.stop());
beforeEach(() => {
  bench = createBench();
  pool = new pg.Pool({ connectionString: server.url, max: 2 });
});
afterEach(async () => {
  if (!pool.ending) await pool.end();
});

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));
async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not happen within 10 s');
    await tick();
  }
}

describe('a watched pg pool', () => {
  test('gives the same results in every style, and counts each query once under its shape', async () => {
    bench.watch(pool, { name: 'main' });
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    expect((await pool.query('select $1::int as n', [7])).rows).toEqual([{ n: 7 }]);
    expect((await pool.query({ name: 'kept', text: 'select $1::int as n', values: [8] })).rows).toEqual([{ n: 8 }]);
    const answer = await new Promise((resolve, reject) =>
      pool.query('select 2 as two', (error, result) => (error ? reject(error) : resolve(result.rows))),
    );
    expect(answer).toEqual([{ two: 2 }]);
    const client = await pool.connect();
    await client.query('begin');
    expect((await client.query('select 3 as three')).rows).toEqual([{ three: 3 }]);
    await client.query('rollback');
    client.release();
    expect(bench.counts()).toEqual({
      'select ? as one': { count: 1, errors: 0, rows: 1 },
      'select ?::int as n': { count: 2, errors: 0, rows: 2 },
      'select ? as two': { count: 1, errors: 0, rows: 1 },
      begin: { count: 1, errors: 0, rows: 0 },
      'select ? as three': { count: 1, errors: 0, rows: 1 },
      rollback: { count: 1, errors: 0, rows: 0 },
    });
  });

  test('passes errors on as they are and counts them', async () => {
    bench.watch(pool);
    const bare = new pg.Pool({ connectionString: server.url, max: 1 });
    const [watched, unwatched] = await Promise.all(
      [pool, bare].map((one) => one.query('select nothing from nowhere').catch((error: unknown) => error)),
    );
    await bare.end();
    expect(watched).toMatchObject({ code: '42P01', message: (unwatched as Error).message });
    expect((watched as object).constructor).toBe((unwatched as object).constructor);
    expect(() => pool.query('select 1', 'x' as never).catch(() => undefined)).not.toThrow();
    expect(bench.counts()['select nothing from nowhere']).toMatchObject({ count: 1, errors: 1 });
    const client = await pool.connect();
    client.release();
    expect(() => client.release()).toThrow('already been released');
  });

  test('shows who holds connections, who waits, and that it is exhausted', async () => {
    bench.watch(pool, { name: 'main' });
    bench.report();
    const first = await pool.connect();
    const second = await pool.connect();
    bench.report();
    const third = pool.connect();
    const { snapshot, exhaustions } = bench.report();
    expect(snapshot).toMatchObject({ used: 2, idle: 0, waiting: 1, max: 2 });
    expect(snapshot.longestWaitMs).toBeGreaterThanOrEqual(0);
    expect(snapshot.holders.map(({ site }) => site)).toEqual([
      expect.stringMatching(/drivers\/pg\.test\.ts:\d+$/),
      expect.stringMatching(/drivers\/pg\.test\.ts:\d+$/),
    ]);
    expect(exhaustions).toBe(1);
    await second.query('select 42 as running');
    expect(
      bench
        .report()
        .snapshot.holders.map(({ statement }) => statement)
        .sort(),
    ).toEqual([null, 'select ? as running']);
    first.release();
    (await third).release();
    second.release();
    const after = bench.report();
    expect(after.snapshot).toMatchObject({ used: 0, idle: 2, waiting: 0, longestHoldMs: null, holders: [] });
    expect(Sketch.decode(after.waits).count).toBe(1);
    expect(Sketch.decode(after.holds).count).toBe(3);
  });

  test('counts a request that ran out of time', async () => {
    await pool.end();
    pool = new pg.Pool({ connectionString: server.url, max: 1, connectionTimeoutMillis: 50 });
    bench.watch(pool);
    const client = await pool.connect();
    await expect(pool.query('select 1')).rejects.toThrow('timeout exceeded when trying to connect');
    client.release();
    expect(bench.report()).toMatchObject({ errors: 1, timeouts: 1, snapshot: { waiting: 0 } });
  });

  test('gives each queued query to the request that asked for it, also with callbacks', async () => {
    await pool.end();
    pool = new pg.Pool({ connectionString: server.url, max: 1 });
    bench.watch(pool);
    const own = new AsyncLocalStorage<number>();
    const spans = [1, 2, 3].map(
      (number) => bench.core.beginTrace(`request ${number}`, 'server', performance.now()).root,
    );
    const seen = await Promise.all(
      spans.map((span, index) =>
        current.run(span, () =>
          own.run(
            index,
            () =>
              new Promise((resolve, reject) =>
                pool.query('select 1', (error) => (error ? reject(error) : resolve(current.getStore() === span))),
              ),
          ),
        ),
      ),
    );
    expect(seen).toEqual([true, true, true]);
    expect(spans.map((span) => span.trace.spans?.map(({ name, kind }) => `${name} ${kind}`))).toEqual([
      ['SELECT client'],
      ['SELECT client'],
      ['SELECT client'],
    ]);
  });

  test('leaves cursors, streams and other submittables alone', async () => {
    bench.watch(pool);
    const client = await pool.connect();
    const submittable = new pg.Query('select 1 as one');
    const rows: unknown[] = [];
    submittable.on('row', (row) => rows.push(row));
    expect(client.query(submittable)).toBe(submittable);
    await once(submittable, 'end');
    client.release();
    expect(rows).toEqual([{ one: 1 }]);
    expect(bench.counts()).toEqual({});
  });

  test('keeps slow queries with the place that asked, the trace and the rows, and never with values', async () => {
    bench.settings({ slow_query_threshold_ms: 20 });
    bench.watch(pool, { name: 'main' });
    const span = bench.core.beginTrace('GET /reports', 'server', performance.now()).root;
    span.trace.correlationId = 'corr-1';
    await current.run(span, () => pool.query("select pg_sleep(0.05), 'hunter2' as secret"));
    await pool.query('select 1');
    const report = bench.report();
    expect(report.slow).toEqual([
      expect.objectContaining({
        text: 'select pg_sleep(?), ? as secret',
        caller: expect.stringMatching(/drivers\/pg\.test\.ts:\d+$/),
        traceId: span.trace.id,
        correlationId: 'corr-1',
        rows: 1,
      }),
    ]);
    expect(report.slow[0]!.durationMs).toBeGreaterThan(45);
    expect(JSON.stringify(report)).not.toContain('hunter2');
  });

  test('is watched once, however often it is given, and is as before when nobody watches it any more', async () => {
    const before = Object.getOwnPropertyNames(pool);
    const listeners = pool.listenerCount('release');
    const unwatch = bench.watch(pool, { name: 'main' });
    bench.watch(pool, { name: 'again' });
    await pool.query('select 1');
    expect(bench.counts()).toEqual({ 'select ?': { count: 1, errors: 0, rows: 1 } });
    unwatch();
    expect(Object.getOwnPropertyNames(pool)).toEqual(before);
    expect(pool.listenerCount('release')).toBe(listeners);
    expect(bench.reports()).toMatchObject([{ name: 'main', gone: true }]);
    expect(bench.reports()).toEqual([]);
    await pool.query('select 1');
    expect(bench.counts()['select ?']).toMatchObject({ count: 1 });
  });

  test('leaves by itself when the app ends it', async () => {
    bench.watch(pool, { name: 'main' });
    await pool.query('select 1');
    await pool.end();
    expect(bench.reports()).toMatchObject([{ name: 'main', gone: true }]);
    expect(bench.reports()).toEqual([]);
    await expect(pool.query('select 1')).rejects.toThrow('Cannot use a pool after calling end on the pool');
  });

  test('follows connections or queries only as far as the configuration wants', async () => {
    bench.watch(pool);
    bench.settings({ monitor_query_time: false });
    const client = await pool.connect();
    await client.query('select 1');
    expect(bench.report().snapshot.holders).toHaveLength(1);
    bench.settings({ monitor_pool_size: false });
    await client.query('select 2');
    expect(bench.report().snapshot.holders).toEqual([]);
    client.release();
    bench.settings({ monitor_pool_size: false, monitor_query_time: false });
    await pool.query('select 3');
    expect(bench.reports()).toEqual([]);
    bench.settings({});
    expect(bench.counts()).toEqual({ 'select ?': { count: 1, errors: 0, rows: 1 } });
  });

  test('does not swallow a rejection that nobody handles', async () => {
    bench.watch(pool);
    const unhandled: unknown[] = [];
    const before = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', (reason) => unhandled.push(reason));
    try {
      const client = await pool.connect();
      void client.query('select broken');
      await until(() => unhandled.length > 0);
      client.release();
      expect(unhandled).toMatchObject([{ code: '42703' }]);
    } finally {
      process.removeAllListeners('unhandledRejection');
      for (const listener of before) process.on('unhandledRejection', listener);
    }
  });
});
