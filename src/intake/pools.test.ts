import { beforeEach, describe, expect, test } from 'vitest';
import type { AlertsView } from '../model/alert.ts';
import { silentLog } from '../model/log.ts';
import type { FallbackReport, PoolReport } from '../model/pool.ts';
import type { SignalBatch, Source } from '../model/signal.ts';
import { Sketch } from '../model/sketch.ts';
import { sqlShape } from '../model/statement-shape.ts';
import type { SeriesStore } from '../model/store.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { createMemorySeriesStore } from '../testing/memory-series-store.ts';
import { createMemoryStateStore, type MemoryStateStore } from '../testing/memory-state-store.ts';
import { createIntake, type Intake } from './intake.ts';

let clock: FakeClock;
let series: SeriesStore;
let state: MemoryStateStore;
let intake: Intake;
let sequence: number;

beforeEach(() => {
  clock = createFakeClock();
  series = createMemorySeriesStore();
  state = createMemoryStateStore();
  sequence = 0;
  const alerts = { silences: () => [] } as unknown as AlertsView;
  intake = createIntake({ series, state, alerts, emit: () => undefined, clock, log: silentLog, mode: 'standalone' });
});

const source = (pid: number): Source => ({
  instance: `far:${pid}:x`,
  service: 'shop',
  host: 'far',
  pid,
  release: '',
  startedAt: 1,
  runtime: 'node 24',
});
const send = (parts: Partial<SignalBatch>, pid = 7) =>
  intake.accept({ version: 1, source: source(pid), sequence: sequence++, at: clock.now(), ...parts });

const sketch = (...values: number[]) => {
  const out = new Sketch();
  for (const value of values) out.record(value);
  return out.encode();
};
const pool = (parts: Partial<PoolReport> = {}): PoolReport => ({
  name: 'main',
  kind: 'pg',
  language: 'sql',
  snapshot: {
    at: clock.now(),
    used: 2,
    idle: 1,
    waiting: 0,
    max: 10,
    longestWaitMs: null,
    shortestWaitMs: null,
    longestHoldMs: 12,
    shortestHoldMs: 3,
    holders: [{ site: 'src/a.ts:1', count: 2, longestMs: 12, statement: 'SELECT ?', stack: '' }],
  },
  waits: sketch(0.1, 0.2),
  holds: sketch(0.5),
  errors: 1,
  timeouts: 1,
  exhaustions: 0,
  statements: [],
  slow: [],
  ...parts,
});

async function seconds(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await clock.advance(1000);
    intake.tick();
  }
}
const latest = (name: string) =>
  series.latest({ name }).map(({ labels, value }) => [Object.values(labels).join(' '), value] as const);

describe('pools', () => {
  test('of all processes of a service become one series, and each has its newest snapshot', async () => {
    await send({ pools: [pool()] }, 7);
    await send({ pools: [pool()] }, 8);
    await seconds(1);
    expect(Object.fromEntries(latest('db_pool_connections'))).toEqual({ 'main shop used': 4, 'main shop idle': 2 });
    expect(latest('db_pool_connections_max')).toEqual([['main shop', 20]]);
    expect(latest('db_pool_timeouts_total')).toEqual([['main shop', 2]]);
    expect(intake.pools.pools()).toMatchObject([
      { name: 'main', instance: 'far:7:x', state: 'live', waits: { count: 2 }, errors: 1, snapshot: { used: 2 } },
      { name: 'main', instance: 'far:8:x' },
    ]);
    expect(intake.pools.pools()[0]!.waits.p99).toBeCloseTo(0.2, 2);
  });

  test('that are ended stay in view for a minute, and hold nothing', async () => {
    await send({ pools: [pool()] });
    await send({ pools: [pool({ gone: true })] });
    await seconds(11);
    expect(intake.pools.pools()).toMatchObject([{ state: 'gone' }]);
    expect(Object.fromEntries(latest('db_pool_connections'))).toEqual({ 'main shop used': 0, 'main shop idle': 0 });
    await seconds(61);
    expect(intake.pools.pools()).toEqual([]);
  });

  test('never bring a value in, also when the sender did not take it out', async () => {
    const text = "select * from users where email = 'ann@example.com' and id = 12345";
    const slow = [
      { id: '', at: clock.now(), statement: 'x', text, durationMs: 900, waitMs: 3, rows: 2, caller: 'src/a.ts:1' },
    ];
    const statements = [{ id: 'x', text, summary: text, errors: 1, rows: 2, durations: sketch(0.9) }];
    const snapshot = {
      ...pool().snapshot,
      holders: [{ site: 'a', count: 1, longestMs: 1, statement: text, stack: '' }],
    };
    await send({ pools: [pool({ slow, statements, snapshot })] });
    await seconds(1);
    const kept = JSON.stringify([
      state.all('slow_queries'),
      state.all('statements'),
      intake.pools.pools(),
      series.list({}),
    ]);
    expect(kept).not.toMatch(/ann@|12345/);
    const shape = sqlShape(text);
    expect(state.all('slow_queries')).toMatchObject([
      {
        pool: 'main',
        service: 'shop',
        statement: shape.id,
        text: shape.text,
        durationMs: 900,
        waitMs: 3,
        rows: 2,
        caller: 'src/a.ts:1',
      },
    ]);
    expect(state.all('statements')).toMatchObject([{ id: shape.id, text: shape.text, summary: 'SELECT users' }]);
    expect(latest('db_query_errors_total')).toEqual([[`main shop ${shape.id}`, 1]]);
  });

  test('have a budget of statements; the rest is other, and counted', async () => {
    for (let round = 0; round < 6; round++) {
      const statements = Array.from({ length: 200 }, (_, index) => ({
        id: '',
        text: `SELECT column_${round}_${index} FROM t`,
        summary: '',
        errors: 0,
        rows: 0,
        durations: sketch(0.01),
      }));
      await send({ pools: [pool({ statements })] });
    }
    await seconds(1);
    expect(series.list({ name: 'db_query_total', limit: 5000 }).length).toBe(1001);
    expect(intake.dropped['statements']).toBe(200);
  });

  test('keep the newest and the slowest of their slow queries, within a budget', async () => {
    for (let minute = 0; minute < 15; minute++) {
      for (let part = 0; part < 4; part++) {
        const slow = Array.from({ length: 60 }, (_, index) => ({
          id: '',
          at: clock.now(),
          statement: 'x',
          text: 'SELECT ?',
          durationMs: minute === 0 && index === 0 ? 99_000 : 600 + index,
          waitMs: 0,
          rows: null,
          caller: '',
        }));
        await send({ pools: [pool({ slow })] });
      }
      await seconds(60);
    }
    await seconds(301);
    const kept = state.all('slow_queries');
    expect(kept.length).toBeLessThanOrEqual(2000);
    expect(kept.filter(({ durationMs }) => durationMs === 99_000).length).toBeGreaterThan(0);
    expect(intake.dropped['slow_queries']).toBeGreaterThan(0);
  });

  test.each([null, 7, 'x', [], [null], [{}], [{ name: 'x' }], [{ name: 'x', snapshot: { at: 'now' } }]])(
    'that make no sense cost only themselves: %j',
    async (pools) => {
      expect(await send({ pools: pools as never, fallbacks: pools as never })).toEqual({ ok: true });
      expect(intake.pools.pools()).toEqual([]);
      expect(intake.pools.fallbacks()).toEqual([]);
    },
  );
});

describe('fallback chains', () => {
  const chain = (breaker: 'closed' | 'open' | 'half-open', served: number): FallbackReport => ({
    name: 'database',
    current: breaker === 'closed' ? 'pooler' : 'direct',
    connections: [
      {
        name: 'pooler',
        breaker,
        since: clock.now(),
        failures: 3,
        retryAt: null,
        reason: 'refused',
        served: 0,
        failed: 1,
      },
      { name: 'direct', breaker: 'closed', since: 0, failures: 0, retryAt: null, reason: '', served, failed: 0 },
    ],
  });

  test('write what their breakers do into the journal, and add up what each connection served', async () => {
    await send({ fallbacks: [chain('closed', 0)] });
    await send({ fallbacks: [chain('open', 2)] });
    await send({ fallbacks: [chain('half-open', 3)] });
    await seconds(1);
    expect(Object.fromEntries(latest('db_fallback_breaker_open'))).toMatchObject({ 'database pooler shop': 1 });
    await send({ fallbacks: [chain('closed', 0)] });
    await seconds(1);
    expect(intake.pools.fallbacks()).toMatchObject([
      { name: 'database', current: 'pooler', connections: [{ failedTotal: 4 }, { servedTotal: 5 }] },
    ]);
    expect(
      state
        .all('journal')
        .filter(({ kind }) => kind === 'breaker')
        .map(({ text }) => text),
    ).toEqual([
      'shop: the breaker of pooler (database) opened after 3 failures: refused; operations use direct.',
      'shop: the breaker of pooler (database) closed again; operations use pooler.',
    ]);
  });
});
