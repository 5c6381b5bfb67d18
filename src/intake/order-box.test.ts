import { expect, test } from 'vitest';
import { createFakeClock } from '../testing/fake-clock.ts';
import { OrderBox } from './order-box.ts';

const wish = { kind: 'run-check', check: 'index', timeoutMs: 500 } as const;

test('an order goes out once, to its process, and its answer comes back', async () => {
  const box = new OrderBox(createFakeClock());
  const answer = box.ask('a', wish, 500);
  expect(box.take('b')).toEqual([]);
  const [order] = box.take('a');
  expect(order).toEqual({ id: 1, ...wish });
  expect(box.take('a')).toEqual([]);
  box.answer('b', [{ id: 1, ok: true, value: 'forged' }]);
  box.answer('a', [
    { id: 99, ok: true, value: 'nobody asked' },
    { id: 1, ok: true, value: 7 },
  ]);
  expect(await answer).toBe(7);
});

test('no answer in time, and an answer of failure, reject', async () => {
  const clock = createFakeClock();
  const box = new OrderBox(clock);
  const late = box.ask('a', wish, 500);
  const lateWords = expect(late).rejects.toThrow('the app did not answer within 500 ms');
  await clock.advance(500);
  await lateWords;
  const failed = box.ask('a', wish, 500);
  const [order] = box.take('a');
  box.answer('a', [{ id: order!.id, ok: false, value: 'index is empty' }]);
  await expect(failed).rejects.toThrow('index is empty');
});
