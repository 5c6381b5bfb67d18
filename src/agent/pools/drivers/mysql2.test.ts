import { once } from 'node:events';
import mysql from 'mysql2';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startMariadb } from '../../../../test/services/mariadb.ts';
import type { Service } from '../../../../test/services/process.ts';
import { Sketch } from '../../../model/sketch.ts';
import { current } from '../../context.ts';
import { type Bench, createBench } from '../watch.contract.ts';

let server: Service;
let bench: Bench;
let pool: mysql.Pool;
beforeAll(async () => {
  server = await startMariadb();
}, 60_000);
afterAll(() => server.stop());
beforeEach(() => {
  bench = createBench();
  pool = mysql.createPool({ uri: server.url, connectionLimit: 2, multipleStatements: true });
});
afterEach(() => pool.promise().end());

const called = <T>(run: (callback: (error: unknown, value: T) => void) => void) =>
  new Promise<T>((resolve, reject) => run((error, value) => (error ? reject(error as Error) : resolve(value))));

describe('a watched mysql2 pool', () => {
  test('gives the same results in every style, and counts each query once under its shape', async () => {
    bench.watch(pool, { name: 'main' });
    const promised = pool.promise();
    expect(await called((done) => pool.query('select 1 as one', done))).toEqual([{ one: 1 }]);
    expect(await called((done) => pool.query('select ? as n', ['hunter2'], done))).toEqual([{ n: 'hunter2' }]);
    expect(await called((done) => pool.execute('select ? as n', ['hunter3'], done))).toEqual([{ n: 'hunter3' }]);
    expect((await promised.query('select ? as n', ['hunter4']))[0]).toEqual([{ n: 'hunter4' }]);
    expect((await promised.execute({ sql: 'select ? as n', values: [5] }))[0]).toEqual([{ n: 5 }]);
    const connection = await promised.getConnection();
    await connection.beginTransaction();
    expect((await connection.query("select 'x' as three; select 4 as four"))[0]).toEqual([
      [{ three: 'x' }],
      [{ four: 4 }],
    ]);
    await connection.rollback();
    connection.release();
    connection.release();
    const counts = bench.counts();
    expect(counts).toMatchObject({
      'select ? as one': { count: 1, errors: 0, rows: 1 },
      'select ? as n': { count: 4, errors: 0, rows: 4 },
      'select ? as three; select ? as four': { count: 1, rows: 2 },
    });
    expect(JSON.stringify(counts)).not.toContain('hunter');
  });

  test('passes errors on as they are and counts them', async () => {
    bench.watch(pool.promise(), { name: 'main' });
    await expect(pool.promise().query('select nothing from nowhere')).rejects.toMatchObject({
      code: 'ER_NO_SUCH_TABLE',
    });
    await expect(called((done) => pool.execute('select broken(', [], done))).rejects.toMatchObject({
      code: 'ER_PARSE_ERROR',
    });
    expect(() => pool.query({ sql: 'select 1', values: 5 as never }, () => undefined)).not.toThrow();
    expect(bench.counts()).toMatchObject({
      'select nothing from nowhere': { count: 1, errors: 1 },
      'select broken(': { count: 1, errors: 1 },
    });
  });

  test('shows who holds connections and who waits, also when one is handed to the next in the queue', async () => {
    bench.watch(pool.promise(), { name: 'main' });
    bench.report();
    const held = [await pool.promise().getConnection(), await pool.promise().getConnection()];
    bench.report();
    const next = pool.promise().getConnection();
    const { snapshot, exhaustions } = bench.report();
    expect(snapshot).toMatchObject({ used: 2, idle: 0, waiting: 1, max: 2 });
    expect(snapshot.holders.map(({ site }) => site)).toEqual([expect.stringMatching(/drivers\/mysql2\.test\.ts:\d+$/)]);
    expect(snapshot.holders[0]!.count).toBe(2);
    expect(exhaustions).toBe(1);
    held[0]!.release();
    const third = await next;
    expect(bench.report().snapshot).toMatchObject({ used: 2, waiting: 0 });
    third.release();
    held[1]!.destroy();
    const after = bench.report();
    expect(after.snapshot).toMatchObject({ used: 0, holders: [] });
    expect(Sketch.decode(after.waits).count + Sketch.decode(after.holds).count).toBeGreaterThanOrEqual(2);
  });

  test('leaves streams as they are and times them to their end', async () => {
    bench.watch(pool);
    const rows: unknown[] = [];
    const stream = pool.query('select 1 as n union select 2').stream();
    for await (const row of stream) rows.push(row);
    expect(rows).toEqual([{ n: 1 }, { n: 2 }]);
    const emitter = pool.query('select 3 as n');
    const [[row]] = await Promise.all([once(emitter, 'result'), once(emitter, 'end')]);
    expect(row).toEqual({ n: 3 });
    expect(bench.counts()).toMatchObject({
      'select ? as n union select ?': { count: 1 },
      'select ? as n': { count: 1 },
    });
  });

  test('gives each queued query to the request that asked for it, and knows the slow ones', async () => {
    bench.settings({ slow_query_threshold_ms: 20 });
    bench.watch(pool, { name: 'main' });
    const spans = [1, 2, 3, 4].map(
      (number) => bench.core.beginTrace(`request ${number}`, 'server', performance.now()).root,
    );
    const seen = await Promise.all(
      spans.map((span) =>
        current.run(span, () =>
          called<boolean>((done) =>
            pool.query('select sleep(0.03)', (error) => done(error, current.getStore() === span)),
          ),
        ),
      ),
    );
    expect(seen).toEqual([true, true, true, true]);
    expect(spans.map((span) => span.trace.spans?.length)).toEqual([1, 1, 1, 1]);
    const { slow } = bench.report();
    expect(slow.map(({ traceId }) => traceId).sort()).toEqual(spans.map((span) => span.trace.id).sort());
    expect(slow[0]!.caller).toMatch(/drivers\/mysql2\.test\.ts:\d+$/);
    expect(Math.max(...slow.map(({ waitMs }) => waitMs))).toBeGreaterThan(25);
  });

  test('is as before when nobody watches it any more', async () => {
    const before = Object.getOwnPropertyNames(pool);
    const unwatch = bench.watch(pool.promise());
    bench.watch(pool);
    await pool.promise().query('select 1');
    unwatch();
    expect(Object.getOwnPropertyNames(pool)).toEqual(before);
    expect(bench.reports()).toMatchObject([{ gone: true, statements: [{ text: 'select ?' }] }]);
    await pool.promise().query('select 1');
    expect(bench.reports()).toEqual([]);
  });
});
