import type mysqlPromise from 'mysql2/promise.js';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import { type Postgres, startPostgres } from '../../../test/services/postgres.ts';
import { freePort } from '../../../test/services/process.ts';
import { startTcpProxy } from '../../../test/services/tcp-proxy.ts';
import { createFakeClock, type FakeClock } from '../../testing/fake-clock.ts';
import { AgentCore } from '../core.ts';
import type { ConnectionOf, FallbackEntry } from './entry.ts';
import type { FallbackChange, FallbackOptions } from './fallback.ts';
import { FallbackError } from './fallback-error.ts';
import { makeFallback } from './registry.ts';

let core: AgentCore;
let clock: FakeClock;
let changes: string[];
beforeEach(() => {
  core = new AgentCore();
  clock = createFakeClock();
  changes = [];
});

const onChange = ({ connection, from, to, current }: FallbackChange) =>
  void changes.push(`${connection} ${from} -> ${to}, ${current}`);
const chain = <const E extends readonly FallbackEntry[]>(entries: E, options: FallbackOptions = {}) =>
  makeFallback(core, entries, { clock, onChange, ...options });
const refused = () =>
  Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:6543'), { code: 'ECONNREFUSED', syscall: 'connect' });
const lost = () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
const down = (name: string) => ({
  name,
  connect: (): string => {
    throw refused();
  },
});
const up = (name: string) => ({ name, connect: () => name });
const breakers = (fallback: { status(): { connections: readonly { breaker: string }[] } }) =>
  fallback.status().connections.map(({ breaker }) => breaker);

describe('a fallback chain', () => {
  test('gives each operation the first connection that works, and asks one that fails no more after three times', async () => {
    let asked = 0;
    const fallback = chain([
      {
        name: 'pooler',
        connect: (): string => {
          asked += 1;
          throw refused();
        },
      },
      up('direct'),
      up('ip'),
    ]);
    for (let i = 0; i < 5; i++)
      expect(await fallback.run((connection, { name }) => `${connection} ${name}`)).toBe('direct direct');
    expect(asked).toBe(3);
    expect(breakers(fallback)).toEqual(['open', 'closed', 'closed']);
    expect(fallback.current).toBe('direct');
    expect(changes).toEqual(['pooler closed -> open, direct']);
  });

  test('lets one operation try after the reset time, while the others go on, and closes when it works', async () => {
    let works = false;
    let finish: () => void = () => undefined;
    const fallback = chain(
      [
        {
          name: 'pooler',
          connect: async (): Promise<string> => {
            if (!works) throw refused();
            await new Promise<void>((resolve) => {
              finish = resolve;
            });
            return 'pooler';
          },
        },
        up('direct'),
      ],
      { failureThreshold: 2, resetSeconds: 60, connectTimeoutMs: 1e9 },
    );
    for (let i = 0; i < 3; i++) await fallback.run((connection) => connection);
    await clock.advance(59_999);
    works = true;
    expect(await fallback.run((connection) => connection)).toBe('direct');
    await clock.advance(1);
    const trial = fallback.run((connection) => connection);
    expect(await fallback.run((connection) => connection)).toBe('direct');
    finish();
    expect(await trial).toBe('pooler');
    expect(breakers(fallback)).toEqual(['closed', 'closed']);
    expect(changes).toEqual([
      'pooler closed -> open, direct',
      'pooler open -> half-open, pooler',
      'pooler half-open -> closed, pooler',
    ]);
  });

  test('opens again when the trial fails, and does not wait for a trial that never ends', async () => {
    let hang = false;
    const fallback = chain([{ name: 'only', use: 'x' }], { failureThreshold: 1, resetSeconds: 60 });
    const work = (): string | Promise<string> => {
      if (hang) return new Promise(() => undefined);
      throw refused();
    };
    await expect(fallback.run(work)).rejects.toThrow(FallbackError);
    await clock.advance(60_000);
    await expect(fallback.run(work)).rejects.toThrow('ECONNREFUSED');
    expect(breakers(fallback)).toEqual(['open']);
    await clock.advance(60_000);
    hang = true;
    void fallback.run(work);
    await expect(fallback.run(() => 'y')).rejects.toThrow('a trial is under way');
    await clock.advance(60_000);
    expect(await fallback.run(() => 'y')).toBe('y');
  });

  test('passes errors of the operation on as they are, and they open no breaker', async () => {
    const fallback = chain([up('pooler'), up('direct')]);
    const syntax = Object.assign(new Error('syntax error'), { code: '42601' });
    for (let i = 0; i < 10; i++)
      await expect(
        fallback.run(() => {
          throw syntax;
        }),
      ).rejects.toBe(syntax);
    // Another service refused a call within the operation: not this connection's doing.
    for (let i = 0; i < 10; i++)
      await expect(
        fallback.run(() => {
          throw refused();
        }),
      ).rejects.toThrow('ECONNREFUSED');
    expect(breakers(fallback)).toEqual(['closed', 'closed']);
    expect(await fallback.run((connection) => connection)).toBe('pooler');
  });

  test('repeats work that may have reached the server only when it is declared idempotent', async () => {
    const seen: string[] = [];
    const work = (connection: string) => {
      seen.push(connection);
      if (connection === 'pooler') throw lost();
      return connection;
    };
    const fallback = chain([up('pooler'), up('direct')], { failureThreshold: 100 });
    await expect(fallback.run(work)).rejects.toThrow('ECONNRESET');
    expect(seen).toEqual(['pooler']);
    expect(await fallback.run(work, { idempotent: true })).toBe('direct');
    expect(seen).toEqual(['pooler', 'pooler', 'direct']);
    expect(fallback.status().connections[0]).toMatchObject({ failures: 2, reason: 'read ECONNRESET' });
  });

  test('goes on from a shared client that never reached its server, unless the operation must not be begun twice', async () => {
    const fallback = chain(
      [
        { name: 'main', use: 'main' },
        { name: 'standby', use: 'standby' },
      ],
      { failureThreshold: 100 },
    );
    const work = (client: string) => {
      if (client === 'main') throw refused();
      return client;
    };
    expect(await fallback.run(work)).toBe('standby');
    await expect(fallback.run(work, { idempotent: false })).rejects.toThrow('ECONNREFUSED');
  });

  test('says of every connection why, when none works', async () => {
    const fallback = chain([down('pooler'), { name: 'direct', use: 1 }], {
      name: 'molecules',
      failureThreshold: 1,
      resetSeconds: 60,
    });
    const fail = () => {
      throw refused();
    };
    await expect(fallback.run(fail)).rejects.toThrow(FallbackError);
    const error = await fallback.run(fail).catch((thrown: unknown) => thrown as FallbackError);
    expect(error).toBeInstanceOf(AggregateError);
    expect(error).toMatchObject({
      code: 'connections-failed',
      message:
        'no connection of "molecules" works: pooler: connect ECONNREFUSED 10.0.0.1:6543, not tried again for 1 m; direct: connect ECONNREFUSED 10.0.0.1:6543, not tried again for 1 m',
      connections: [
        { name: 'pooler', breaker: 'open' },
        { name: 'direct', breaker: 'open' },
      ],
    });
    expect((error as FallbackError).errors).toHaveLength(2);
    expect(fallback.current).toBeNull();
  });

  test('gives connections back, and destroys those that failed', async () => {
    const given: unknown[] = [];
    const make = (name: string, fails: boolean) => ({
      name,
      connect: () => ({ name, fails, release: (failed?: boolean) => given.push([name, failed]) }),
    });
    const fallback = chain([make('a', true), make('b', false)]);
    await fallback.run(
      ({ fails }) => {
        if (fails) throw lost();
      },
      { idempotent: true },
    );
    expect(given).toEqual([
      ['a', true],
      ['b', undefined],
    ]);
    const own: unknown[] = [];
    const custom = chain([
      {
        name: 'c',
        connect: () => 7,
        release: (connection, failed) => {
          own.push([connection, failed]);
          throw new Error('no');
        },
      },
    ]);
    expect(await custom.run((connection) => connection)).toBe(7);
    expect(own).toEqual([[7, false]]);
  });

  test('waits only so long for a connection, and gives back one that comes too late', async () => {
    const given: string[] = [];
    let arrive: (connection: { release(): void }) => void = () => undefined;
    const fallback = chain([
      {
        name: 'slow',
        connect: () =>
          new Promise<{ release(): void }>((resolve) => {
            arrive = resolve;
          }),
      },
      { name: 'fast', connect: () => ({ release: () => void given.push('fast') }) },
    ]);
    const done = fallback.run((_connection, { name }) => name);
    await clock.advance(10_000);
    expect(await done).toBe('fast');
    expect(fallback.status().connections[0]).toMatchObject({ failures: 1, reason: 'no connection within 10000 ms' });
    arrive({ release: () => void given.push('slow') });
    await clock.advance(0);
    expect(given).toEqual(['fast', 'slow']);
  });

  test('ends an operation that takes too long or is given up, and only the first counts against the connection', async () => {
    const fallback = chain([up('pooler'), up('direct')]);
    const signals: AbortSignal[] = [];
    const hang = (_connection: string, { signal }: { signal: AbortSignal }) => {
      signals.push(signal);
      return new Promise<never>(() => undefined);
    };
    const slow = fallback.run(hang, { timeoutMs: 500 });
    const failed = expect(slow).rejects.toThrow('pooler did not answer within 500 ms');
    await clock.advance(500);
    await failed;
    const stop = new AbortController();
    const given = fallback.run(hang, { signal: stop.signal });
    await clock.advance(0);
    stop.abort(new Error('the caller left'));
    await expect(given).rejects.toThrow('the caller left');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(fallback.status().connections[0]).toMatchObject({ failures: 1 });
    await expect(fallback.run(hang, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  });

  test('reports where it stands once a second, and a last time when it is closed', async () => {
    const fallback = chain([down('pooler'), up('direct')], { failureThreshold: 2 });
    for (let i = 0; i < 3; i++) await fallback.run(() => 1);
    const report = () => core.parts.flatMap((part) => part().fallbacks ?? []);
    expect(report()).toMatchObject([
      {
        name: 'database',
        current: 'direct',
        connections: [
          {
            name: 'pooler',
            breaker: 'open',
            failures: 2,
            served: 0,
            failed: 2,
            reason: 'connect ECONNREFUSED 10.0.0.1:6543',
          },
          { name: 'direct', breaker: 'closed', served: 3, failed: 0 },
        ],
      },
    ]);
    expect(report()[0]!.connections[1]).toMatchObject({ served: 0 });
    fallback.close();
    expect(report()).toMatchObject([{ gone: true }]);
    expect(report()).toEqual([]);
  });

  test('takes its thresholds from the configuration, also when that comes later', async () => {
    const fallback = makeFallback(core, [down('pooler'), up('direct')], { clock });
    core.apply({
      ...core.settings,
      database_monitoring: { ...core.settings.database_monitoring, connection_failure_threshold: 1 },
    });
    await fallback.run(() => 1);
    expect(breakers(fallback)).toEqual(['open', 'closed']);
  });

  test('asks the app about errors of drivers that it does not know, and survives its listeners', async () => {
    const fallback = chain(
      [
        { name: 'main', use: 1 },
        { name: 'standby', use: 2 },
      ],
      {
        failureThreshold: 1,
        classify: (error) => (error === 'gone fishing' ? 'refused' : undefined),
        onChange: () => {
          throw new Error('no');
        },
      },
    );
    expect(
      await fallback.run((client) => {
        if (client === 1) throw 'gone fishing';
        return client;
      }),
    ).toBe(2);
  });

  test.each<[unknown, string]>([
    [[], 'at least one connection'],
    ['x', 'at least one connection'],
    [[{ name: '' }], 'connections[0].name'],
    [[{ name: 'a' }], 'exactly one of pool, connect and use, not none'],
    [[{ name: 'a', use: 1, connect: () => 1 }], 'not connect and use'],
    [
      [
        { name: 'a', use: 1 },
        { name: 'a', use: 2 },
      ],
      'the name "a" is used twice',
    ],
    [[{ name: 'a', pool: {} }], 'is no pool known here'],
    [[{ name: 'a', connect: 7 }], 'must be a function'],
    [[null], 'connections[0].name'],
  ])('refuses %j and says what is wrong', (entries, message) => {
    expect(() => makeFallback(core, entries as never)).toThrow(message);
    expect(() => makeFallback(core, [up('x')], { resetSeconds: -1 })).toThrow('resetSeconds must be a number above 0');
  });

  test('knows the type of what it gives', () => {
    type Of<E> = ConnectionOf<E>;
    expectTypeOf<Of<{ name: string; pool: pg.Pool }>>().toEqualTypeOf<pg.PoolClient>();
    expectTypeOf<Of<{ name: string; pool: mysqlPromise.Pool }>>().toEqualTypeOf<mysqlPromise.PoolConnection>();
    expectTypeOf<Of<{ name: string; connect: () => Promise<Date> }>>().toEqualTypeOf<Date>();
    expectTypeOf<Of<{ name: string; use: Map<string, number> }>>().toEqualTypeOf<Map<string, number>>();
    const mixed = chain([
      { name: 'a', use: 1 as number },
      { name: 'b', connect: async () => 'text' as string },
    ]);
    expectTypeOf(mixed.run((connection) => connection)).toEqualTypeOf<Promise<string | number>>();
  });
});

describe('with real pools', () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server.stop());

  test('goes from a pooler that refuses to the direct connection, and a syntax error changes nothing', async () => {
    const pooler = new pg.Pool({ host: '127.0.0.1', port: await freePort() });
    const direct = new pg.Pool({ connectionString: server.url, max: 2 });
    const fallback = makeFallback(core, [
      { name: 'pooler', pool: pooler },
      { name: 'direct', pool: direct },
    ]);
    for (let i = 0; i < 4; i++) {
      const { rows } = await fallback.run((client) => client.query<{ one: number }>('select 1 as one'));
      expect(rows).toEqual([{ one: 1 }]);
    }
    await expect(fallback.run((client) => client.query('selec'))).rejects.toMatchObject({ code: '42601' });
    expect(breakers(fallback)).toEqual(['open', 'closed']);
    expect(direct.totalCount - direct.idleCount).toBe(0);
    await Promise.all([pooler.end(), direct.end()]);
  });

  test('does not repeat a statement whose connection broke while it ran, and gives up the broken connection', async () => {
    const proxy = await startTcpProxy(server.port);
    const through = new pg.Pool({
      connectionString: server.url.replace(String(server.port), String(proxy.port)),
      max: 1,
    });
    const direct = new pg.Pool({ connectionString: server.url, max: 1 });
    for (const pool of [through, direct]) pool.on('error', () => undefined);
    const fallback = makeFallback(core, [
      { name: 'pooler', pool: through },
      { name: 'direct', pool: direct },
    ]);
    const work = async (client: pg.PoolClient, { name }: { name: string }) => {
      client.on('error', () => undefined);
      const running = client.query('select pg_sleep(5)');
      if (name === 'pooler') await proxy.stop();
      else return 'second time';
      await running;
      return 'first time';
    };
    await expect(fallback.run(work)).rejects.toThrow(/terminated|ECONNRESET/);
    expect(through.totalCount).toBe(0);
    expect(fallback.status().connections[0]).toMatchObject({ failures: 1 });
    await Promise.all([through.end(), direct.end()]);
  });
});
