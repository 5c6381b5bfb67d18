import { expect, test } from 'vitest';
import { createFakeClock } from './fake-clock.ts';

test('runs timers in the order of their due time and lets promises settle in between', async () => {
  const clock = createFakeClock(1000);
  const seen: string[] = [];
  clock.after(20, () => seen.push(`b ${clock.now()}`));
  clock.after(10, () => {
    void Promise.resolve().then(() => clock.after(5, () => seen.push(`a2 ${clock.monotonic()}`)));
    seen.push(`a ${clock.monotonic()}`);
  });
  await clock.advance(30);
  expect(seen).toEqual(['a 10', 'a2 15', 'b 1020']);
  expect(clock.now()).toBe(1030);
});

test('repeats periodic timers until they are cancelled', async () => {
  const clock = createFakeClock();
  let ticks = 0;
  const timer = clock.every(100, () => ticks++);
  await clock.advance(350);
  timer.cancel();
  await clock.advance(350);
  expect(ticks).toBe(3);
  expect(clock.pending).toBe(0);
});

test('jumps the wall clock without moving durations', async () => {
  const clock = createFakeClock(5000);
  clock.jump(-4000);
  expect(clock.now()).toBe(1000);
  expect(clock.monotonic()).toBe(0);
});

test('runs late timers with the time already past after a freeze', async () => {
  const clock = createFakeClock();
  let at = 0;
  clock.after(10, () => {
    at = clock.monotonic();
  });
  await clock.freeze(2000);
  expect(at).toBe(2000);
});
