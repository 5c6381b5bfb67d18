import { expect, test } from 'vitest';
import type { ChainView } from '../model/api.ts';
import { checkState, startServer, testToken } from './running-server.contract.ts';

test('chains are told with the state of each breaker now and its steps of the last day, each chain for itself', async () => {
  const monitor = await startServer();
  const now = Date.now();
  const info = (order: number, chain = 'postgres') => ({ info: { order, chain } });
  monitor.checks.push(
    checkState('database:direct', 'ok', { ...info(1), seen: { breaker: 'closed', active_connection: 'direct' } }),
    checkState('database:pooler', 'error', {
      ...info(0),
      seen: {
        breaker: 'open',
        breaker_since_at: now - 400_000,
        breaker_trial_at: now - 100_000,
        active_connection: 'direct',
      },
    }),
    checkState('database:cache', 'ok', { seen: { breaker: 'closed' } }),
    checkState('api:/health', 'ok'),
  );
  const entry = (id: string, at: number, about: Record<string, string>) =>
    ({ in: 'journal', put: { id, at, kind: 'breaker', text: '', severity: 'info', about } }) as const;
  const breaker = {
    step: 'breaker',
    chain: 'postgres',
    check: 'database:pooler',
    from: 'closed',
    to: 'open',
    reason: 'refused',
  };
  await monitor.state.commit([
    entry('old', now - 2 * 86_400_000, breaker),
    entry('b', now - 400_000, breaker),
    entry('a', now - 400_001, { step: 'active', chain: 'postgres', from: 'pooler', to: 'direct', reason: 'refused' }),
    entry('app', now - 500, { fallback: 'db', connection: 'pooler', service: 'shop' }),
  ]);
  const { body } = await monitor.call('breakers', { headers: { authorization: `Bearer ${testToken}` } });
  await monitor.server.stop();
  expect((body as { chains: ChainView[] }).chains).toEqual([
    {
      chain: 'postgres',
      active: 'direct',
      connections: [
        {
          check_id: 'database:pooler',
          name: 'pooler',
          order: 0,
          // Its pause is over; the next run is the trial.
          state: 'half-open',
          since_at: now - 400_000,
          trial_at: now - 100_000,
          active: false,
          steps: [{ at: now - 400_000, from: 'closed', to: 'open', reason: 'refused' }],
        },
        expect.objectContaining({ name: 'direct', state: 'closed', active: true, steps: [] }),
      ],
      moves: [{ at: now - 400_001, from: 'pooler', to: 'direct', reason: 'refused' }],
    },
    {
      chain: null,
      active: null,
      connections: [expect.objectContaining({ name: 'cache', state: 'closed' })],
      moves: [],
    },
  ]);
});
