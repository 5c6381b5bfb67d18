import { expect, test } from 'vitest';
import { Sketch } from '../../model/sketch.ts';
import { createFakeClock } from '../../testing/fake-clock.ts';
import { createMemorySeriesStore } from '../../testing/memory-series-store.ts';
import { checkState } from '../running-server.contract.ts';
import { checkWindows, isRoute } from './check-windows.ts';

const minute = 60_000;

test('says how many runs failed and how long they took, beside the traffic of the application itself', async () => {
  const clock = createFakeClock();
  const series = createMemorySeriesStore();
  const now = clock.now();
  const { check } = checkState('api:/orders/7', 'ok', { info: { operation: 'GET /orders/7' } });
  const labels = { check: check.id, component: 'api' };
  // Two hours of a run a minute: the last hour has 6 failures in 60, and takes 1 to 60 ms.
  for (let ago = 1; ago <= 120; ago++) {
    const at = now - ago * minute + 1;
    series.append([
      { name: 'check_up', labels, at, value: ago <= 6 ? 0 : 1 },
      { name: 'check_duration_seconds', labels, at, value: ago <= 60 ? ago / 1000 : 0.5 },
    ]);
  }
  const operation = { operation: 'GET /orders/:id', category: 'api' };
  const sketch = new Sketch();
  for (let i = 0; i < 200; i++) sketch.record(0.2);
  series.appendSketches([{ name: 'operation_duration_seconds', labels: operation, at: now - minute, sketch }]);
  series.append([
    { name: 'operation_errors_total', labels: operation, at: now - 2 * minute, value: 0, kind: 'counter' },
    { name: 'operation_errors_total', labels: operation, at: now - minute, value: 10, kind: 'counter' },
  ]);

  const [lastHour, day, week] = await checkWindows(series, check, now);
  expect(lastHour).toMatchObject({ window: '1h', runs: 60, step_seconds: 60 });
  expect(lastHour!.error_ratio).toBeCloseTo(0.1, 5);
  expect(lastHour!.p50_ms).toBeGreaterThan(28);
  expect(lastHour!.p50_ms).toBeLessThan(32);
  expect(lastHour!.p99_ms).toBeGreaterThan(57);
  expect(lastHour!.traffic).toMatchObject({ operations: ['GET /orders/:id'], requests: 200, error_ratio: 0.05 });
  expect(lastHour!.traffic!.p95_ms).toBeGreaterThan(195);
  expect(day).toMatchObject({ window: '24h', runs: 120 });
  expect(day!.error_ratio).toBeCloseTo(0.05, 5);
  expect(week!.p99_ms).toBeGreaterThan(490);
});

test('has nothing to say about what was never seen', async () => {
  const { check } = checkState('api:/a', 'ok');
  const [first] = await checkWindows(createMemorySeriesStore(), check, 1e12);
  expect(first).toEqual({
    window: '1h',
    step_seconds: 60,
    runs: 0,
    error_ratio: null,
    p50_ms: null,
    p95_ms: null,
    p99_ms: null,
    traffic: null,
  });
});

test.each([
  ['GET /orders', 'GET /orders', true],
  ['GET /orders/:id', 'GET /orders/7', true],
  ['GET /orders/:id/items', 'GET /orders/7', false],
  ['POST /orders/:id', 'GET /orders/7', false],
  ['GET /orders', 'GET /order', false],
])('%s serves %s: %s', (route, asked, serves) => {
  expect(isRoute(route, asked)).toBe(serves);
});
