import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '../model/clock.ts';
import type { AgentState, AnnouncedCheck } from '../model/signal.ts';
import { applicationChecks } from './application-checks.ts';
import { checkContract } from './check.contract.ts';
import { defineCheck, judgeAnswer } from './custom-check.ts';
import { runOnce } from './single-run.ts';

checkContract('a function', {
  healthy: () => defineCheck('fine', () => true),
  broken: () => defineCheck('broken', () => Promise.reject(new Error('index is empty, password=hunter2-secret'))),
  secrets: ['hunter2-secret'],
});

test.each([
  [undefined, 'ok', 'all is well'],
  [true, 'ok', 'all is well'],
  [false, 'error', 'the function said false'],
  [{ status: 'warning', reason: '91 % full', seen: { disk: 91 } }, 'warning', '91 % full'],
  [{ status: 'OK' }, 'ok', 'all is well'],
  [{ healthy: false, message: 'no leader' }, 'error', 'no leader'],
  [{ status: 'down' }, 'error', 'the function said down'],
  [{ status: 'unknown', reason: 'not asked yet' }, 'unknown', 'not asked yet'],
  [42, 'error', 'the function returned 42; a check returns'],
  ['fine', 'error', 'the function returned "fine"; a check returns'],
  [[true], 'error', 'the function returned [true]; a check returns'],
  [{ status: 'shiny' }, 'error', 'the function returned {"status":"shiny"}; a check returns'],
  [{}, 'error', 'the function returned {}; a check returns'],
])('%j means %s: %s', async (answer, status, reason) => {
  const outcome = await defineCheck('x', () => answer).run(new AbortController().signal);
  expect(outcome).toMatchObject({ status, reason: expect.stringContaining(reason) });
  expect(judgeAnswer(answer)).toEqual(outcome);
});

test('a function that hangs is reported at its deadline', async () => {
  const { outcome, durationMs } = await runOnce(
    defineCheck('stuck', () => new Promise(() => {}), { timeoutSeconds: 0.1 }),
    systemClock,
  );
  expect(outcome).toMatchObject({ status: 'error', reason: 'no answer within 100 ms' });
  expect(durationMs).toBeLessThan(350);
});

describe('checks of applications', () => {
  const announced = (name: string): AnnouncedCheck => ({
    name,
    intervalMs: 1000,
    timeoutMs: 200,
    component: 'database',
    explanation: '',
  });
  const agent = (instance: string, state: AgentState['state'], checks: readonly AnnouncedCheck[]): AgentState => ({
    source: { instance, service: 'shop', host: 'h', pid: 1, release: '', startedAt: 0, runtime: 'node' },
    firstSeenAt: 0,
    lastSeenAt: 0,
    state,
    silentMs: 0,
    dropped: {},
    checks,
  });

  test('are listed once for all processes of a service, keep their id, and run in one that lives', async () => {
    const all = [
      agent('a', 'blocked', [announced('index')]),
      agent('b', 'live', [announced('index'), announced('queue')]),
    ];
    const runIn = vi.fn(async (chosen: AgentState) => ({ status: 'ok', seen: { from: chosen.source.instance } }));
    const list = applicationChecks({ agents: { all: () => all }, runIn });
    const checks = list();
    expect(checks.map(({ info }) => [info.id, info.component])).toEqual([
      ['custom:shop:index', 'database'],
      ['custom:shop:queue', 'database'],
    ]);
    expect(await checks[0]!.run(new AbortController().signal)).toMatchObject({ seen: { instance: 'b', from: 'b' } });
    expect(list()[0]).toBe(checks[0]);
    all.splice(0, 2, agent('c', 'live', [announced('index')]));
    expect(list()[0]).toBe(checks[0]);
    expect(await checks[0]!.run(new AbortController().signal)).toMatchObject({ seen: { instance: 'c' } });
    all.splice(0, 1);
    expect(list()).toEqual([]);
    expect((await checks[0]!.run(new AbortController().signal)).status).toBe('unknown');
  });

  test('whose application does not answer say whether it hangs', async () => {
    const runIn = async () => Promise.reject(new Error('the app did not answer within 150 ms'));
    const of = (state: AgentState['state']) =>
      applicationChecks({ agents: { all: () => [agent('a', state, [announced('index')])] }, runIn })()[0]!;
    const signal = new AbortController().signal;
    expect((await of('live').run(signal)).reason).toBe(
      'no answer within 200 ms while waiting for the function in the application',
    );
    expect((await of('blocked').run(signal)).reason).toBe(
      'no answer within 200 ms while the application’s event loop is blocked',
    );
  });
});
