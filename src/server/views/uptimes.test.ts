import { expect, test } from 'vitest';
import { createFakeClock } from '../../testing/fake-clock.ts';
import { createMemorySeriesStore } from '../../testing/memory-series-store.ts';
import { checkState } from '../running-server.contract.ts';
import { createUptimes } from './uptimes.ts';

test('is the share of observed time, with how much was observed', async () => {
  const clock = createFakeClock();
  const series = createMemorySeriesStore();
  const { check } = checkState('api:/a', 'ok');
  const labels = { check: check.id, component: 'api' };
  // Twelve hours of a run a minute, a quarter of them failing; before that nobody looked.
  for (let minute = 0; minute < 720; minute++) {
    series.append([{ name: 'check_up', labels, at: clock.now() - minute * 60_000, value: minute < 180 ? 0 : 1 }]);
  }
  const [day, week] = await createUptimes(series, clock).of(check);
  expect(day!.ratio).toBeCloseTo(0.75, 2);
  expect(day!.coverage_ratio).toBeCloseTo(0.5, 2);
  expect(week!.coverage_ratio).toBeCloseTo(0.5 / 7, 2);
});

test('leaves planned maintenance out, neither as down nor as unobserved', async () => {
  const clock = createFakeClock();
  const series = createMemorySeriesStore();
  const { check } = checkState('api:/a', 'ok');
  const labels = { check: check.id, component: 'api' };
  const hour = 3_600_000;
  const now = clock.now();
  for (let at = now - 24 * hour; at < now; at += 60_000) {
    const planned = at >= now - 4 * hour && at < now - 2 * hour;
    // Failures of a planned maintenance leave no `check_up`; an hour without a plan does.
    if (!planned) series.append([{ name: 'check_up', labels, at, value: at < now - 23 * hour ? 0 : 1 }]);
  }
  const planned = [{ from: now - 4 * hour, to: now - 2 * hour }];
  const [without] = await createUptimes(series, clock).of(check);
  const [day] = await createUptimes(series, clock, () => planned).of(check);
  expect(without!.coverage_ratio).toBeCloseTo(22 / 24, 2);
  expect(day!.coverage_ratio).toBeCloseTo(1, 2);
  expect(day!.ratio).toBeCloseTo(21 / 22, 3);
});

test('is unknown before the first result', async () => {
  const uptimes = createUptimes(createMemorySeriesStore(), createFakeClock());
  expect(await uptimes.of(checkState('api:/a', 'ok').check)).toEqual([
    { window: '24h', ratio: null, coverage_ratio: 0 },
    { window: '7d', ratio: null, coverage_ratio: 0 },
    { window: '30d', ratio: null, coverage_ratio: 0 },
  ]);
});
