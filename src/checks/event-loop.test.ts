import { expect, test } from 'vitest';
import type { AgentState } from '../model/signal.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { eventLoopChecks } from './event-loop.ts';

const clock = createFakeClock();

function agent(state: AgentState['state'], silentMs: number, instance = 'host:1:0'): AgentState {
  return {
    source: { instance, service: 'shop', host: 'host', pid: 1, release: '1.0', startedAt: 0, runtime: 'node' },
    firstSeenAt: 0,
    lastSeenAt: clock.now() - silentMs,
    state,
    silentMs,
    dropped: {},
  };
}

test.each([
  ['live', 0, 'ok', 'the event loop turns'],
  ['blocked', 4000, 'ok', 'the event loop turns'],
  ['blocked', 6200, 'error', 'the event loop has been blocked for 6.2 s'],
  ['lost', 60_000, 'error', 'no word from it for 1 m'],
  ['gone', 1000, 'ok', 'the process ended in an orderly way'],
] as const)('a process that is %s for %i ms is %s', async (state, silentMs, status, reason) => {
  const agents = { all: () => [agent(state, silentMs)] };
  const [check] = eventLoopChecks({ agents, blockedMs: 5000, clock })();
  const outcome = await check!.run(new AbortController().signal);
  expect(outcome).toMatchObject({ status, reason, seen: { silent_ms: silentMs } });
});

test('checks come and go with the processes, and stay the same ones meanwhile', () => {
  let present: AgentState[] = [agent('live', 0)];
  const list = eventLoopChecks({ agents: { all: () => present }, blockedMs: 5000, clock });
  const [first] = list();
  expect(first?.info).toMatchObject({
    id: 'app:host:1:0',
    kind: 'event-loop',
    component: 'application',
    name: 'shop (pid 1)',
  });
  present = [agent('live', 0), agent('live', 0, 'host:2:0')];
  expect(list()).toHaveLength(2);
  expect(list()[0]).toBe(first);
  present = [agent('gone', 31_000), agent('gone', 10_000, 'host:2:0')];
  expect(list().map((check) => check.info.id)).toEqual(['app:host:2:0']);
});
