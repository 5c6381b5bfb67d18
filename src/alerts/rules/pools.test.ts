import { expect, test } from 'vitest';
import { silentLog } from '../../model/log.ts';
import type { FallbackState, PoolState } from '../../model/pool.ts';
import type { SeriesStore } from '../../model/store.ts';
import { createFakeClock } from '../../testing/fake-clock.ts';
import { createMemoryStateStore } from '../../testing/memory-state-store.ts';
import { createAlertEngine } from '../engine.ts';
import { seedThresholds } from '../seed-thresholds.contract.ts';
import { alertsSettings } from '../settings.ts';

async function setUp() {
  const clock = createFakeClock();
  const engine = await createAlertEngine({
    settings: alertsSettings.parse({}),
    ...seedThresholds,
    state: createMemoryStateStore(),
    series: {} as SeriesStore,
    channels: () => [],
    clock,
    emit: () => undefined,
    log: silentLog,
  });
  return { clock, engine };
}

const pool = (longestWaitMs: number | null, state: PoolState['state'] = 'live'): PoolState => ({
  name: 'main',
  kind: 'pg',
  service: 'shop',
  instance: 'a',
  snapshot: {
    at: 0,
    used: 10,
    idle: 0,
    waiting: longestWaitMs === null ? 0 : 1,
    max: 10,
    longestWaitMs,
    shortestWaitMs: longestWaitMs,
    longestHoldMs: 5500,
    shortestHoldMs: 5100,
    holders: [{ site: 'src/reports.ts:88', count: 10, longestMs: 5500, statement: null, stack: '' }],
  },
  waits: { count: 0, p50: null, p95: null, p99: null },
  errors: 0,
  timeouts: 0,
  exhaustions: 0,
  state,
});

test('an exhausted pool fires with its verdict as the message, and ends when nobody has waited too long for a while', async () => {
  const { clock, engine } = await setUp();
  await engine.observePool(pool(900));
  expect(engine.view.active()).toEqual([]);
  await engine.observePool(pool(2400));
  expect(engine.view.active()).toMatchObject([
    {
      state: 'firing',
      severity: 'error',
      alertType: 'database_pool_exhausted',
      message: 'Pool main of shop: all 10 connections held > 5 s by src/reports.ts:88; 1 waiting since 2.4 s',
      labels: { pool: 'main', service: 'shop' },
    },
  ]);
  await engine.observePool(pool(2400, 'stale'));
  for (let second = 0; second < 5; second++) {
    await clock.advance(1000);
    await engine.observePool(pool(null));
  }
  expect(engine.view.active()).toHaveLength(1);
  await clock.advance(10_000);
  await engine.observePool(pool(null));
  expect(engine.view.active()).toEqual([]);
});

test('the alert of a pool ends with the pool', async () => {
  const { engine } = await setUp();
  await engine.observePool(pool(2400));
  await engine.observePool(pool(2400, 'gone'));
  expect(engine.view.active()).toEqual([]);
});

test('a chain with an open breaker warns, with every breaker open it is critical', async () => {
  const { engine } = await setUp();
  const chain = (...breakers: ('closed' | 'open')[]): FallbackState => ({
    name: 'database',
    service: 'shop',
    instance: 'a',
    current: breakers.includes('closed') ? 'direct' : null,
    state: 'live',
    connections: breakers.map((breaker, index) => ({
      name: ['pooler', 'direct'][index]!,
      breaker,
      since: 0,
      failures: 3,
      retryAt: null,
      reason: 'connection refused',
      served: 0,
      failed: 0,
      servedTotal: 0,
      failedTotal: 0,
    })),
  });
  await engine.observeFallback(chain('open', 'closed'));
  expect(engine.view.active()).toMatchObject([
    { severity: 'warning', message: 'Fallback database of shop: pooler out of use, operations run on direct' },
  ]);
  await engine.observeFallback(chain('open', 'open'));
  expect(engine.view.active()).toMatchObject([{ severity: 'critical' }]);
  await engine.observeFallback(chain('closed', 'closed'));
  expect(engine.view.active()).toEqual([]);
});
