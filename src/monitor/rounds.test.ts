import { expect, test } from 'vitest';
import { silentLog } from '../model/log.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { clockStepWatch, startRounds } from './rounds.ts';

test('runs each duty on its own period', async () => {
  const clock = createFakeClock();
  const ran: string[] = [];
  const rounds = startRounds({
    clock,
    log: silentLog,
    duties: [
      { name: 'fast', everyMs: 1000, run: () => void ran.push('fast') },
      { name: 'slow', everyMs: 2000, run: () => void ran.push('slow') },
    ],
  });
  await clock.advance(4000);
  await rounds.stop();
  expect(ran.filter((name) => name === 'fast')).toHaveLength(4);
  expect(ran.filter((name) => name === 'slow')).toHaveLength(2);
});

test('does not start a duty that is still busy, and goes on after a failure', async () => {
  const clock = createFakeClock();
  let started = 0;
  let finish = () => {};
  const errors: string[] = [];
  const rounds = startRounds({
    clock,
    log: { ...silentLog, error: (_details, message) => void errors.push(message) },
    duties: [
      {
        name: 'long',
        everyMs: 1000,
        run: () => {
          started += 1;
          return new Promise<void>((resolve) => {
            finish = resolve;
          });
        },
      },
      {
        name: 'broken',
        everyMs: 1000,
        run: () => {
          throw new Error('no');
        },
      },
    ],
  });
  await clock.advance(5000);
  expect(started).toBe(1);
  expect(errors).toEqual(['broken failed']);
  finish();
  await clock.advance(1000);
  expect(started).toBe(2);
  finish();
  await rounds.stop();
});

test('sees the wall clock step in both directions and no step in quiet times', () => {
  let wall = 1_000_000;
  let monotonic = 0;
  const clock = { ...createFakeClock(), now: () => wall, monotonic: () => monotonic };
  const step = clockStepWatch(clock);
  wall += 1000;
  monotonic += 1000;
  expect(step()).toBe(0);
  wall -= 3_600_000;
  monotonic += 1000;
  expect(step()).toBe(-3_601_000);
  wall += 90_000;
  monotonic += 1000;
  expect(step()).toBe(89_000);
});
