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

test('is unknown before the first result', async () => {
  const uptimes = createUptimes(createMemorySeriesStore(), createFakeClock());
  expect(await uptimes.of(checkState('api:/a', 'ok').check)).toEqual([
    { window: '24h', ratio: null, coverage_ratio: 0 },
    { window: '7d', ratio: null, coverage_ratio: 0 },
    { window: '30d', ratio: null, coverage_ratio: 0 },
  ]);
});
