import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createMix } from '../bench/store/mix.ts';
import { readSeries, seriesOf } from '../examples/read-series.ts';
import { silentLog } from '../src/model/log.ts';
import { openSeriesStore } from '../src/store/index.ts';
import { storeSettings } from '../src/store/settings.ts';
import { createFakeClock } from '../src/testing/fake-clock.ts';

let dir: string;
afterEach(() => rmSync(dir, { recursive: true }));

/** Numbers of every kind, on a steady and on a trembling clock, with what is no number, and more than a day, so that days are put together. */
test('a reader written after docs/store.md gets every point of a real file, bit for bit', async () => {
  dir = mkdtempSync(join(tmpdir(), 'store-format-'));
  const start = Date.UTC(2026, 0, 5);
  const clock = createFakeClock(start);
  const store = await openSeriesStore({
    dir,
    settings: { ...storeSettings.parse({}), retention_days: 30 },
    log: silentLog,
    clock,
  });
  const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 5e-324, 0.1, 2 ** 60];
  const mix = createMix(100);
  const truth = mix.map(() => [] as { at: number; value: number }[]);
  for (let tick = 0; tick < 2 * 24 * 12; tick++) {
    const at = start + tick * 300_000;
    const samples = mix.map((series, i) => {
      const own = series.next();
      const value = i % 10 === 0 && tick % 7 === 3 ? odd[tick % odd.length]! : own;
      const point = { at: at + (i % 3 === 0 ? (tick * 7919) % 1000 : 0), value };
      truth[i]!.push(point);
      return { name: series.name, labels: { ...series.labels, nth: String(i) }, ...point };
    });
    await clock.advance(at - clock.now());
    store.append(samples);
    if (tick % 12 === 11) await store.maintain(at);
  }
  await store.flush();
  await clock.advance(2 * 86_400_000);
  await store.maintain(clock.now());
  await store.maintain(clock.now());
  await store.close();
  const file = join(dir, 'series.db');
  for (const [i, series] of mix.entries()) {
    const found = seriesOf(file, series.name).find(({ labels }) => JSON.parse(labels).nth === String(i));
    expect(readSeries(file, found!.id)).toEqual(truth[i]);
  }
});
