import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SlotRing } from './slot-ring.ts';

const point = fc.record({ slot: fc.integer({ min: 100, max: 130 }), value: fc.integer({ min: -20, max: 20 }) });

it('says of every window what a list of all points says', () => {
  fc.assert(
    fc.property(fc.array(point, { maxLength: 60 }), fc.integer({ min: 1, max: 12 }), (points, window) => {
      // Points come in order of time, as they are appended.
      const ordered = points.toSorted((a, b) => a.slot - b.slot);
      const ring = new SlotRing(window + 2, ['count', 'sum', 'min', 'max', 'last', 'increase']);
      const seen: { slot: number; value: number; grown: number }[] = [];
      for (const { slot, value } of ordered) {
        const before = seen.at(-1)?.value;
        const grown = before === undefined ? 0 : value >= before ? value - before : value;
        ring.add(slot, value);
        seen.push({ slot, value, grown });
        const end = slot + 1;
        const inside = seen.filter((each) => each.slot >= end - window && each.slot < end);
        const values = inside.map((each) => each.value);
        expect(ring.sum('count', end, window)).toBe(values.length);
        expect(ring.sum('sum', end, window)).toBe(values.reduce((a, b) => a + b, 0));
        expect(ring.sum('increase', end, window)).toBe(inside.reduce((a, b) => a + b.grown, 0));
        expect(ring.min(end, window)).toBe(Math.min(...values));
        expect(ring.max(end, window)).toBe(Math.max(...values));
        expect(ring.last(end, window)).toBe(values.at(-1));
        expect(ring.newest(end)).toBe(slot);
      }
    }),
  );
});

it('takes points that come late as long as their slot is in the ring, and remembers the newest beyond it', () => {
  const ring = new SlotRing(4, ['count', 'sum']);
  ring.add(10, 1);
  ring.add(12, 1);
  ring.add(11, 5);
  expect(ring.sum('sum', 13, 3)).toBe(7);
  ring.add(40, 1);
  ring.add(12, 100);
  expect(ring.sum('sum', 41, 4)).toBe(1);
  expect(ring.newest(40)).toBe(12);
  ring.dropFrom(40);
  expect(ring.newest(50)).toBe(12);
});
