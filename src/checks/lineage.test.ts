import { describe, expect, test } from 'vitest';
import type { Check, CheckInfo, CheckOutcome, CheckResult } from '../model/check.ts';
import { silentLog } from '../model/log.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createMemoryStateStore } from '../testing/memory-state-store.ts';
import { createMaintenancePlan } from './maintenance/plan.ts';
import { createScheduler } from './scheduler.ts';

const fine: CheckOutcome = { status: 'ok', reason: 'fine', seen: {} };
const broken: CheckOutcome = { status: 'error', reason: 'broken', seen: {} };

function check(id: string, run: () => Promise<CheckOutcome>, more: Partial<CheckInfo> = {}): Check {
  const info: CheckInfo = {
    id,
    kind: 'test',
    component: 'api',
    name: id,
    target: 'nowhere',
    intervalMs: 10_000,
    timeoutMs: 1000,
    explanation: 'A check of this test.',
    ...more,
  };
  return { info, run };
}

function setUp(checks: readonly Check[], windows: Parameters<typeof createMaintenancePlan>[0]['windows'] = []) {
  const clock = createFakeClock();
  const results: CheckResult[] = [];
  const scheduler = createScheduler({
    checks,
    clock,
    log: silentLog,
    random: () => 0,
    onResult: (result) => results.push(result),
    state: createMemoryStateStore(),
    maintenance: createMaintenancePlan({ windows, now: clock.now() }),
  });
  const newest = (id: string) => results.findLast((one) => one.check.id === id);
  return { clock, results, scheduler, newest };
}

describe('a check with parents', () => {
  test('fails because of the topmost parent that is down, and says so', async () => {
    const { clock, scheduler, newest } = setUp([
      check('database:main', async () => broken),
      check('api:backend', async () => broken, { parents: ['database:main'] }),
      check('api:/orders', async () => broken, { parents: ['api:backend'] }),
    ]);
    await scheduler.start();
    await clock.advance(20_001);
    const cause = { check: 'database:main', name: 'database:main', reason: 'broken' };
    expect(newest('database:main')?.becauseOf).toBeUndefined();
    expect(newest('api:backend')?.becauseOf).toEqual(cause);
    expect(newest('api:/orders')).toMatchObject({
      becauseOf: cause,
      status: 'error',
      reason: 'broken (because of database:main: broken)',
    });
    expect(scheduler.view.one('api:/orders')?.recent.at(-1)?.excuse).toBe('parent');
    await scheduler.stop();
  });

  test('asks a parent again whose last word is old, so that one fall is one trouble from its first moment on', async () => {
    let down = false;
    let asked = 0;
    const { clock, scheduler, newest } = setUp([
      check(
        'database:main',
        async () => {
          asked += 1;
          return down ? broken : fine;
        },
        { intervalMs: 300_000 },
      ),
      check('api:/orders', async () => (down ? broken : fine), { parents: ['database:main'] }),
    ]);
    await scheduler.start();
    await clock.advance(5000);
    expect(asked).toBe(1);
    down = true;
    await clock.advance(6000);
    expect(asked).toBe(2);
    expect(newest('api:/orders')?.becauseOf?.check).toBe('database:main');
    await scheduler.stop();
  });

  test('waits for a parent that hangs no longer than its own deadline', async () => {
    let hang = false;
    const { clock, scheduler, results } = setUp([
      check('database:main', () => (hang ? new Promise(() => {}) : Promise.resolve(fine)), {
        intervalMs: 300_000,
        timeoutMs: 60_000,
      }),
      check('api:/orders', async () => (hang ? broken : fine), { parents: ['database:main'] }),
    ]);
    await scheduler.start();
    await clock.advance(5000);
    hang = true;
    await clock.advance(6001);
    const result = results.at(-1);
    expect(result).toMatchObject({ check: { id: 'api:/orders' }, status: 'error' });
    expect(result?.becauseOf).toBeUndefined();
    const stopped = scheduler.stop();
    await clock.advance(5000);
    await stopped;
  });

  test('stands for itself while its parents are well', async () => {
    const { clock, scheduler, newest } = setUp([
      check('database:main', async () => fine),
      check('api:/orders', async () => broken, { parents: ['database:main'] }),
    ]);
    await scheduler.start();
    await clock.advance(20_001);
    expect(newest('api:/orders')?.becauseOf).toBeUndefined();
    await scheduler.stop();
  });
});

describe('a planned maintenance', () => {
  const window = { name: 'move', enabled: true, checks: ['api:/orders*'], tags: [] };

  test('keeps the status honest and counts no failure', async () => {
    const clock = createFakeClock();
    const from = new Date(clock.now() + 15_000).toISOString();
    const to = new Date(clock.now() + 45_000).toISOString();
    const {
      clock: time,
      scheduler,
      newest,
    } = setUp(
      [check('api:/orders', async () => broken), check('api:/other', async () => broken)],
      [{ ...window, from, to }],
    );
    await scheduler.start();
    await time.advance(12_000);
    expect(scheduler.view.one('api:/orders')).toMatchObject({ status: 'error', consecutiveFailures: 2 });
    await time.advance(20_000);
    expect(newest('api:/orders')?.maintenance).toEqual({ name: 'move', until: Date.parse(to) });
    expect(scheduler.view.one('api:/orders')).toMatchObject({
      status: 'error',
      consecutiveFailures: 2,
      maintenance: { name: 'move' },
    });
    expect(scheduler.view.one('api:/other')).toMatchObject({ consecutiveFailures: 4 });
    await time.advance(20_000);
    expect(newest('api:/orders')?.maintenance).toBeUndefined();
    expect(scheduler.view.one('api:/orders')?.consecutiveFailures).toBeGreaterThan(2);
    expect(scheduler.view.maintenanceOf?.('api:/orders', 0)).toEqual([{ from: Date.parse(from), to: Date.parse(to) }]);
    expect(scheduler.view.maintenanceOf?.('api:/other', 0)).toEqual([]);
    await scheduler.stop();
  });
});
