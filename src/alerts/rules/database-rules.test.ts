import { expect, test } from 'vitest';
import type { CheckResult, ConditionResult } from '../../model/check.ts';
import { silentLog } from '../../model/log.ts';
import type { SeriesStore } from '../../model/store.ts';
import { createFakeClock } from '../../testing/fake-clock.ts';
import { createMemoryStateStore } from '../../testing/memory-state-store.ts';
import { createAlertEngine } from '../engine.ts';
import { seedThresholds } from '../seed-thresholds.contract.ts';
import { alertsSettings } from '../settings.ts';

async function setUp() {
  const clock = createFakeClock();
  const engine = await createAlertEngine({
    settings: alertsSettings.parse({}),
    ...seedThresholds,
    thresholds: { ...seedThresholds.thresholds, database_failures: 99 },
    state: createMemoryStateStore(),
    series: {} as SeriesStore,
    channels: () => [],
    clock,
    emit: () => undefined,
    log: silentLog,
  });
  const see = async (name: string, more: Partial<CheckResult>, order?: number) => {
    const at = clock.now();
    await engine.observe({
      check: {
        id: `database:${name}`,
        kind: 'postgres',
        component: 'database',
        name,
        target: 'somewhere',
        intervalMs: 60_000,
        timeoutMs: 5000,
        explanation: '',
        ...(order === undefined ? {} : { order, chain: 'postgres' }),
      },
      status: 'ok',
      reason: 'answered',
      seen: {},
      at,
      durationMs: 5,
      ...more,
    });
    await clock.advance(60_000);
  };
  const active = () =>
    engine.view
      .active()
      .filter((one) => one.state === 'firing')
      .map(({ alertType, severity, message }) => [alertType, severity, message]);
  return { see, active };
}

test('an open breaker is told with the connection that stands in, and ends with the trial that succeeds', async () => {
  const { see, active } = await setUp();
  await see('pooler', { seen: { breaker: 'closed', active_connection: 'pooler' } }, 0);
  expect(active()).toEqual([]);
  await see('pooler', { status: 'error', seen: { breaker: 'open', active_connection: 'direct' } }, 0);
  expect(active()).toEqual([
    ['circuit_breaker_open', 'warning', 'Circuit breaker of pooler is open; traffic runs on direct'],
  ]);
  await see('pooler', { status: 'error', seen: { breaker: 'open', active_connection: null } }, 0);
  expect(active()).toEqual([
    ['circuit_breaker_open', 'error', 'Circuit breaker of pooler is open; no other connection of its chain works'],
  ]);
  await see('pooler', { seen: { breaker: 'closed', active_connection: 'pooler' } }, 0);
  expect(active()).toEqual([]);
});

test('what a server says of itself is an alert of its own for each condition, and ends when it is good or not told any more', async () => {
  const { see, active } = await setUp();
  const blocked = (met: boolean, severity: ConditionResult['severity'] = 'warning'): ConditionResult => ({
    id: 'blocked',
    condition: 'a session waits for at most 30 s',
    met,
    seen: 'a session waits for another’s lock for 40 s',
    severity,
  });
  const lag = (met: boolean): ConditionResult => ({
    id: 'replication-lag',
    condition: 'lag',
    met,
    seen: 'behind',
    severity: 'warning',
  });
  const slow: ConditionResult = {
    id: 'response-time',
    condition: 'fast',
    met: false,
    seen: '2 s',
    severity: 'warning',
  };
  await see('main', { status: 'warning', conditions: [slow, blocked(false), lag(false)] });
  expect(active()).toEqual([]);
  await see('main', { status: 'warning', conditions: [slow, blocked(false), lag(false)] });
  expect(active()).toEqual([
    ['database_trouble', 'warning', 'Database main: a session waits for another’s lock for 40 s'],
    ['database_trouble', 'warning', 'Database main: behind'],
  ]);
  for (let i = 0; i < 2; i++) await see('main', { status: 'warning', conditions: [blocked(false, 'error')] });
  expect(active()).toEqual([
    ['database_trouble', 'error', 'Database main: a session waits for another’s lock for 40 s'],
  ]);
  await see('main', { status: 'error', reason: 'gone' });
  expect(active()).toHaveLength(1);
  for (let i = 0; i < 2; i++) await see('main', { conditions: [blocked(true)] });
  expect(active()).toEqual([]);
});
