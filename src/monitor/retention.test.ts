import { expect, test } from 'vitest';
import type { Episode } from '../model/alert.ts';
import { createMemoryStateStore } from '../testing/memory-state-store.ts';
import { forgetOld } from './retention.ts';

const day = 86_400_000;
const now = 200 * day;

const episode = (id: string, state: Episode['state'], startedAt: number): Episode => ({
  id,
  fingerprint: id,
  rule: 'cpu',
  alertType: 'high_cpu_usage',
  source: 'system',
  labels: {},
  state,
  severity: 'error',
  message: '',
  reason: '',
  context: {},
  startedAt,
  lastSeenAt: startedAt,
  notified: true,
});

test('forgets finished records past their time, with their steps, and keeps what is open or young', async () => {
  const state = createMemoryStateStore();
  await state.commit([
    { in: 'episodes', put: episode('old', 'resolved', now - 91 * day) },
    { in: 'episodes', put: episode('old-but-firing', 'firing', now - 91 * day) },
    { in: 'episodes', put: episode('young', 'resolved', now - 89 * day) },
    ...(['old', 'old-but-firing'] as const).map(
      (episodeId) =>
        ({
          in: 'transitions',
          put: {
            id: `step-${episodeId}`,
            episodeId,
            at: now - 91 * day,
            kind: 'firing',
            severity: 'error',
            reason: '',
          },
        }) as const,
    ),
    { in: 'journal', put: { id: 'j', at: now - 91 * day, kind: 'deploy', text: '', severity: 'info' } },
  ]);
  expect(await forgetOld(state, now, 90)).toBe(3);
  expect(state.all('episodes').map((one) => one.id)).toEqual(['old-but-firing', 'young']);
  expect(state.all('transitions').map((one) => one.id)).toEqual(['step-old-but-firing']);
  expect(state.all('journal')).toEqual([]);
});
