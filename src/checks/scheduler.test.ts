import { describe, expect, test } from 'vitest';
import type { Check, CheckInfo, CheckOutcome, CheckResult } from '../model/check.ts';
import { silentLog } from '../model/log.ts';
import type { Change, StateStore } from '../model/store.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { createMemoryStateStore } from '../testing/memory-state-store.ts';
import { type CheckSet, createScheduler } from './scheduler.ts';

const ok: CheckOutcome = { status: 'ok', reason: 'fine', seen: {} };
const bad: CheckOutcome = { status: 'error', reason: 'broken', seen: {} };

function info(id: string, more: Partial<CheckInfo> = {}): CheckInfo {
  return {
    id,
    kind: 'test',
    component: 'api',
    name: id,
    target: 'nowhere',
    intervalMs: 60_000,
    timeoutMs: 10_000,
    explanation: 'A check of this test.',
    ...more,
  };
}

function check(id: string, run: (signal: AbortSignal) => Promise<CheckOutcome>, more: Partial<CheckInfo> = {}): Check {
  return { info: info(id, more), run };
}

/** A store that remembers only the collection this room uses. */
function memoryStore(
  records = new Map<string, { id: string; at: number; value: unknown }>(),
): StateStore & { commits: number } {
  const store = {
    commits: 0,
    records,
    async commit(changes: readonly Change[]) {
      store.commits += 1;
      for (const change of changes) {
        if (change.in === 'memory' && 'put' in change) records.set(change.put.id, structuredClone(change.put));
      }
    },
    async find() {
      return [...records.values()];
    },
  };
  return store as unknown as StateStore & { commits: number };
}

function setUp(
  checks: readonly Check[] | CheckSet,
  options: { clock?: FakeClock; state?: StateStore; random?: () => number } = {},
) {
  const clock = options.clock ?? createFakeClock();
  const results: CheckResult[] = [];
  const scheduler = createScheduler({
    checks,
    clock,
    log: silentLog,
    random: options.random ?? (() => 0),
    onResult: (result) => results.push(result),
    state: options.state ?? memoryStore(),
  });
  return { clock, results, scheduler, view: scheduler.view };
}

describe('clocks', () => {
  test('runs each check on its own interval', async () => {
    const { clock, results, scheduler } = setUp([
      check('fast', async () => ok, { intervalMs: 10_000 }),
      check('slow', async () => ok, { intervalMs: 60_000 }),
    ]);
    await scheduler.start();
    await clock.advance(60_001);
    expect(results.filter((one) => one.check.id === 'fast')).toHaveLength(7);
    expect(results.filter((one) => one.check.id === 'slow')).toHaveLength(2);
    await scheduler.stop();
  });

  test('spreads a thousand first runs over no more than the interval, and all runs over the interval afterwards', async () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 16807) % 2147483647;
      return seed / 2147483647;
    };
    const many = Array.from({ length: 1000 }, (_, i) => check(`c${i}`, async () => ok, { intervalMs: 10_000 }));
    const { clock, results, scheduler } = setUp(many, { random });
    await scheduler.start();
    await clock.advance(10_000);
    expect(new Set(results.map((one) => one.check.id)).size).toBe(1000);
    const perSecond = new Map<number, number>();
    for (const { at } of results) perSecond.set(Math.floor(at / 1000), (perSecond.get(Math.floor(at / 1000)) ?? 0) + 1);
    expect(Math.max(...perSecond.values())).toBeLessThan(250);
    await scheduler.stop();
  });

  test('never starts a run while another of the same check goes on, and shares it with runNow', async () => {
    let running = 0;
    let most = 0;
    let finish: (outcome: CheckOutcome) => void = () => {};
    const { clock, results, scheduler, view } = setUp([
      check(
        'slow',
        () => {
          running += 1;
          most = Math.max(most, running);
          return new Promise((resolve) => {
            finish = (outcome) => {
              running -= 1;
              resolve(outcome);
            };
          });
        },
        { intervalMs: 1000, timeoutMs: 5000 },
      ),
    ]);
    await scheduler.start();
    await clock.advance(3500);
    expect(view.one('slow')?.running).toBe(true);
    const shared = view.runNow('slow');
    finish(ok);
    expect((await shared)?.status).toBe('ok');
    await clock.advance(1);
    expect(results).toHaveLength(1);
    expect(most).toBe(1);
    await scheduler.stop();
  });

  test('runs a check at once on demand, and knows no check that is not there', async () => {
    const { scheduler, view, results } = setUp([check('a', async () => ok)], { random: () => 0.99 });
    await scheduler.start();
    expect((await view.runNow('a'))?.reason).toBe('fine');
    expect(results).toHaveLength(1);
    expect(await view.runNow('b')).toBeUndefined();
    await scheduler.stop();
  });

  test('keeps its pace when the wall clock goes back by a day', async () => {
    const { clock, results, scheduler, view } = setUp([check('a', async () => ok, { intervalMs: 10_000 })]);
    await scheduler.start();
    await clock.advance(5000);
    clock.jump(-86_400_000);
    await clock.advance(20_000);
    expect(results).toHaveLength(3);
    expect(view.one('a')?.status).toBe('ok');
    await scheduler.stop();
  });
});

describe('deadlines', () => {
  test('gives a verdict within 250 ms of the deadline although the check ignores its signal', async () => {
    const { clock, results, scheduler } = setUp([check('deaf', () => new Promise(() => {}), { timeoutMs: 2000 })]);
    await scheduler.start();
    await clock.advance(2000 + 250);
    expect(results[0]).toMatchObject({ status: 'error', reason: 'no answer within 2 s' });
    expect(results[0]!.durationMs).toBeLessThanOrEqual(2250);
    await scheduler.stop();
  });

  test('does not start a second run beside one that never comes back, and says so', async () => {
    let starts = 0;
    let release: (outcome: CheckOutcome) => void = () => {};
    const { clock, results, scheduler } = setUp([
      check(
        'deaf',
        () => {
          starts += 1;
          return new Promise((resolve) => {
            release = resolve;
          });
        },
        { timeoutMs: 1000, intervalMs: 10_000 },
      ),
    ]);
    await scheduler.start();
    await clock.advance(20_001);
    expect(starts).toBe(1);
    expect(results[1]).toMatchObject({ status: 'error', reason: expect.stringContaining('has not come back') });
    release(ok);
    await clock.advance(10_000);
    expect(starts).toBe(2);
    release(ok);
    await scheduler.stop();
  });

  test('turns an exception into an error with its message', async () => {
    const { clock, results, scheduler } = setUp([
      check('sync', () => {
        throw new Error('thrown before any await');
      }),
      check('async', async () => {
        throw new TypeError('thrown later');
      }),
    ]);
    await scheduler.start();
    await clock.advance(1);
    expect(results.map((one) => one.reason).toSorted()).toEqual(['thrown before any await', 'thrown later']);
    expect(results.every((one) => one.status === 'error')).toBe(true);
    await scheduler.stop();
  });

  test('goes on when the listener throws', async () => {
    const clock = createFakeClock();
    let heard = 0;
    const scheduler = createScheduler({
      checks: [check('a', async () => ok, { intervalMs: 1000 })],
      clock,
      log: silentLog,
      random: () => 0,
      onResult: () => {
        heard += 1;
        throw new Error('listener');
      },
      state: memoryStore(),
    });
    await scheduler.start();
    await clock.advance(2001);
    expect(heard).toBe(3);
    await scheduler.stop();
  });
});

describe('what is known', () => {
  test('is unknown before the first result', () => {
    const { view } = setUp([check('a', async () => ok)]);
    expect(view.one('a')).toMatchObject({ status: 'unknown', consecutiveFailures: 0, recent: [] });
  });

  test('becomes stale when it is older than two intervals and the timeout, never stays healthy', async () => {
    const { clock, scheduler, view } = setUp([check('a', async () => ok)]);
    await scheduler.start();
    await clock.advance(1);
    // A scheduler that does nothing any more is the worst case: the age is computed when somebody looks.
    await scheduler.stop();
    await clock.advance(2 * 60_000 + 10_000 - 1000);
    expect(view.one('a')?.status).toBe('ok');
    await clock.advance(2000);
    expect(view.one('a')?.status).toBe('stale');
    expect(view.one('a')?.reason).toContain('before that ok: fine');
  });

  test('counts failures in a row, starts again after a success, and keeps since', async () => {
    const script = [ok, bad, bad, bad, ok];
    let run = 0;
    const { clock, scheduler, view } = setUp([
      check('a', async () => script[Math.min(run++, 4)]!, { intervalMs: 1000 }),
    ]);
    const start = clock.now();
    await scheduler.start();
    await clock.advance(3500);
    expect(view.one('a')).toMatchObject({ status: 'error', consecutiveFailures: 3, since: start + 1000 });
    await clock.advance(1000);
    expect(view.one('a')).toMatchObject({ status: 'ok', consecutiveFailures: 0, since: start + 4000 });
    expect(view.one('a')?.recent.map((one) => one.status)).toEqual(['ok', 'error', 'error', 'error', 'ok']);
    await scheduler.stop();
  });

  test('keeps the newest 120 results', async () => {
    const { clock, scheduler, view } = setUp([check('a', async () => ok, { intervalMs: 1000 })]);
    await scheduler.start();
    await clock.advance(200_000);
    expect(view.one('a')?.recent).toHaveLength(120);
    expect(view.one('a')?.recent.at(-1)?.at).toBe(view.one('a')?.last?.at);
    await scheduler.stop();
  });

  test('survives a restart: status, since, failures, results and the memory of the check', async () => {
    const records = new Map();
    const state = memoryStore(records);
    let fact = 0;
    const make = (): Check => ({
      ...check('a', async () => bad, { intervalMs: 1000 }),
      memory: () => ({ fact }),
      recall: (value) => {
        fact = (value as { fact: number }).fact;
      },
    });
    const first = setUp([make()], { state });
    fact = 7;
    await first.scheduler.start();
    await first.clock.advance(2500);
    const before = first.view.one('a')!;
    // No stop: the process is killed. What changed was written within a moment.
    fact = 0;
    const clock = createFakeClock(first.clock.now() + 1500);
    const second = setUp([make()], { state, clock, random: () => 0.9 });
    await second.scheduler.start();
    expect(second.view.one('a')).toMatchObject({
      status: 'error',
      reason: 'broken',
      since: before.since,
      consecutiveFailures: before.consecutiveFailures,
    });
    expect(second.view.one('a')?.recent).toEqual(before.recent);
    expect(fact).toBe(7);
    await second.scheduler.stop();
  });

  test('treats a remembered result from the future as stale', async () => {
    const state = memoryStore();
    const first = setUp([check('a', async () => ok)], { state });
    await first.scheduler.start();
    await first.clock.advance(1000);
    await first.scheduler.stop();
    const second = setUp([check('a', async () => ok)], {
      state,
      clock: createFakeClock(Date.UTC(2025, 0, 1)),
      random: () => 0.9,
    });
    await second.scheduler.start();
    expect(second.view.one('a')?.status).toBe('stale');
    await second.scheduler.stop();
  });

  test('starts afresh when the store cannot be read, and goes on when it cannot be written', async () => {
    const state = {
      commit: async () => {
        throw new Error('disk full');
      },
      find: async () => {
        throw new Error('corrupt');
      },
    } as unknown as StateStore;
    const { clock, scheduler, view } = setUp([check('a', async () => ok, { intervalMs: 1000 })], { state });
    await scheduler.start();
    await clock.advance(2000);
    expect(view.one('a')?.status).toBe('ok');
    await scheduler.stop();
  });

  test('writes steady results rarely', async () => {
    const state = memoryStore();
    const { clock, scheduler } = setUp([check('a', async () => ok, { intervalMs: 1000 })], { state });
    await scheduler.start();
    await clock.advance(180_000);
    expect(state.commits).toBeLessThanOrEqual(4);
    await scheduler.stop();
  });
});

describe('a monitor that was not watching', () => {
  const flaky = (outcome: () => CheckOutcome) =>
    check('a', async () => outcome(), { intervalMs: 10_000, timeoutMs: 1000 });

  test('does not count failures right after the machine slept', async () => {
    let outcome = ok;
    const { clock, results, scheduler, view } = setUp([flaky(() => outcome)]);
    await scheduler.start();
    await clock.advance(9500);
    clock.jump(3_600_000);
    outcome = bad;
    await clock.advance(600);
    expect(results.at(-1)).toMatchObject({ status: 'error', inconclusive: true });
    expect(results.at(-1)?.reason).toContain('the machine slept');
    expect(view.one('a')).toMatchObject({ status: 'ok', consecutiveFailures: 0 });
    expect(view.one('a')?.recent.at(-1)).toMatchObject({ status: 'error', inconclusive: true });
    await clock.advance(20_000);
    expect(view.one('a')).toMatchObject({ status: 'error', consecutiveFailures: 1 });
    await scheduler.stop();
  });

  test('does not count a failure during which its own event loop was blocked', async () => {
    const { clock, results, scheduler } = setUp([
      check('a', (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(bad))), {
        timeoutMs: 1000,
      }),
    ]);
    await scheduler.start();
    await clock.advance(100);
    await clock.freeze(4000);
    expect(results[0]).toMatchObject({ status: 'error', inconclusive: true });
    expect(results[0]?.reason).toContain('the monitor itself was blocked for');
    await scheduler.stop();
  });

  test('believes a success whatever happened meanwhile', async () => {
    const { clock, results, scheduler } = setUp([flaky(() => ok)]);
    await scheduler.start();
    await clock.advance(9999);
    clock.jump(-3_600_000);
    await clock.advance(1000);
    expect(results.at(-1)).toMatchObject({ status: 'ok' });
    expect(results.at(-1)?.inconclusive).toBeUndefined();
    await scheduler.stop();
  });

  test('becomes stale when only inconclusive results come', async () => {
    let outcome: CheckOutcome = ok;
    const { clock, scheduler, view } = setUp([check('a', async () => outcome, { intervalMs: 1000, timeoutMs: 1000 })]);
    await scheduler.start();
    await clock.advance(10);
    outcome = { ...bad, inconclusive: true };
    await clock.advance(5000);
    expect(view.one('a')).toMatchObject({ status: 'stale', consecutiveFailures: 0 });
    await scheduler.stop();
  });
});

describe('checks that come and go', () => {
  test('runs those that came, closes those that went', async () => {
    let closed = 0;
    const one: Check = {
      ...check('app:1', async () => ok, { intervalMs: 2000 }),
      close: async () => {
        closed += 1;
      },
    };
    let present: Check[] = [];
    const { clock, results, scheduler, view } = setUp({ fixed: [], changing: () => present });
    await scheduler.start();
    present = [one];
    await clock.advance(1500);
    expect(results).toHaveLength(1);
    present = [];
    await clock.advance(5000);
    expect(view.all()).toEqual([]);
    expect(closed).toBe(1);
    expect(results).toHaveLength(1);
    await scheduler.stop();
  });

  test('whose id returns keep their history, and say a last word when they go', async () => {
    const make = (outcome: CheckOutcome): Check => ({
      ...check('custom:shop:index', async () => outcome, { intervalMs: 2000 }),
      lasting: true,
    });
    const state = createMemoryStateStore();
    let present: Check[] = [make(bad)];
    const { clock, results, scheduler, view } = setUp({ fixed: [], changing: () => present }, { state });
    await scheduler.start();
    await clock.advance(3000);
    expect(view.one('custom:shop:index')?.consecutiveFailures).toBe(2);
    present = [];
    await clock.advance(2000);
    expect(results.at(-1)).toMatchObject({ status: 'unknown', gone: true });
    present = [make(bad)];
    await clock.advance(1500);
    expect(view.one('custom:shop:index')?.consecutiveFailures).toBe(3);
    await scheduler.stop();
  });
});

describe('stopping', () => {
  test('ends runs, closes checks once, and gives no results afterwards', async () => {
    let closed = 0;
    let aborted = false;
    const { clock, results, scheduler, view } = setUp([
      {
        ...check(
          'a',
          (signal) =>
            new Promise((resolve) => {
              signal.addEventListener('abort', () => {
                aborted = true;
                resolve(bad);
              });
            }),
        ),
        close: async () => {
          closed += 1;
        },
      },
    ]);
    await scheduler.start();
    await clock.advance(10);
    await Promise.all([scheduler.stop(), scheduler.stop()]);
    await clock.advance(100_000);
    expect(aborted).toBe(true);
    expect(closed).toBe(1);
    expect(results).toEqual([]);
    expect(clock.pending).toBe(0);
    expect(await view.runNow('a')).toBeUndefined();
  });

  test('does not wait for a check that never ends', async () => {
    const { clock, scheduler } = setUp([
      { ...check('deaf', () => new Promise(() => {})), close: () => new Promise(() => {}) },
    ]);
    await scheduler.start();
    await clock.advance(10);
    const stopping = scheduler.stop();
    await clock.advance(2500);
    await stopping;
  });
});
