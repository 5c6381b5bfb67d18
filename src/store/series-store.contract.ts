import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Matcher } from '../model/sample.ts';
import { Sketch } from '../model/sketch.ts';
import type { SeriesPart, SeriesStore } from '../model/store.ts';

/** How the suite gets a store; `reopen` must find what was appended and flushed, where the implementation is durable. */
export interface SeriesStoreUnderTest {
  open(): Promise<SeriesStore>;
  reopen?(): Promise<SeriesStore>;
  cleanUp?(): Promise<void>;
}

const T0 = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const range = { from: T0, to: T0 + 60 * MINUTE, stepMs: MINUTE };
const sketchOf = (...values: number[]) => {
  const sketch = new Sketch();
  for (const value of values) sketch.record(value);
  return sketch;
};
const matcher = (name: string, op: Matcher['op'], value: string): Matcher => ({ name, op, value });

async function partsOf(store: SeriesStore, query?: Parameters<SeriesStore['export']>[0]): Promise<SeriesPart[]> {
  const parts: SeriesPart[] = [];
  for await (const part of store.export(query)) parts.push(part);
  return parts;
}

/** What every series store must do; run it inside a test file of the implementation. */
export function seriesStoreContract(name: string, make: () => SeriesStoreUnderTest): void {
  describe(`${name} keeps the promises of a series store`, () => {
    let under: SeriesStoreUnderTest;
    let store: SeriesStore;

    beforeEach(async () => {
      under = make();
      store = await under.open();
    });
    afterEach(async () => {
      await store.close();
      await under.cleanUp?.();
    });

    const gauge = (at: number, value: number, labels: Record<string, string> = {}) =>
      store.append([{ name: 'g', labels, at: T0 + at, value }]);
    const counter = (at: number, value: number) =>
      store.append([{ name: 'c', labels: {}, at: T0 + at, value, kind: 'counter' }]);
    const values = async (more: Parameters<SeriesStore['query']>[0]) => (await store.query(more)).series[0]!.values;

    test('sums up the points of each step and leaves empty steps out', async () => {
      for (const [i, value] of [4, 1, 7].entries()) gauge(i * 10_000, value);
      gauge(5 * MINUTE, 9);
      const aggregates = ['avg', 'min', 'max', 'sum', 'count', 'last'] as const;
      const { series } = await store.query({ name: 'g', ...range, aggregates });
      expect(series).toEqual([
        {
          name: 'g',
          labels: {},
          kind: 'gauge',
          at: [T0, T0 + 5 * MINUTE],
          values: { avg: [4, 9], min: [1, 9], max: [7, 9], sum: [12, 9], count: [3, 1], last: [7, 9] },
        },
      ]);
    });

    test('takes the start of a range in and leaves its end out', async () => {
      for (const at of [-1, 0, MINUTE - 1, MINUTE]) gauge(at, 1);
      const { count } = await values({ name: 'g', from: T0, to: T0 + MINUTE, stepMs: MINUTE, aggregates: ['count'] });
      expect(count).toEqual([2]);
    });

    test('the last of several values of one moment counts, whatever the order of arrival', async () => {
      gauge(20_000, 3);
      gauge(10_000, 1);
      gauge(20_000, 2);
      expect(await values({ name: 'g', ...range, aggregates: ['sum', 'last'] })).toEqual({ sum: [3], last: [2] });
    });

    test('NaN is no value, infinities are', async () => {
      for (const [i, value] of [Number.NaN, Number.POSITIVE_INFINITY, 1].entries()) gauge(i * 1000, value);
      gauge(MINUTE, Number.NaN);
      const { series } = await store.query({ name: 'g', ...range, aggregates: ['count', 'min', 'max'] });
      expect(series[0]!.values).toEqual({ count: [2], min: [1], max: [Number.POSITIVE_INFINITY] });
      expect(series[0]!.at).toEqual([T0]);
    });

    test('a counter grows over the borders of steps, and through restarts', async () => {
      for (const [i, value] of [100, 130, 20, 50].entries()) counter(i * 30_000, value);
      const answer = await values({ name: 'c', ...range, aggregates: ['increase', 'rate'] });
      // 100 -> 130 in the first minute; restart at 20, then 50 in the second.
      expect(answer).toEqual({ increase: [30, 50], rate: [1, 50 / 60] });
    });

    test('a counter with a single point has not grown yet', async () => {
      counter(0, 100);
      expect(await values({ name: 'c', ...range, aggregates: ['increase', 'last'] })).toEqual({
        increase: [Number.NaN],
        last: [100],
      });
    });

    test('the point before a range is the start of growth', async () => {
      counter(0, 100);
      counter(MINUTE, 160);
      const { increase } = await values({ name: 'c', ...range, from: T0 + MINUTE, aggregates: ['increase'] });
      expect(increase).toEqual([60]);
    });

    test('percentiles come from merged distributions', async () => {
      for (let i = 1; i <= 100; i++) {
        store.appendSketches([{ name: 's', labels: {}, at: T0 + i * 100, sketch: sketchOf(i) }]);
      }
      const answer = await values({ name: 's', ...range, aggregates: ['p50', 'p99', 'p100', 'count', 'avg'] });
      expect(answer['p50']![0]).toBeCloseTo(50, -1);
      expect(Math.abs(answer['p99']![0]! - 99) / 99).toBeLessThan(Sketch.relativeError);
      expect(answer).toMatchObject({ p100: [100], count: [100], avg: [50.5] });
      const [merged] = await store.sketches({ name: 's', from: T0, to: T0 + MINUTE });
      expect(merged!.sketch.count).toBe(100);
    });

    test('matchers choose by label and by name, a missing label is the empty text', async () => {
      gauge(0, 1, { host: 'a', zone: 'x' });
      gauge(0, 2, { host: 'b' });
      store.append([{ name: 'other', labels: { host: 'a' }, at: T0, value: 3 }]);
      const hosts = (...matchers: Matcher[]) =>
        store.list({ matchers }).map(({ name, labels }) => `${name}/${labels['host']}`);
      expect(hosts(matcher('host', '=', 'a'))).toEqual(['g/a', 'other/a']);
      expect(hosts(matcher('host', '!=', 'a'))).toEqual(['g/b']);
      expect(hosts(matcher('host', '=~', 'a|b'), matcher('__name__', '=~', 'g.*'))).toEqual(['g/a', 'g/b']);
      expect(hosts(matcher('zone', '!~', '.+'))).toEqual(['g/b', 'other/a']);
      expect(hosts(matcher('zone', '=', ''))).toEqual(['g/b', 'other/a']);
      expect(hosts(matcher('host', '=~', 'nothing'))).toEqual([]);
    });

    test('knows the newest value of each series, also when it is no number', async () => {
      gauge(1000, 1);
      gauge(3000, Number.NaN, { host: 'a' });
      gauge(2000, 5, { host: 'a' });
      expect(store.latest({ name: 'g' }).map(({ at, value }) => [at - T0, value])).toEqual([
        [1000, 1],
        [3000, Number.NaN],
      ]);
    });

    test('ranks series by an aggregate over a range', async () => {
      for (let i = 0; i < 20; i++) {
        gauge(0, i, { host: `h${i}` });
        gauge(10_000, i === 3 ? 1000 : i, { host: `h${i}` });
      }
      const top = (aggregate: 'avg' | 'min' | 'max', k: number, to = MINUTE) =>
        store
          .top({ name: 'g', from: T0, to: T0 + to, aggregate, k })
          .then((list) => list.map(({ labels, value }) => [labels['host'], value]));
      expect(await top('avg', 2)).toEqual([
        ['h3', 501.5],
        ['h19', 19],
      ]);
      expect(await top('max', 2, 10_000)).toEqual([
        ['h19', 19],
        ['h18', 18],
      ]);
      expect(await top('min', 100)).toHaveLength(20);
      expect(await top('avg', 0)).toEqual([]);
      expect(await store.top({ name: 'nothing', from: T0, to: T0 + 1, aggregate: 'avg', k: 3 })).toEqual([]);
    });

    test('cuts the list of series at the limit and says so', async () => {
      for (let i = 0; i < 5; i++) gauge(0, i, { host: `h${i}` });
      const cut = await store.query({ name: 'g', ...range, aggregates: ['avg'], limit: 3 });
      expect([cut.series.length, cut.truncated]).toEqual([3, true]);
      const whole = await store.query({ name: 'g', ...range, aggregates: ['avg'], limit: 5 });
      expect([whole.series.length, whole.truncated]).toEqual([5, false]);
      expect(store.list({ name: 'g', limit: 2 })).toHaveLength(2);
    });

    test('a name without a series has an empty answer', async () => {
      expect((await store.query({ name: 'nothing', ...range, aggregates: ['avg'] })).series).toEqual([]);
      expect(store.latest({ name: 'nothing' })).toEqual([]);
    });

    test('takes many series of one moment by their numbers', async () => {
      const ids = Uint32Array.of(store.seriesId('g', { host: 'a' }), store.seriesId('c', {}, 'counter'));
      store.appendColumns(T0, ids, Float64Array.of(1, 2));
      expect(store.latest({}).map(({ name, kind, value }) => [name, kind, value])).toEqual([
        ['g', 'gauge', 1],
        ['c', 'counter', 2],
      ]);
    });

    test('exports everything as it came, bit for bit, in the order of names', async () => {
      const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0.1 + 0.2, 5e-324];
      for (const [i, value] of odd.entries()) gauge(i * 1000, value);
      counter(0, 7);
      store.appendSketches([{ name: 's', labels: { a: 'b' }, at: T0 + 1000, sketch: sketchOf(1, 2) }]);
      const parts = await partsOf(store);
      expect(parts.map((part) => part.name)).toEqual(['c', 'g', 's']);
      expect(parts[1]).toEqual({
        name: 'g',
        labels: {},
        kind: 'gauge',
        at: odd.map((_, i) => T0 + i * 1000),
        values: odd,
      });
      expect(parts[2]).toMatchObject({ kind: 'sketch', labels: { a: 'b' }, at: [T0] });
      expect((parts[2] as unknown as { sketches: Sketch[] }).sketches[0]!.encode()).toEqual(sketchOf(1, 2).encode());
      const some = await partsOf(store, { matchers: [matcher('__name__', '=', 'g')], from: T0 + 3000, to: T0 + 5000 });
      expect(some).toMatchObject([{ name: 'g', values: [-0, 0.1 + 0.2] }]);
    });

    test('finds everything again, also the newest values, when it is opened again', async () => {
      if (!under.reopen) return;
      gauge(1000, 1.5, { host: 'a' });
      counter(0, 7);
      store.appendSketches([{ name: 's', labels: {}, at: T0, sketch: sketchOf(3) }]);
      const before = [await partsOf(store), store.latest({})];
      for (const later of [0, 2 * 3_600_000, 50 * 3_600_000]) {
        if (later > 0) await store.maintain(T0 + later);
        await store.close();
        store = await under.reopen();
        expect([await partsOf(store), store.latest({})]).toEqual(before);
      }
    });

    test('a question that was cancelled ends with the reason', async () => {
      gauge(0, 1);
      const reason = new Error('nobody waits any more');
      await expect(
        store.query({ name: 'g', ...range, aggregates: ['avg'] }, AbortSignal.abort(reason)),
      ).rejects.toThrow(reason);
    });
  });
}
