import { describe, expect, it } from 'vitest';
import { builtInIds } from './built-in-settings.ts';
import { builtInRules } from './registry.ts';
import { startRules } from './rule-harness.contract.ts';

const value = (more: object) => ({
  id: 'r',
  when: { kind: 'value', series: 'x', window: '30s' },
  above: 5,
  every: 5,
  ...more,
});

describe('the patience of a rule', () => {
  it('waits for the whole duration, and begins anew after a good evaluation', async () => {
    const harness = await startRules([value({ for: '30s' })]);
    await harness.pass(28, () => harness.gauge('x', 9));
    await harness.pass(5, () => harness.gauge('x', 1));
    await harness.pass(30, () => harness.gauge('x', 9));
    expect(harness.active()).toMatchObject([{ state: 'pending' }]);
    await harness.pass(10, () => harness.gauge('x', 9));
    expect(harness.active()).toMatchObject([{ state: 'firing' }]);
    expect(harness.told()).toEqual(['firing r error']);
  });

  it('goes on firing for a while after it is good, which one bad evaluation begins anew', async () => {
    const harness = await startRules([value({ keep_firing_for: '20s' })]);
    await harness.pass(5, () => harness.gauge('x', 9));
    await harness.pass(20, () => harness.gauge('x', 1));
    await harness.pass(5, () => harness.gauge('x', 9));
    await harness.pass(20, () => harness.gauge('x', 1));
    expect(harness.active()).toMatchObject([{ state: 'firing' }]);
    await harness.pass(5, () => harness.gauge('x', 1));
    expect(harness.active()).toEqual([]);
    expect(harness.told()).toEqual(['firing r error', 'resolved r error']);
  });

  it('counts m bad evaluations among the last n, also when good ones lie between', async () => {
    const harness = await startRules([value({ failures: 3, out_of: 5 })]);
    const round = (v: number) => harness.pass(5, () => harness.gauge('x', v));
    for (const v of [9, 1, 9, 1, 1, 9, 1]) await round(v);
    // Never three among five.
    expect(harness.active()).toMatchObject([{ state: 'pending' }]);
    for (const v of [9, 9]) await round(v);
    expect(harness.active()).toMatchObject([{ state: 'firing' }]);
    expect(harness.active()[0]!.reason).toContain('3 of the last 5 times (limit 3)');
  });

  it('forgets m of n when none of the last n was bad', async () => {
    const harness = await startRules([value({ failures: 2, out_of: 3 })]);
    const round = (v: number) => harness.pass(5, () => harness.gauge('x', v));
    for (const v of [9, 1, 1, 1]) await round(v);
    expect(harness.active()).toEqual([]);
  });

  it.each([
    ['ok', []],
    ['keep', ['firing']],
    ['unknown', ['firing']],
    ['alert', ['firing']],
  ] as const)('takes no data as %s', async (no_data, after) => {
    const harness = await startRules([value({ no_data })]);
    await harness.pass(10, () => harness.gauge('x', 9));
    await harness.pass(60);
    expect(harness.active().map((each) => each.state)).toEqual(after);
  });

  it('keeps counting towards firing without data with keep, and stands still with unknown', async () => {
    const harness = await startRules([
      value({ id: 'keeps', for: '1m', no_data: 'keep' }),
      value({ id: 'freezes', for: '1m', no_data: 'unknown' }),
    ]);
    await harness.pass(10, () => harness.gauge('x', 9));
    await harness.pass(70);
    expect(
      harness
        .active()
        .map((each) => `${each.rule} ${each.state}`)
        .sort(),
    ).toEqual(['freezes pending', 'keeps firing']);
  });

  it('lets no data fire for a rule that wants it, also when there never was a series', async () => {
    const harness = await startRules([value({ no_data: 'alert', labels: { team: 'core' } })]);
    await harness.pass(25);
    expect(harness.active()).toEqual([]);
    await harness.pass(10);
    expect(harness.active()).toMatchObject([{ labels: { team: 'core' }, reason: 'no series x at all' }]);
    await harness.pass(10, () => harness.gauge('x', 1, { of: 'a' }));
    expect(harness.active()).toEqual([]);
  });

  it('ends an alert whose series is gone for good', async () => {
    const harness = await startRules([value({})]);
    await harness.pass(10, () => harness.gauge('x', 9));
    await harness.pass(3590);
    expect(harness.active()).toHaveLength(1);
    await harness.pass(30);
    expect(harness.active()).toEqual([]);
    expect(harness.told()).toEqual(['firing r error', 'resolved r error']);
  });

  it('makes no more alerts than its limit, and counts those it does not make', async () => {
    const harness = await startRules([value({ limit: 3 })]);
    await harness.pass(5, () => {
      for (let i = 0; i < 10; i++) harness.gauge('x', 9, { n: `${i}` });
    });
    expect(harness.active()).toHaveLength(3);
    const rule = harness.engine.view.rules().find((each) => each.id === 'r');
    expect(rule!.state).toMatchObject({ firing: 3, groups: 10, overflow: 7, health: 'firing' });
  });
});

describe('a rule over time', () => {
  it('goes on where it was after a crash: pending time, windows and open alerts', async () => {
    const harness = await startRules([value({ for: '1m' })]);
    await harness.pass(45, () => harness.gauge('x', 9));
    await harness.restart();
    expect(harness.active()).toMatchObject([{ state: 'pending' }]);
    await harness.pass(25, () => harness.gauge('x', 9));
    expect(harness.active()).toMatchObject([{ state: 'firing' }]);
    await harness.restart();
    await harness.pass(10, () => harness.gauge('x', 1));
    expect(harness.active()).toEqual([]);
    expect(harness.told()).toEqual(['firing r error', 'resolved r error']);
  });

  it('does not count the time during which nobody looked as bad', async () => {
    const harness = await startRules([value({ for: '5m' })]);
    await harness.pass(60, () => harness.gauge('x', 9));
    await harness.clock.advance(600_000);
    await harness.restart();
    await harness.pass(60, () => harness.gauge('x', 9));
    expect(harness.active()).toMatchObject([{ state: 'pending' }]);
    await harness.pass(200, () => harness.gauge('x', 9));
    expect(harness.active()).toMatchObject([{ state: 'firing' }]);
  });

  it('remembers the windows of long ago from the store', async () => {
    const when = { kind: 'value', series: 'x', aggregate: 'max', window: '10m' };
    const harness = await startRules([{ id: 'r', when, above: 5 }]);
    await harness.pass(15, () => harness.gauge('x', 9));
    await harness.restart();
    await harness.pass(300, () => harness.gauge('x', 1));
    expect(harness.active()).toMatchObject([{ value: 9, state: 'firing' }]);
  });

  it('does not take its own sleep for absence', async () => {
    const harness = await startRules([
      { id: 'gone', when: { kind: 'absence', series: 'x', window: '1m' }, every: 5 },
      value({ no_data: 'alert' }),
    ]);
    await harness.pass(30, () => harness.gauge('x', 1));
    // Suspended, or starved: both clocks go on, and nobody looks.
    await harness.clock.freeze(300_000);
    await harness.pass(20);
    expect(harness.active()).toEqual([]);
    await harness.pass(60);
    expect(
      harness
        .active()
        .map((each) => each.rule)
        .sort(),
    ).toEqual(['gone', 'r']);
  });

  it('survives a clock that jumps forward and back', async () => {
    const harness = await startRules([value({ for: '30s' })]);
    await harness.pass(20, () => harness.gauge('x', 9));
    harness.clock.jump(3_600_000);
    await harness.pass(15, () => harness.gauge('x', 9));
    // The hour that never was is not an hour of trouble.
    expect(harness.active()).toMatchObject([{ state: 'pending' }]);
    await harness.pass(30, () => harness.gauge('x', 9));
    expect(harness.active()).toMatchObject([{ state: 'firing' }]);
    harness.clock.jump(-7_200_000);
    await harness.pass(20, () => harness.gauge('x', 9));
    expect(harness.active()).toMatchObject([{ state: 'firing' }]);
    await harness.pass(20, () => harness.gauge('x', 1));
    expect(harness.active()).toEqual([]);
  });

  it('does not find points of before a jump back in its windows', async () => {
    const when = { kind: 'value', series: 'x', aggregate: 'max', window: '30s' };
    const harness = await startRules([{ id: 'r', when, above: 5, every: 5 }]);
    await harness.pass(20, () => harness.gauge('x', 9));
    harness.clock.jump(-15_000);
    await harness.pass(40, () => harness.gauge('x', 1));
    expect(harness.active()).toEqual([]);
  });

  it('drives days in little time', async () => {
    const harness = await startRules([
      { id: 'r', when: { kind: 'value', series: 'x', window: '3h' }, above: 5, for: '12h', every: '1h' },
    ]);
    for (let hour = 0; hour < 30; hour++) {
      harness.gauge('x', hour < 24 ? 9 : 1);
      for (let part = 0; part < 240; part++) {
        await harness.clock.advance(15_000);
        await harness.engine.tick();
      }
    }
    const [episode] = harness.fired('r');
    expect(episode!.firedAt! - episode!.startedAt).toBe(12 * 3_600_000);
  });
});

describe('the words of a rule', () => {
  it('fills its templates with the newest figures and sends them along, with runbook and labels', async () => {
    const harness = await startRules([
      value({
        severity: 'critical',
        by: ['queue'],
        unit: 'messages',
        labels: { team: 'core' },
        summary: 'Queue {{ labels.queue }} of {{labels.team}}: {{ value }} {{ unit }} (limit {{ threshold }})',
        annotations: {
          since: 'for {{ duration }}',
          about: '{{ rule }}/{{ alert_type }}/{{ source }}/{{ severity }}: {{ reason }}',
        },
        runbook: 'https://runbooks.example/queue',
        alert_type: 'queue_long',
      }),
    ]);
    await harness.pass(10, () => harness.gauge('x', 9.123456, { queue: 'mail', host: 'a' }));
    await harness.pass(60, () => harness.gauge('x', 9.5, { queue: 'mail', host: 'a' }));
    const [episode] = harness.active();
    expect(episode).toMatchObject({
      message: 'Queue mail of core: 9.5 messages (limit 5)',
      labels: { queue: 'mail', team: 'core' },
      annotations: { since: 'for 1 m 5 s', about: 'r/queue_long/series/critical: 9.5 is above 5' },
      runbook: 'https://runbooks.example/queue',
    });
    expect(harness.owed[0]!.facts).toMatchObject({
      message: 'Queue mail of core: 9.123 messages (limit 5)',
      annotations: { since: 'for 0 ms' },
      runbook: 'https://runbooks.example/queue',
    });
  });
});

describe('built-in rules', () => {
  const settings = {
    alerts: { consecutive_samples: {}, hysteresis_percent: 5 },
    thresholds: {},
    checks: { database: {}, api: {}, system: {} },
  } as unknown as Parameters<typeof builtInRules>[0];

  it('are all known to the settings that change them', () => {
    const ids = builtInRules(settings).map((rule) => rule.info.id);
    expect([...builtInIds].sort()).toEqual([...ids].sort());
  });

  it('can be switched off, made milder and slower, and replaced by a rule of the same name', async () => {
    const harness = await startRules(
      [{ id: 'store_problem', when: { kind: 'value', series: 'x' }, above: 5, every: 5 }],
      {
        builtIn: {
          application_lost: { enabled: false },
          notification_failed: { max_severity: 'info', failures: 2, runbook: 'https://runbooks.example/mute' },
        },
      },
    );
    const rules = harness.engine.view.rules();
    expect(rules.map((each) => each.id)).not.toContain('application_lost');
    expect(rules.find((each) => each.id === 'store_problem')).toMatchObject({ origin: 'configuration' });
    await harness.engine.observeStore('disk full');
    expect(harness.active()).toEqual([]);
    const fail = () => harness.engine.observeDelivery({ channel: 'slack', delivered: false, summary: 'no' });
    await fail();
    expect(harness.active()).toMatchObject([{ state: 'pending' }]);
    await fail();
    expect(harness.active()).toMatchObject([
      { state: 'firing', severity: 'info', runbook: 'https://runbooks.example/mute' },
    ]);
  });

  it('end the alerts of a rule that is no longer there', async () => {
    const harness = await startRules([value({})]);
    await harness.pass(5, () => harness.gauge('x', 9));
    const { state, store, clock } = harness;
    const without = await startRules([], { over: { state, store, clock } });
    expect(without.active()).toEqual([]);
    expect(state.all('transitions').at(-1)).toMatchObject({
      kind: 'resolved',
      reason: 'the rule r is no longer there',
    });
  });
});

describe('rules in code', () => {
  const define = (harness: Awaited<ReturnType<typeof startRules>>, rules: unknown[], more: object = {}) =>
    harness.engine.view.defineRules({ service: 'shop', startedAt: 1000, uptimeMs: 120_000, rules, ...more });

  it('are judged like those of the configuration, also after a restart while their application is away', async () => {
    const harness = await startRules([]);
    expect(await define(harness, [value({ id: 'coded' })])).toEqual([]);
    await harness.restart();
    expect(harness.engine.view.rules().find((each) => each.id === 'coded')).toMatchObject({ origin: 'code' });
    await harness.pass(10, () => harness.gauge('x', 9));
    expect(harness.active()).toMatchObject([{ rule: 'coded', state: 'firing' }]);
  });

  it('keep what they have seen when the same list comes again', async () => {
    const harness = await startRules([]);
    const rule = value({ id: 'coded', for: '20s' });
    await define(harness, [rule]);
    await harness.pass(15, () => harness.gauge('x', 9));
    await define(harness, [rule, value({ id: 'second' })]);
    await harness.pass(15, () => harness.gauge('x', 9));
    expect(harness.active().find((each) => each.rule === 'coded')).toMatchObject({ state: 'firing' });
  });

  it('go, with their alerts, when a list without them comes from a process that has been running for a while', async () => {
    const harness = await startRules([]);
    await define(harness, [value({ id: 'coded' })]);
    await harness.pass(5, () => harness.gauge('x', 9));
    await define(harness, [], { startedAt: 2000, uptimeMs: 5000 });
    expect(harness.active()).toHaveLength(1);
    await define(harness, [], { startedAt: 1000, uptimeMs: 900_000 });
    expect(harness.active()).toHaveLength(1);
    await define(harness, [], { startedAt: 2000, uptimeMs: 61_000 });
    expect(harness.active()).toEqual([]);
    expect(harness.engine.view.rules().map((each) => each.id)).not.toContain('coded');
  });

  it('that cannot be used are named with every problem, and the others work', async () => {
    const harness = await startRules([value({ id: 'mine' })]);
    const refused = await define(harness, [
      { id: 'wrong', when: { kind: 'value' } },
      value({ id: 'mine' }),
      value({ id: 'good' }),
    ]);
    expect(refused).toEqual([
      { id: 'wrong', problems: [expect.stringContaining('when.series')] },
      { id: 'mine', problems: ['id: mine stands in the configuration, which wins'] },
    ]);
    expect(harness.engine.view.rules().map((each) => each.id)).toContain('good');
  });
});
