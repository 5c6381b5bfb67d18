import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDueHeap } from './due-heap.ts';

test('gives things back in the order of their due time, whatever order they came in', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 200 }), (dues) => {
      const heap = createDueHeap<number>();
      for (const due of dues) heap.push(due, due);
      const out: number[] = [];
      for (let first = heap.pop(); first; first = heap.pop()) out.push(first.item);
      expect(out).toEqual(dues.toSorted((a, b) => a - b));
    }),
  );
});

test('knows the earliest without taking it', () => {
  const heap = createDueHeap<string>();
  expect(heap.nextDue()).toBeUndefined();
  heap.push(5, 'b');
  heap.push(3, 'a');
  expect(heap.nextDue()).toBe(3);
  expect(heap.size).toBe(2);
});
