import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../model/clock.ts';
import { silentLog } from '../model/log.ts';
import type { Matcher, Sample } from '../model/sample.ts';
import { Sketch } from '../model/sketch.ts';
import type { Aggregate, RangeAnswer, RangeQuery, SeriesStore } from '../model/store.ts';
import { createMemorySeriesStore } from '../testing/memory-series-store.ts';
import { openSeriesStore } from './series.ts';
import { storeSettings } from './settings.ts';

const T0 = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'queries-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const open = (at = dir, more: Record<string, number> = {}) =>
  openSeriesStore({
    dir: at,
    settings: { ...storeSettings.parse(more), retention_days: 7 },
    log: silentLog,
    clock: systemClock,
  });

/** What happens to a store: values that come in, a restart, sealing, the putting together of days that are over. */
type Act =
  | { readonly do: 'append'; readonly samples: readonly Sample[] }
  | { readonly do: 'sketch'; readonly at: number; readonly values: readonly number[] }
  | { readonly do: 'restart' | 'flush' }
  | { readonly do: 'maintain'; readonly at: number };

// Quarters, so that sums are the same in whatever order they are made.
const value = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 4000 }).map((n) => n / 4) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) },
);
/** Clusters around a few hours of three days, so that there are gaps, and hours with much in them. */
const moment = fc
  .tuple(fc.constantFrom(0, 1, 2, 23, 24, 30, 47, 50), fc.integer({ min: 0, max: 2 * HOUR }))
  .map(([hour, ms]) => T0 + hour * HOUR + ms);
const sample = fc.record({
  name: fc.constantFrom('gauge', 'counter_total'),
  labels: fc.constantFrom<Record<string, string>>({}, { host: 'a' }),
  at: moment,
  value,
});
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.array(sample, { minLength: 5, maxLength: 60 }).map((samples) => ({
      do: 'append' as const,
      samples: samples.map((one) => ({
        ...one,
        kind: one.name === 'gauge' ? ('gauge' as const) : ('counter' as const),
      })),
    })),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('sketch' as const),
      at: moment,
      values: fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ do: 'restart' as const }, { do: 'flush' as const }) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(1, 5, 26, 49, 60, 80)
      .map((hours) => ({ do: 'maintain' as const, at: T0 + hours * HOUR })),
  },
);
const acts = fc.array(act, { minLength: 3, maxLength: 14 });

/** Does the same to the store on the disk and to the plain one in memory; resolves with both. */
async function play(list: readonly Act[], folder: string): Promise<{ disk: SeriesStore; memory: SeriesStore }> {
  const memory = createMemorySeriesStore();
  let disk = await open(folder);
  for (const one of list) {
    if (one.do === 'append') {
      disk.append(one.samples);
      memory.append(one.samples);
    } else if (one.do === 'sketch') {
      const sketch = new Sketch();
      for (const number of one.values) sketch.record(number);
      for (const store of [disk, memory]) store.appendSketches([{ name: 'sketch', labels: {}, at: one.at, sketch }]);
    } else if (one.do === 'maintain') await disk.maintain(one.at);
    else if (one.do === 'flush') await disk.flush();
    else {
      await disk.close();
      disk = await open(folder);
    }
  }
  return { disk, memory };
}

const plain: readonly Aggregate[] = ['avg', 'min', 'max', 'sum', 'count', 'last', 'increase'];
const byLabels = (a: { labels: object }, b: { labels: object }) =>
  JSON.stringify(a.labels) < JSON.stringify(b.labels) ? -1 : 1;
const sorted = ({ series }: RangeAnswer) => [...series].sort(byLabels);

/** Asks both the same and expects the same. */
async function compare(disk: SeriesStore, memory: SeriesStore, query: Omit<RangeQuery, 'name' | 'aggregates'>) {
  for (const name of ['gauge', 'counter_total']) {
    const wanted = name === 'gauge' ? plain.slice(0, -1) : plain;
    const asked = { ...query, name, aggregates: wanted };
    expect(sorted(await disk.query(asked))).toEqual(sorted(await memory.query(asked)));
  }
  const percentiles = { ...query, name: 'sketch', aggregates: ['p50', 'p99', 'count', 'max'] as const };
  expect((await disk.query(percentiles)).series).toEqual((await memory.query(percentiles)).series);
}

describe('questions about a range', () => {
  const anyRange = fc
    .tuple(
      fc.integer({ min: -HOUR, max: 60 * HOUR }),
      fc.integer({ min: 1, max: 70 * HOUR }),
      fc.constantFrom(MINUTE, 7 * MINUTE, 30 * MINUTE, HOUR, 6 * HOUR, DAY),
    )
    .map(([from, span, stepMs]) => ({ from: T0 + from, to: T0 + from + span, stepMs }));

  test('have the answers of a plain model, whatever was sealed, put together or restarted before', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(acts, fc.array(anyRange, { minLength: 4, maxLength: 8 }), async (list, ranges) => {
        const { disk, memory } = await play(list, join(dir, String(run++)));
        try {
          for (const range of ranges) {
            // Sketches are kept by the minute: the model does not cut one in two.
            const whole = { ...range, from: Math.floor(range.from / MINUTE) * MINUTE };
            await compare(disk, memory, whole);
            await compare(disk, memory, { ...whole, tier: 'raw' });
          }
        } finally {
          await disk.close();
        }
      }),
      { numRuns: 20 },
    );
  }, 60_000);

  test('have the same answers from minutes, and from hours, when the values as they came are gone', async () => {
    let run = 0;
    const aligned = fc
      .tuple(fc.integer({ min: -1, max: 50 }), fc.integer({ min: 1, max: 70 }), fc.constantFrom(1, 6, 24))
      .map(([from, span, step]) => ({ from: T0 + from * HOUR, to: T0 + (from + span) * HOUR, stepMs: step * HOUR }));
    await fc.assert(
      fc.asyncProperty(acts, fc.array(aligned, { minLength: 3, maxLength: 6 }), async (list, ranges) => {
        const { disk, memory } = await play(list, join(dir, String(run++)));
        try {
          await disk.maintain(T0 + 5 * DAY);
          await disk.maintain(T0 + 20 * DAY);
          for (const range of ranges) {
            await compare(disk, memory, range);
            await compare(disk, memory, { ...range, stepMs: 5 * MINUTE });
          }
          await disk.maintain(T0 + 200 * DAY);
          for (const range of ranges) {
            await compare(disk, memory, range);
            expect((await disk.query({ ...range, name: 'gauge', aggregates: ['avg'], tier: 'raw' })).series).toEqual(
              [],
            );
          }
        } finally {
          await disk.close();
        }
      }),
      { numRuns: 12 },
    );
  }, 60_000);

  test('rank series like a plain model', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(acts, anyRange, fc.constantFrom(...plain), async (list, { from, to }, aggregate) => {
        const { disk, memory } = await play(list, join(dir, String(run++)));
        const asked = { name: 'counter_total', from, to, aggregate, k: 5 };
        const values = async (store: SeriesStore) => (await store.top(asked)).map((one) => one.value);
        expect(await values(disk)).toEqual(await values(memory));
        expect(disk.latest({}).sort(byLabels)).toEqual(memory.latest({}).sort(byLabels));
        await disk.close();
      }),
      { numRuns: 12 },
    );
  }, 60_000);
});

describe('the tier', () => {
  const points = (from: number, hours: number) =>
    Array.from({ length: hours * 60 }, (_, i) => ({ name: 'g', labels: {}, at: from + i * MINUTE, value: i }));
  const ask = async (store: SeriesStore, more: Partial<RangeQuery> = {}) =>
    store.query({ name: 'g', from: T0, to: T0 + 2 * DAY, stepMs: HOUR, aggregates: ['count'], ...more });

  test('is the coarsest that fits the step, with finer edges, and raw on demand', async () => {
    const store = await open();
    store.append(points(T0, 36));
    await store.maintain(T0 + DAY + HOUR);
    expect((await ask(store)).tiers).toEqual(['raw', 'hour']);
    expect((await ask(store, { to: T0 + DAY })).tiers).toEqual(['hour']);
    expect((await ask(store, { stepMs: 7 * MINUTE })).tiers).toEqual(['raw']);
    expect((await ask(store, { tier: 'raw' })).tiers).toEqual(['raw']);
    const edges = await ask(store, { from: T0 + 90 * MINUTE, to: T0 + 5 * HOUR + 1 });
    expect(edges.tiers).toEqual(['raw', 'hour']);
    expect(edges.series[0]!.values['count']).toEqual([30, 60, 60, 60, 1]);
    await store.close();
  });

  test('is minutes, then hours, as values grow old; the step widens to what is left', async () => {
    const store = await open();
    store.append(points(T0, 24));
    await store.maintain(T0 + DAY + HOUR);
    await store.maintain(T0 + 20 * DAY);
    const minutes = await ask(store, { stepMs: 10_000 });
    expect([minutes.tier, minutes.stepMs, minutes.series[0]!.at.length]).toEqual(['minute', MINUTE, 1440]);
    await store.maintain(T0 + 200 * DAY);
    const hours = await ask(store, { stepMs: 5 * MINUTE });
    expect([hours.tier, hours.stepMs, hours.series[0]!.values['count']]).toEqual(['hour', HOUR, Array(24).fill(60)]);
    expect((await ask(store, { tier: 'raw' })).series).toEqual([]);
    await store.close();
  });

  test('of a day that is kept in minutes does not hide what came late', async () => {
    const store = await open();
    store.append(points(T0, 24));
    await store.maintain(T0 + DAY + HOUR);
    await store.maintain(T0 + 20 * DAY);
    store.append([{ name: 'g', labels: {}, at: T0 + 90_500, value: 5 }]);
    expect((await ask(store)).series[0]!.values['count']![0]).toBe(61);
    await store.maintain(T0 + 20 * DAY);
    await store.maintain(T0 + 20 * DAY);
    expect((await ask(store)).series[0]!.values['count']![0]).toBe(61);
    await store.close();
  });
});

describe('matchers', () => {
  test('choose what a plain evaluator chooses', async () => {
    const text = fc.constantFrom('', 'a', 'b', 'ab', 'aa', 'database:pooler');
    const labelsOf = fc.record({ x: text, y: text }, { requiredKeys: [] });
    const matcher: fc.Arbitrary<Matcher> = fc.record({
      name: fc.constantFrom('x', 'y', 'z', '__name__'),
      op: fc.constantFrom('=', '!=', '=~', '!~'),
      value: fc.constantFrom('', 'a', 'm', 'a|b', 'a+', '.*', '.+', 'database:.*', '[ab]{2}', 'm|n'),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('m', 'n'), labelsOf), { maxLength: 12 }),
        fc.array(fc.array(matcher, { maxLength: 3 }), { minLength: 1, maxLength: 12 }),
        async (list, choices) => {
          const store = await open(join(dir, `m${run++}`));
          store.append(list.map(([name, labels]) => ({ name, labels, at: T0, value: 1 })));
          for (const matchers of choices) {
            const fits = ({ name, labels }: { name: string; labels: Readonly<Record<string, string>> }) =>
              matchers.every((one) => {
                const seen = one.name === '__name__' ? name : (labels[one.name] ?? '');
                if (one.op === '=' || one.op === '!=') return (seen === one.value) === (one.op === '=');
                return new RegExp(`^(?:${one.value})$`, 's').test(seen) === (one.op === '=~');
              });
            expect(store.list({ matchers })).toEqual(store.list().filter(fits));
          }
          await store.close();
        },
      ),
      { numRuns: 12 },
    );
  });
});

describe('a question that asks for much', () => {
  /** Half a million points, so that a question takes many slices. */
  async function filled(): Promise<SeriesStore> {
    const store = await open();
    const ids = Uint32Array.from({ length: 200 }, (_, i) => store.seriesId('g', { n: String(i) }));
    const values = new Float64Array(ids.length);
    for (let tick = 0; tick < 2500; tick++) {
      for (let i = 0; i < values.length; i++) values[i] = (i * tick) % 97;
      store.appendColumns(T0 + tick * 10_000, ids, values);
      if (tick % 100 === 0) await store.flush();
    }
    return store;
  }
  const much = { name: 'g', from: T0, to: T0 + DAY, stepMs: MINUTE, aggregates: ['avg', 'max'] as Aggregate[] };

  test('gives the thread away: what arrives meanwhile is taken in before it is answered', async () => {
    const store = await filled();
    let turns = 0;
    let answered = false;
    const others = (async () => {
      while (!answered) {
        await new Promise<void>((resolve) => setImmediate(resolve));
        turns++;
        if (turns === 3) store.append([{ name: 'meanwhile', labels: {}, at: T0, value: 1 }]);
      }
    })();
    const answers = await Promise.all([1, 2, 3].map(() => store.query(much)));
    answered = true;
    await others;
    expect(answers[0]!.series).toHaveLength(200);
    expect(answers[2]).toEqual(answers[0]);
    expect(turns).toBeGreaterThan(5);
    expect(store.latest({ name: 'meanwhile' })).toHaveLength(1);
    await store.close();
  });

  test('ends when nobody waits any more, and at its deadline', async () => {
    const store = await filled();
    const gone = new AbortController();
    // Eight of them take many turns of the event loop; the last is far from its end after the first turn.
    const asked = await Promise.allSettled([
      ...Array.from({ length: 8 }, () => store.query(much, gone.signal)),
      new Promise<void>((resolve) => setImmediate(resolve)).then(() => gone.abort(new Error('the reader has gone'))),
    ]);
    expect(asked[7]).toMatchObject({ status: 'rejected', reason: { message: 'the reader has gone' } });
    await expect(store.query({ ...much, deadlineMs: 0.001 })).rejects.toMatchObject({ code: 'query-too-slow' });
    await expect(store.top({ ...much, aggregate: 'rate', k: 1, deadlineMs: 0.001 })).rejects.toMatchObject({
      code: 'query-too-slow',
    });
    // The store is as usable as before.
    expect((await store.query({ ...much, limit: 1 })).series).toHaveLength(1);
    await store.close();
  });

  test('is refused when the answer would be too long, or makes no sense', async () => {
    const store = await open();
    for (let i = 0; i < 50; i++) store.append([{ name: 'g', labels: { n: String(i) }, at: T0, value: 1 }]);
    const code = (more: Partial<RangeQuery>) => store.query({ ...much, ...more }).catch((error) => error.code);
    expect(await code({ stepMs: 1000 })).toBe('query-too-large');
    expect(await code({ stepMs: 0 })).toBe('bad-argument');
    expect(await code({ from: T0 + 1, to: T0 })).toBe('bad-argument');
    expect(await code({ to: Number.POSITIVE_INFINITY })).toBe('bad-argument');
    expect(await code({ stepMs: 0.01 })).toBe('bad-argument');
    expect(await code({ deadlineMs: -1 })).toBe('bad-argument');
    expect(await code({ aggregates: ['median' as Aggregate] })).toBe('bad-argument');
    await store.close();
  });
});
