import { expect, test } from 'vitest';
import type { Check, CheckOutcome } from '../model/check.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { withRetries } from './retries.ts';
import { runOnce } from './single-run.ts';

const bad = (reason: string): CheckOutcome => ({ status: 'error', reason, seen: {} });
const good: CheckOutcome = { status: 'ok', reason: 'fine', seen: { answer: 1 } };

function setUp(outcomes: readonly (CheckOutcome | 'hang')[], retries = 2) {
  const clock = createFakeClock();
  let attempts = 0;
  const check: Check = {
    info: {
      id: 'api:a',
      kind: 'http',
      component: 'api',
      name: 'a',
      target: '',
      intervalMs: 60_000,
      timeoutMs: 2000,
      explanation: '',
    },
    run: (signal) => {
      const outcome = outcomes[Math.min(attempts++, outcomes.length - 1)]!;
      if (outcome !== 'hang') return Promise.resolve(outcome);
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(bad('timed out'))));
    },
  };
  const retried = withRetries(check, { retries, pauseMs: 500, clock });
  const run = async () => {
    const running = runOnce(retried, clock);
    await clock.advance(5000);
    return running;
  };
  return { run, attempts: () => attempts };
}

test('an attempt that fails is repeated after a pause, and what failed is shown', async () => {
  const { run, attempts } = setUp([bad('refused'), bad('reset'), good]);
  const { outcome, durationMs } = await run();
  expect(attempts()).toBe(3);
  expect(durationMs).toBe(1000);
  expect(outcome).toMatchObject({
    status: 'ok',
    reason: 'fine (only at attempt 3; before: reset (after 0 ms))',
    answerMs: 0,
    seen: { answer: 1, attempts: 3, failed_attempts: ['refused (after 0 ms)', 'reset (after 0 ms)'] },
  });
});

test('the check fails when the last attempt does', async () => {
  const { run, attempts } = setUp([bad('refused')]);
  expect((await run()).outcome).toMatchObject({ status: 'error', reason: 'refused (the last of 3 attempts)' });
  expect(attempts()).toBe(3);
});

test('an attempt that hangs uses the one deadline up', async () => {
  const { run, attempts } = setUp(['hang', good]);
  const { outcome, durationMs } = await run();
  expect(outcome).toMatchObject({ status: 'error', reason: 'timed out' });
  expect(attempts()).toBe(1);
  expect(durationMs).toBe(2000);
});

test('the deadline ends the pause before a retry', async () => {
  const { run, attempts } = setUp([bad('a')], 10);
  const { outcome, durationMs } = await run();
  expect(attempts()).toBe(4);
  expect(durationMs).toBe(2000);
  expect(outcome.reason).toBe('a (the last of 4 attempts)');
});

test('warnings, unknowns and what is inconclusive are not repeated', async () => {
  for (const outcome of [
    { ...good, status: 'warning' as const },
    { ...good, status: 'unknown' as const },
    { ...bad('x'), inconclusive: true },
  ]) {
    const { run, attempts } = setUp([outcome]);
    await run();
    expect(attempts()).toBe(1);
  }
});
