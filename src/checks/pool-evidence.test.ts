import { expect, test } from 'vitest';
import type { Check, CheckOutcome } from '../model/check.ts';
import type { PoolState } from '../model/pool.ts';
import { withPoolEvidence } from './pool-evidence.ts';

const pool: PoolState = {
  name: 'main',
  kind: 'pg',
  service: 'shop',
  instance: 'a',
  snapshot: {
    at: 5,
    used: 10,
    idle: 0,
    waiting: 1,
    max: 10,
    longestWaitMs: 2400,
    shortestWaitMs: 2400,
    longestHoldMs: 8000,
    shortestHoldMs: 5100,
    holders: [{ site: 'src/reports.ts:88', count: 10, longestMs: 8000, statement: 'select ?', stack: '' }],
  },
  waits: { count: 0, p50: null, p95: null, p99: null },
  errors: 0,
  timeouts: 0,
  exhaustions: 0,
  state: 'live',
};

const wrapped = (outcome: Partial<CheckOutcome>, name = 'main', pools: PoolState[] = [pool]) => {
  const check = {
    info: { id: 'database:main' },
    run: async () => ({ status: 'error', reason: 'no answer', seen: { server: 1 }, ...outcome }),
    memory: () => 'kept',
  } as unknown as Check;
  return withPoolEvidence(check, name, { pools: () => pools }, { waitMs: 1000, holdMs: 30_000 });
};
const run = (check: Check) => check.run(new AbortController().signal);

test('a check that is not fine holds what its application’s pool does', async () => {
  const check = wrapped({});
  expect((await run(check)).seen).toMatchObject({
    server: 1,
    pool: [
      {
        service: 'shop',
        verdict: 'all 10 connections held > 5 s by src/reports.ts:88; 1 waiting since 2.4 s',
        holders: [{ site: 'src/reports.ts:88', count: 10 }],
      },
    ],
  });
  expect(check.memory?.()).toBe('kept');
  expect(check.close).toBeUndefined();
});

test('a check that is fine, one without a pool, and a pool that ended have none', async () => {
  expect((await run(wrapped({ status: 'ok' }))).seen).toEqual({ server: 1 });
  expect((await run(wrapped({}, 'other'))).seen).toEqual({ server: 1 });
  expect((await run(wrapped({}, 'main', [{ ...pool, state: 'gone' }]))).seen).toEqual({ server: 1 });
});
