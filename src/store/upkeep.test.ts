import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../model/clock.ts';
import { silentLog } from '../model/log.ts';
import { Sketch } from '../model/sketch.ts';
import type { SeriesStore } from '../model/store.ts';
import { openSeriesStore } from './series.ts';
import { storeSettings } from './settings.ts';

const T0 = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const DAY = 86_400_000;
const SERIES = 20;

let dir: string;
let store: SeriesStore;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'upkeep-'));
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

async function open(settings: Record<string, number>, rawDays: number): Promise<void> {
  store = await openSeriesStore({
    dir,
    settings: { ...storeSettings.parse(settings), retention_days: rawDays },
    log: silentLog,
    clock: systemClock,
  });
}

const fileBytes = () => readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
const tier = (name: string) => store.stats().tiers.find((one) => one.tier === name)!;

/** Days of noise by the minute: nothing that would compress well. */
async function fill(days: number, series = SERIES): Promise<void> {
  const ids = Uint32Array.from({ length: series }, (_, i) => store.seriesId('noise', { i: String(i) }));
  const values = new Float64Array(series);
  let state = 1;
  for (let minute = 0; minute < days * 1440; minute++) {
    for (let i = 0; i < series; i++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      values[i] = state / 2 ** 32 + i;
    }
    store.appendColumns(T0 + minute * MINUTE, ids, values);
    if (minute % 60 === 59) await store.flush();
    if (minute % 720 === 719) await store.maintain(T0 + minute * MINUTE);
  }
}

describe('upkeep', { timeout: 60_000 }, () => {
  test('keeps the file within its size: detail goes first, the oldest of it before the newest, and the space is given back', async () => {
    await open({}, 365);
    await fill(6);
    await store.maintain(T0 + 6 * DAY + 20 * MINUTE);
    const whole = fileBytes();
    expect(whole).toBeGreaterThan(900_000);
    await store.close();
    await open({ max_size_mb: 0.6 }, 365);
    await store.maintain(T0 + 6 * DAY + 20 * MINUTE);
    expect(fileBytes()).toBeLessThanOrEqual(0.6 * 1024 * 1024 * 1.1);
    const [raw, hours] = [tier('raw'), tier('hour')];
    expect(raw.oldestAt === null || raw.oldestAt > T0).toBe(true);
    // Coarse detail is what stays longest.
    expect(hours.oldestAt).toBe(T0);
    const newest = await store.query({
      name: 'noise',
      from: T0 + 5 * DAY,
      to: T0 + 6 * DAY,
      stepMs: DAY,
      aggregates: ['count'],
    });
    expect(newest.series).toHaveLength(SERIES);
    expect(newest.series.every(({ values }) => values['count']![0] === 1440)).toBe(true);
  });

  test('gives up even today when the cap leaves room for nothing else', async () => {
    await open({ max_size_mb: 0.2 }, 365);
    await fill(1);
    await store.maintain(T0 + DAY - MINUTE);
    expect(fileBytes()).toBeLessThan(0.2 * 1024 * 1024 + 200_000);
    store.append([{ name: 'now', labels: {}, at: T0 + DAY, value: 1 }]);
    await store.flush();
    expect(store.latest({ name: 'now' })).toHaveLength(1);
  });

  test('each tier goes at the end of its own time, and the file shrinks with it', async () => {
    await open({ minute_retention_days: 10, hour_retention_days: 20 }, 3);
    await fill(2);
    await store.maintain(T0 + 2 * DAY + 20 * MINUTE);
    const full = fileBytes();
    expect([tier('raw').points, tier('minute').points, tier('hour').points > 0]).toEqual([SERIES * 2880, 0, true]);
    await store.maintain(T0 + 6 * DAY);
    expect([tier('raw').points, tier('minute').points]).toEqual([0, SERIES * 2880]);
    await store.maintain(T0 + 13 * DAY);
    expect([tier('minute').points, tier('hour').points]).toEqual([0, SERIES * 48]);
    expect(fileBytes()).toBeLessThan(full / 2);
    await store.maintain(T0 + 23 * DAY);
    expect(store.stats().tiers.map(({ points }) => points)).toEqual([0, 0, 0]);
    expect(fileBytes()).toBeLessThan(200_000);
  });

  test('late values of a day that has become minutes are added to it once', async () => {
    await open({}, 2);
    const sketch = new Sketch();
    sketch.record(3);
    const put = (at: number, value: number) => {
      store.append([{ name: 'late', labels: {}, at, value }]);
      store.appendSketches([{ name: 'late_sketch', labels: {}, at, sketch }]);
    };
    put(T0, 1);
    put(T0 + 2 * MINUTE, 5);
    put(T0 + DAY, 1);
    await store.maintain(T0 + 5 * DAY);
    put(T0 + MINUTE, 9);
    put(T0 + 2 * MINUTE + 1000, 7);
    for (let round = 0; round < 3; round++) await store.maintain(T0 + (5 + round) * DAY);
    const ask = (stepMs: number, to: number) =>
      store.query({ name: 'late', from: T0, to, stepMs, aggregates: ['count', 'min', 'max', 'sum', 'last'] });
    const minutes = await ask(MINUTE, T0 + 3 * MINUTE);
    expect(minutes.tier).toBe('minute');
    expect(minutes.series[0]!.values).toEqual({
      count: [1, 1, 2],
      min: [1, 9, 5],
      max: [1, 9, 7],
      sum: [1, 9, 12],
      last: [1, 9, 7],
    });
    const day = await ask(DAY, T0 + DAY);
    expect(day.series[0]!.values).toEqual({ count: [4], min: [1], max: [9], sum: [22], last: [7] });
    const merged = await store.sketches({ name: 'late_sketch', from: T0, to: T0 + DAY });
    expect(merged[0]!.sketch.count).toBe(4);
  });

  test('keeps the digits that are asked for, and every bit when none are named', async () => {
    const value = 0.12345678901234568;
    for (const [digits, kept] of [
      [12, 0.123456789012],
      [17, value],
    ] as const) {
      await open({ precision_digits: digits }, 30);
      store.append([{ name: 'digits', labels: { n: String(digits) }, at: T0, value }]);
      await store.maintain(T0 + 2 * DAY);
      await store.maintain(T0 + 2 * DAY);
      const answer = await store.query({ name: 'digits', from: T0, to: T0 + 1, stepMs: 1, aggregates: ['last'] });
      expect(answer.series.at(-1)!.values['last']).toEqual([kept]);
      if (digits === 12) await store.close();
    }
  });
});
