import { expect, test } from 'vitest';
import type { Check, CheckOutcome } from '../model/check.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { type ChainStep, createChain } from './chain.ts';
import { chainEntry } from './chain-entry.ts';

const rules = { failureThreshold: 2, resetMs: 100_000 };

function link(name: string, answer: { status: CheckOutcome['status'] }): Check {
  return {
    info: {
      id: `database:${name}`,
      kind: 'test',
      component: 'database',
      name,
      target: name,
      intervalMs: 1000,
      timeoutMs: 1000,
      explanation: 'A link of this test.',
    },
    run: async () => ({ status: answer.status, reason: answer.status, seen: {} }),
  };
}

test('traffic goes to the first connection that works, and back to it only when its breaker lets it', async () => {
  const clock = createFakeClock();
  const chain = createChain('postgres', rules, clock);
  const poolerAnswer: { status: CheckOutcome['status'] } = { status: 'ok' };
  const pooler = chain.join(link('pooler', poolerAnswer));
  const direct = chain.join(link('direct', { status: 'warning' }));
  const signal = new AbortController().signal;
  const seen = async (check: Check) => (await check.run(signal)).seen;

  expect(await seen(pooler)).toMatchObject({ active: true, breaker: 'closed', active_connection: 'pooler' });
  expect(await seen(direct)).toMatchObject({ active: false });
  poolerAnswer.status = 'error';
  expect(await seen(pooler)).toMatchObject({ active: false, breaker: 'closed', active_connection: 'direct' });
  expect(await seen(pooler)).toMatchObject({ breaker: 'open', breaker_since_at: clock.now() });
  poolerAnswer.status = 'ok';
  expect(await seen(pooler)).toMatchObject({ breaker: 'open', active: false });
  await clock.advance(100_000);
  expect(await seen(pooler)).toMatchObject({ breaker: 'closed', active: true });
});

test('an unknown or inconclusive outcome changes no breaker', async () => {
  const chain = createChain('postgres', { ...rules, failureThreshold: 1 }, createFakeClock());
  const lonely = chain.join(link('only', { status: 'unknown' }));
  const { seen } = await lonely.run(new AbortController().signal);
  expect(seen).toEqual({ breaker: 'closed' });
});

test('remembers an open breaker through a restart', async () => {
  const clock = createFakeClock();
  const signal = new AbortController().signal;
  const first = createChain('postgres', rules, clock).join(link('a', { status: 'error' }));
  await first.run(signal);
  await first.run(signal);
  const second = createChain('postgres', rules, clock).join(link('a', { status: 'ok' }));
  second.recall?.(JSON.parse(JSON.stringify(first.memory?.())));
  expect((await second.run(signal)).seen).toMatchObject({ breaker: 'open' });
});

test('no connection is active when none works', async () => {
  const chain = createChain('postgres', rules, createFakeClock());
  const checks = ['a', 'b'].map((name) => chain.join(link(name, { status: 'error' })));
  const signal = new AbortController().signal;
  for (const check of checks) await check.run(signal);
  expect((await checks[0]!.run(signal)).seen).toMatchObject({ active: false, active_connection: null });
});

test('every step of a breaker and of the chain is told once, with its reason', async () => {
  const clock = createFakeClock();
  const steps: ChainStep[] = [];
  const chain = createChain('postgres', rules, clock, { onStep: (step) => steps.push(step) });
  const answer: { status: CheckOutcome['status'] } = { status: 'ok' };
  const pooler = chain.join(link('pooler', answer));
  const direct = chain.join(link('direct', { status: 'ok' }));
  const signal = new AbortController().signal;
  await pooler.run(signal);
  await direct.run(signal);
  answer.status = 'error';
  for (let run = 0; run < 4; run++) await pooler.run(signal);
  await clock.advance(100_000);
  await pooler.run(signal);
  answer.status = 'ok';
  await clock.advance(100_000);
  await pooler.run(signal);
  expect(steps.map((step) => chainEntry(step).text)).toEqual([
    'Traffic goes to direct instead of pooler (pooler: error)',
    'The circuit breaker of pooler opened: error',
    'The circuit breaker of pooler lets one trial through',
    'The circuit breaker of pooler opened: error',
    'The circuit breaker of pooler lets one trial through',
    'The circuit breaker of pooler closed: ok',
    'Traffic goes to pooler instead of direct (pooler: ok)',
  ]);
  expect(chainEntry(steps[1]!)).toMatchObject({
    kind: 'breaker',
    severity: 'warning',
    about: {
      step: 'breaker',
      chain: 'postgres',
      check: 'database:pooler',
      from: 'closed',
      to: 'open',
      reason: 'error',
    },
  });
});

test('a chain of which nothing works says so', async () => {
  const steps: ChainStep[] = [];
  const chain = createChain('postgres', rules, createFakeClock(), { onStep: (step) => steps.push(step) });
  const checks = ['a', 'b'].map((name) => chain.join(link(name, { status: 'error' })));
  const signal = new AbortController().signal;
  for (const check of checks) await check.run(signal);
  expect(chainEntry(steps.at(-1)!)).toMatchObject({
    severity: 'error',
    text: 'No database connection of the chain can be used any more; the last was b (b: error)',
  });
});
