import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RangeAnswer } from '../../model/store.ts';
import { isLong, seriesText, seriesTextSlowly } from './series-text.ts';

const series = fc.record({
  name: fc.constantFrom('a', 'b:c'),
  labels: fc.dictionary(fc.constantFrom('x', 'y'), fc.string()),
  kind: fc.constantFrom('gauge' as const, 'counter' as const),
  at: fc.array(fc.integer({ min: -2_000_000, max: 4e12 }), { maxLength: 6 }),
  values: fc.record({ avg: fc.array(fc.double(), { maxLength: 6 }), p99: fc.array(fc.double(), { maxLength: 3 }) }),
});

test('writes what JSON.stringify would write', () => {
  fc.assert(
    fc.property(fc.array(series, { maxLength: 5 }), fc.boolean(), (list, truncated) => {
      const answer: RangeAnswer = { tier: 'hour', tiers: ['raw', 'hour'], stepMs: 10, truncated, series: list };
      const text = [...seriesText(answer, 1, 2)].join('');
      expect(text).toBe(
        JSON.stringify({ from: 1, to: 2, step_ms: 10, tier: 'hour', tiers: ['raw', 'hour'], truncated, series: list }),
      );
    }),
  );
});

test('a long answer comes in pieces, each in a turn of its own', async () => {
  const column = Array.from({ length: 10_000 }, (_, i) => i);
  const one = { name: 'a', labels: {}, kind: 'gauge' as const, at: column, values: { avg: column, max: column } };
  const answer = (count: number): RangeAnswer => ({
    tier: 'raw',
    tiers: ['raw'],
    stepMs: 1,
    truncated: false,
    series: Array.from({ length: count }, () => one),
  });
  expect([isLong(answer(1)), isLong(answer(2))]).toEqual([false, true]);
  let turns = 0;
  let over = false;
  const others = (async () => {
    for (; !over; turns++) await new Promise<void>((resolve) => setImmediate(resolve));
  })();
  const pieces: string[] = [];
  for await (const piece of seriesTextSlowly(answer(20), 0, 1)) pieces.push(piece);
  over = true;
  await others;
  expect(pieces.length).toBeGreaterThan(9);
  expect(turns).toBeGreaterThan(8);
  expect(JSON.parse(pieces.join('')).series).toHaveLength(20);
});
