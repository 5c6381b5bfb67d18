import { expect, test } from 'vitest';
import { AgentChecks } from './checks.ts';

test('checks are announced with bounds, and a name again takes the new function', async () => {
  const checks = new AgentChecks();
  expect(checks.part()).toEqual({});
  expect(
    checks.add('index', () => 1, { intervalSeconds: -5, timeoutSeconds: 9e9, component: 'database' }),
  ).toBeUndefined();
  expect(checks.add(' index ', () => 2, { explanation: 'Is the index filled?' })).toBeUndefined();
  expect(checks.part()).toEqual({
    checks: [
      {
        name: 'index',
        intervalMs: 60_000,
        timeoutMs: 10_000,
        component: 'application',
        explanation: 'Is the index filled?',
      },
    ],
  });
  expect(await checks.run('index', 100)).toBe(2);
  expect(checks.remove('index')).toBe(true);
  expect(checks.part()).toEqual({});
});

test('what cannot be a check is refused in words', () => {
  const checks = new AgentChecks();
  expect(checks.add('', () => 1, undefined)).toBe('addCheck needs a name');
  expect(checks.add('x', 7, undefined)).toBe('addCheck("x") needs a function');
  for (let i = 0; i < 100; i++) expect(checks.add(`c${i}`, () => 1, undefined)).toBeUndefined();
  expect(checks.add('one more', () => 1, undefined)).toContain('there are 100 checks already');
});

test('a run gives what the function returned, copied and masked, or rejects with what it threw, in words', async () => {
  const checks = new AgentChecks();
  checks.add('object', () => ({ status: 'ok', seen: { password: 'hunter2', loop: undefined } }), undefined);
  checks.add('throws', () => Promise.reject(new Error('token=abcdefgh was refused')), undefined);
  checks.add('odd', () => Promise.reject(null), undefined);
  expect(JSON.stringify(await checks.run('object', 100))).not.toContain('hunter2');
  await expect(checks.run('throws', 100)).rejects.toThrow('token=[masked] was refused');
  await expect(checks.run('odd', 100)).rejects.toThrow('null');
  await expect(checks.run('nowhere', 100)).rejects.toThrow('this process has no check "nowhere"');
});

test('a function that has not come back is not started a second time', async () => {
  const checks = new AgentChecks();
  let runs = 0;
  let finish = () => {};
  let aborted: AbortSignal | undefined;
  checks.add(
    'slow',
    ({ signal }: { signal: AbortSignal }) => {
      runs += 1;
      aborted = signal;
      return new Promise<void>((resolve) => (finish = resolve));
    },
    undefined,
  );
  const first = checks.run('slow', 10);
  await expect(checks.run('slow', 10)).rejects.toThrow('has not come back; no second one is started');
  expect(runs).toBe(1);
  await expect.poll(() => aborted?.aborted).toBe(true);
  finish();
  await first;
  void checks.run('slow', 10);
  expect(runs).toBe(2);
  finish();
});
