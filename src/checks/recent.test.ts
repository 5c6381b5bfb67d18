import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packRecent, unpackRecent } from './recent.ts';

test('gives back what was packed', () => {
  const result = fc.record({
    at: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    status: fc.constantFrom('ok' as const, 'warning' as const, 'error' as const, 'unknown' as const),
    durationMs: fc.integer({ min: 0, max: 6_000_000 }).map((tenths) => tenths / 10),
    inconclusive: fc.boolean(),
    excuse: fc.constantFrom(undefined, 'maintenance' as const, 'parent' as const),
  });
  fc.assert(
    fc.property(fc.array(result, { maxLength: 130 }), (list) => {
      const recent = list.map(({ inconclusive, excuse, ...rest }) => ({
        ...rest,
        ...(inconclusive ? { inconclusive } : {}),
        ...(excuse ? { excuse } : {}),
      }));
      expect(unpackRecent(packRecent(recent))).toEqual(recent);
    }),
  );
});

test('needs about ten bytes for a result', () => {
  const recent = Array.from({ length: 120 }, (_, i) => ({
    at: 1.8e12 + i * 60_013,
    status: 'ok' as const,
    durationMs: 12.3,
  }));
  expect(packRecent(recent).length).toBeLessThan(120 * 11);
});

test.each([undefined, null, 7, '', 'nonsense x1', {}])('makes nothing of %j', (value) => {
  expect(unpackRecent(value)).toEqual([]);
});
