import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '../model/clock.ts';
import { silentLog } from '../model/log.ts';
import type { SeriesStore } from '../model/store.ts';
import { openSeriesStore } from './series.ts';
import { storeSettings } from './settings.ts';

const T0 = Date.UTC(2026, 0, 10);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const value = fc.oneof(
  fc.double(),
  fc.constantFrom(
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    -0,
    0,
    Number.MIN_VALUE,
    -Number.MAX_VALUE,
    Number.NaN,
  ),
  fc.integer({ min: -1000, max: 1000 }),
  fc.integer().map((n) => n / 1000),
);
/** Regular and irregular, backwards, doubled, also of days before. */
const time = fc.oneof(
  fc.integer({ min: 0, max: 600 }).map((n) => T0 + n * 10_000),
  fc.integer({ min: 0, max: 3 * HOUR }).map((n) => T0 + n),
  fc.integer({ min: -2 * DAY, max: 4 * HOUR }).map((n) => T0 + n),
);
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('sample' as const), series: fc.nat(3), at: time, value }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('row' as const),
      at: time,
      values: fc.array(value, { minLength: 4, maxLength: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('maintain' as const), at: fc.constantFrom(HOUR, 5 * HOUR, 3 * DAY) }),
  },
);

const open = (dir: string) =>
  openSeriesStore({
    dir,
    settings: { ...storeSettings.parse({}), retention_days: 30 },
    log: silentLog,
    clock: systemClock,
  });

/** Every point of every series, as the store answers it: one step for each millisecond that has one. */
async function everything(store: SeriesStore, times: readonly number[]): Promise<Map<string, Map<number, number>>> {
  const found = new Map<string, Map<number, number>>();
  for (const at of times) {
    const answer = await store.query({ name: 'm', from: at, to: at + 1, stepMs: 1, aggregates: ['last'] });
    for (const { labels, values } of answer.series) {
      const key = labels['i']!;
      found.set(key, (found.get(key) ?? new Map()).set(at, values['last']![0]!));
    }
  }
  return found;
}

test('gives back every value as a plain list of points would, whatever comes in whichever order', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
      const dir = mkdtempSync(join(tmpdir(), 'truth-'));
      const truth = new Map<string, Map<number, number>>();
      const note = (series: number, at: number, v: number) => {
        const line = truth.get(String(series)) ?? new Map<number, number>();
        truth.set(String(series), line.set(at, v));
      };
      let store = await open(dir);
      const ids = () => Uint32Array.from({ length: 4 }, (_, i) => store.seriesId('m', { i: String(i) }));
      try {
        for (const one of steps) {
          if (one.do === 'sample') {
            store.append([{ name: 'm', labels: { i: String(one.series) }, at: one.at, value: one.value }]);
            note(one.series, one.at, one.value);
          } else if (one.do === 'row') {
            store.appendColumns(one.at, ids(), Float64Array.from(one.values));
            one.values.forEach((v, i) => {
              note(i, one.at, v);
            });
          } else if (one.do === 'flush') await store.flush();
          else if (one.do === 'maintain') await store.maintain(T0 + one.at);
          else {
            await store.close();
            store = await open(dir);
          }
        }
        const times = [...new Set([...truth.values()].flatMap((line) => [...line.keys()]))].sort((a, b) => a - b);
        // NaN says "no value" and is answered like one that is not there.
        const expected = new Map(
          [...truth].map(([key, line]) => [
            key,
            new Map([...line].filter(([, v]) => !Number.isNaN(v)).sort(([a], [b]) => a - b)),
          ]),
        );
        for (const [key, line] of expected) if (line.size === 0) expected.delete(key);
        expect(await everything(store, times)).toEqual(expected);
        expect(store.stats().drops).toEqual({});
      } finally {
        await store.close();
        rmSync(dir, { recursive: true, force: true });
      }
    }),
    { numRuns: 60, interruptAfterTimeLimit: 6000 },
  );
});
