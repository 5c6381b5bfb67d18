import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../model/clock.ts';
import { silentLog } from '../model/log.ts';
import { Sketch } from '../model/sketch.ts';
import { Bundle, BundleWriter } from './codec/bundle.ts';
import { createPoints } from './codec/chunk.ts';
import { openSeriesStore } from './series.ts';
import { storeSettings } from './settings.ts';

const T0 = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'series-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

const open = (over: Record<string, number> = {}) =>
  openSeriesStore({
    dir,
    settings: { ...storeSettings.parse(over), retention_days: 7 },
    log: silentLog,
    clock: systemClock,
  });
const gauge = (at: number, value: number) => ({ name: 'g', labels: { a: 'x' }, at, value });

describe('the codec', () => {
  test('gives back every bit of every float64', () => {
    const odd = [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -0,
      0,
      Number.MIN_VALUE,
      Number.MAX_VALUE,
      0.1,
      2 ** 53,
    ];
    const value = fc.oneof(
      fc.double(),
      fc.constantFrom(...odd),
      fc.integer(),
      fc.integer().map((n) => n / 100),
    );
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 100_000 }),
        (values, step) => {
          const times = Float64Array.from(values, (_, i) => T0 + i * step + (i % 3));
          const points = createPoints(4);
          const writer = new BundleWriter((first, bytes) => new Bundle(first, bytes).points(7, points));
          writer.addPoints(7, times, Float64Array.from(values), values.length);
          writer.end();
          expect([...points.values.subarray(0, points.count)]).toEqual(values);
          expect([...points.times.subarray(0, points.count)]).toEqual([...times]);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('the series store', () => {
  test('answers the same from memory, after a restart, from chunks and from a whole day', async () => {
    let store = await open();
    for (let i = 0; i < 3000; i++) store.append([gauge(T0 + i * 10_000, i % 50)]);
    // Late and doubled points: the last one counts.
    store.append([gauge(T0 + 20_000, 1000), gauge(T0 + 20_000, 500)]);
    const ask = () =>
      store.query({ name: 'g', from: T0, to: T0 + DAY, stepMs: HOUR, aggregates: ['avg', 'max', 'count', 'last'] });
    const first = await ask();
    expect(first.series[0]!.values['max']![0]).toBe(500);
    expect(first.series[0]!.values['count']![0]).toBe(360);
    await store.close();
    store = await open();
    expect((await ask()).series).toEqual(first.series);
    await store.maintain(T0 + 10 * HOUR);
    expect((await ask()).series).toEqual(first.series);
    await store.maintain(T0 + 2 * DAY);
    const hours = await ask();
    expect(hours.tier).toBe('hour');
    expect(hours.series[0]!.at).toEqual(first.series[0]!.at);
    expect(hours.series[0]!.values['max']).toEqual(first.series[0]!.values['max']);
    await store.maintain(T0 + 20 * DAY);
    const minutes = await store.query({
      name: 'g',
      from: T0,
      to: T0 + HOUR,
      stepMs: 60_000,
      aggregates: ['count', 'max'],
    });
    expect(minutes.tier).toBe('minute');
    expect(minutes.series[0]!.values['count']!.reduce((a, b) => a + b)).toBe(360);
    await store.close();
  });

  test('a counter that restarts keeps growing', async () => {
    const store = await open();
    for (const [i, value] of [10, 20, 30, 5, 15].entries()) {
      store.append([{ name: 'c', labels: {}, at: T0 + i * 10_000, value, kind: 'counter' }]);
    }
    const answer = await store.query({
      name: 'c',
      from: T0,
      to: T0 + 60_000,
      stepMs: 60_000,
      aggregates: ['increase', 'rate'],
    });
    expect(answer.series[0]!.values).toEqual({ increase: [35], rate: [35 / 40] });
    await store.close();
  });

  test('sketches merge over minutes and days, and survive a restart', async () => {
    let store = await open();
    for (let i = 0; i < 600; i++) {
      const sketch = new Sketch();
      sketch.record((i % 100) + 1);
      store.appendSketches([{ name: 's', labels: {}, at: T0 + i * 1000, sketch }]);
    }
    const ask = async () => (await store.sketches({ name: 's', from: T0, to: T0 + DAY }))[0]!.sketch;
    for (const later of [0, 5 * HOUR, 2 * DAY, 10 * DAY]) {
      if (later > 0) await store.maintain(T0 + later);
      const sketch = await ask();
      expect(sketch.count).toBe(600);
      expect(Math.abs(sketch.quantile(0.95) - 95)).toBeLessThan(1);
      await store.close();
      store = await open();
    }
    await store.close();
  });

  test('too many label values go into other and are counted', async () => {
    const store = await open({ max_values_per_label: 5 });
    for (let i = 0; i < 100; i++) store.append([{ name: 'm', labels: { url: `/${i}` }, at: T0 + i, value: 1 }]);
    expect(store.list({ name: 'm' }).map((series) => series.labels['url'])).toEqual([
      '/0',
      '/1',
      '/2',
      '/3',
      '/4',
      'other',
    ]);
    expect(store.stats().overflow).toEqual([{ metric: 'm', label: 'url', folded: 95 }]);
    await store.close();
  });
});
