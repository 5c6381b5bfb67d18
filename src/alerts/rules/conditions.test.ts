import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../model/check.ts';
import type { ErrorGroup } from '../../model/error.ts';
import type { ProgressRun } from '../../model/progress.ts';
import { Sketch } from '../../model/sketch.ts';
import { startRules } from './rule-harness.contract.ts';

const minute = 60;

function check(
  id: string,
  status: CheckResult['status'],
  more: Partial<CheckResult['check']> = {},
  seen = {},
): CheckResult {
  const info = {
    id,
    kind: 'http',
    component: 'api',
    name: id,
    target: 'http://t',
    intervalMs: 60_000,
    timeoutMs: 1000,
    explanation: '',
  };
  return {
    check: { ...info, ...more } as CheckResult['check'],
    status,
    reason: status === 'ok' ? 'fine' : 'refused',
    seen,
    at: 0,
    durationMs: 5,
  };
}

describe('conditions on series', () => {
  it('compare the newest value, per label set, and escalate and de-escalate one alert over several thresholds', async () => {
    const rule = {
      id: 'queue',
      when: { kind: 'value', series: 'queue_length' },
      levels: [
        { severity: 'warning', above: 10, recover_at: 8 },
        { severity: 'critical', above: 100 },
      ],
      every: 5,
    };
    const harness = await startRules([rule]);
    const both = (a: number, b: number) => () => {
      harness.gauge('queue_length', a, { queue: 'mail' });
      harness.gauge('queue_length', b, { queue: 'print' });
    };
    await harness.pass(10, both(50, 1));
    await harness.pass(10, both(500, 1));
    await harness.pass(10, both(9, 1));
    expect(harness.active()).toMatchObject([{ labels: { queue: 'mail' }, severity: 'warning', state: 'firing' }]);
    await harness.pass(10, both(7, 1));
    expect(harness.active()).toEqual([]);
    expect(harness.state.all('transitions').map((each) => `${each.kind} ${each.severity}`)).toEqual([
      'firing warning',
      'escalated critical',
      'deescalated warning',
      'resolved warning',
    ]);
    expect(new Set(harness.state.all('transitions').map((each) => each.episodeId)).size).toBe(1);
  });

  it('know below and equal', async () => {
    const harness = await startRules([
      { id: 'low', when: { kind: 'value', series: 'disk_free' }, below: 5, recover_at: 10, every: 5 },
      { id: 'off', when: { kind: 'value', series: 'mode' }, equal: 3, every: 5 },
    ]);
    await harness.pass(10, () => {
      harness.gauge('disk_free', 4);
      harness.gauge('mode', 3);
    });
    expect(
      harness
        .active()
        .map((each) => each.rule)
        .sort(),
    ).toEqual(['low', 'off']);
    await harness.pass(10, () => {
      harness.gauge('disk_free', 7);
      harness.gauge('mode', 2);
    });
    expect(harness.active().map((each) => each.rule)).toEqual(['low']);
  });

  it('measure the rate of a counter through its restarts, and how much a gauge changed', async () => {
    const harness = await startRules([
      { id: 'fast', when: { kind: 'rate', series: 'jobs_total', window: '1m' }, above: 1.5, every: 5 },
      { id: 'grew', when: { kind: 'change', series: 'size', window: '1m', relative: true }, above: 0.5, every: 5 },
    ]);
    let total = 1_000_000;
    let size = 100;
    const step = (perSecond: number, growth: number) => (second: number) => {
      total += perSecond;
      // The process restarts in between.
      if (second === 30) total = perSecond;
      size += growth;
      harness.counter('jobs_total', total);
      harness.gauge('size', size);
    };
    await harness.pass(90, step(1, 0));
    expect(harness.active()).toEqual([]);
    await harness.pass(90, step(2, 2));
    const values = Object.fromEntries(harness.active().map((each) => [each.rule, each.value]));
    expect(values.fast).toBeCloseTo(2, 5);
    expect(values.grew).toBeGreaterThan(0.5);
  });

  it('notice that a series is gone, that there never was one, and that it is back', async () => {
    const harness = await startRules([
      { id: 'gone', when: { kind: 'absence', series: 'beat', match: 'of="a"', window: '1m' }, every: 5 },
    ]);
    await harness.pass(50);
    expect(harness.active()).toEqual([]);
    await harness.pass(20);
    expect(harness.active()).toMatchObject([{ labels: { of: 'a' }, state: 'firing' }]);
    await harness.pass(10, () => harness.gauge('beat', 1, { of: 'a' }));
    expect(harness.active()).toEqual([]);
    await harness.pass(80);
    expect(harness.active()).toMatchObject([{ labels: { of: 'a' }, value: 80 }]);
  });

  it('merge the distributions of all series for a percentile', async () => {
    const harness = await startRules([
      {
        id: 'slow',
        when: { kind: 'percentile', series: 'd_seconds', percentile: 90, window: '2m' },
        above: 0.5,
        by: [],
      },
    ]);
    const sketch = (value: number, n: number, process: string) => {
      const one = new Sketch();
      for (let i = 0; i < n; i++) one.record(value);
      harness.series.appendSketches([{ name: 'd_seconds', labels: { process }, at: harness.clock.now(), sketch: one }]);
    };
    await harness.pass(3 * minute, (second) => {
      if (second % 10 === 0) {
        sketch(0.1, 95, 'a');
        sketch(2, 5, 'b');
      }
    });
    // Of one process alone the percentile would be 2 s.
    expect(harness.active()).toEqual([]);
    await harness.pass(3 * minute, (second) => {
      if (second % 10 === 0) sketch(2, 50, 'b');
    });
    expect(harness.active()).toMatchObject([{ rule: 'slow', labels: {} }]);
    expect(harness.active()[0]!.value! / 2).toBeCloseTo(1, 1);
  });

  it('judge a share of failures only when there are enough events', async () => {
    const when = {
      kind: 'error_rate',
      errors: { series: 'bad' },
      total: { series: 'all' },
      window: '1m',
      min_events: 20,
    };
    const harness = await startRules([{ id: 'share', when, above: 0.1, every: 5 }]);
    let bad = 0;
    let all = 0;
    const step = (b: number, a: number) => () => {
      bad += b;
      all += a;
      harness.counter('bad', bad);
      harness.counter('all', all);
    };
    await harness.pass(15, step(1, 1));
    expect(harness.active()).toEqual([]);
    await harness.pass(30, step(1, 4));
    expect(harness.active()).toMatchObject([{ rule: 'share', unit: 'ratio' }]);
    expect(harness.active()[0]!.reason).toMatch(/of \d+ failed within 1 m/);
  });

  it('burn a budget only when the long and the short window agree, with the severity of the pair', async () => {
    const when = {
      kind: 'burn_rate',
      objective: 0.99,
      errors: { series: 'bad' },
      total: { series: 'all' },
      windows: [
        { long: '10m', short: '1m', factor: 10, severity: 'critical' },
        { long: '30m', short: '5m', factor: 2, severity: 'warning' },
      ],
    };
    const harness = await startRules([{ id: 'slo', when, every: 15 }]);
    let bad = 0;
    let all = 0;
    const step = (share: number) => () => {
      bad += share * 10;
      all += 10;
      harness.counter('bad', bad);
      harness.counter('all', all);
    };
    await harness.pass(10 * minute, step(0));
    // A minute of trouble fills the short window, and the long one hardly.
    await harness.pass(minute, step(0.3));
    expect(harness.active()).toMatchObject([{ severity: 'warning' }]);
    await harness.pass(4 * minute, step(0.3));
    expect(harness.active()).toMatchObject([{ severity: 'critical', threshold: 10 }]);
    await harness.pass(2 * minute, step(0));
    // The short window has forgotten, so it is no longer critical; the longer pair remembers.
    expect(harness.active()).toMatchObject([{ severity: 'warning' }]);
    await harness.pass(6 * minute, step(0));
    expect(harness.active()).toEqual([]);
  });

  it('see a spike against what the same counter usually does', async () => {
    const when = { kind: 'spike', series: 'errors', window: '1m', baseline: '10m', min_events: 10 };
    const harness = await startRules([{ id: 'spike', when, above: 4, every: 15 }]);
    let total = 0;
    const every = (seconds: number) => (second: number) => {
      if (second % seconds === 0) total += 1;
      harness.counter('errors', total);
    };
    await harness.pass(12 * minute, every(6));
    expect(harness.active()).toEqual([]);
    await harness.pass(minute, every(1));
    expect(harness.active()).toMatchObject([{ rule: 'spike', unit: 'times as usual' }]);
  });
});

describe('conditions on what happens', () => {
  it('count failures of checks chosen by tag, component or name, and of heartbeats', async () => {
    const harness = await startRules([
      { id: 'tagged', when: { kind: 'check', match: 'tag="payment"' }, above: 1 },
      { id: 'warned', when: { kind: 'check', match: { component: 'database' }, status: ['warning', 'error'] } },
      { id: 'beat', when: { kind: 'heartbeat', match: { name: 'backup' } } },
    ]);
    const { engine } = harness;
    const rules = () => harness.active().filter((each) => ['tagged', 'warned', 'beat'].includes(each.rule));
    await engine.observe(check('api:/pay', 'error', { tags: ['payment', 'eu'] }));
    await engine.observe(check('api:/other', 'error'));
    expect(rules()).toEqual([]);
    await engine.observe(check('api:/pay', 'error', { tags: ['payment', 'eu'] }));
    expect(rules()).toMatchObject([{ rule: 'tagged', value: 2, labels: { check: 'api:/pay' } }]);
    await engine.observe(check('database:main', 'warning', { component: 'database', kind: 'postgres' }));
    await engine.observe(
      check('heartbeat:backup', 'error', { component: 'heartbeat', kind: 'heartbeat', name: 'backup' }),
    );
    expect(
      rules()
        .map((each) => each.rule)
        .sort(),
    ).toEqual(['beat', 'tagged', 'warned']);
    await engine.observe(check('api:/pay', 'ok', { tags: ['payment', 'eu'] }));
    expect(
      rules()
        .map((each) => each.rule)
        .sort(),
    ).toEqual(['beat', 'warned']);
  });

  it('tell how long an event loop is blocked', async () => {
    const harness = await startRules([
      {
        id: 'blocked',
        when: { kind: 'event_loop' },
        levels: [
          { severity: 'warning', above: 0 },
          { severity: 'critical', above: 30 },
        ],
      },
    ]);
    const loop = (status: CheckResult['status'], silent: number) =>
      harness.engine.observe(
        check('app:1', status, { kind: 'event-loop', component: 'application' }, { silent_ms: silent }),
      );
    await loop('error', 5000);
    const own = () => harness.active().filter((each) => each.rule === 'blocked');
    expect(own()).toMatchObject([{ severity: 'warning', value: 5, unit: 'seconds' }]);
    await loop('error', 40_000);
    expect(own()).toMatchObject([{ severity: 'critical', value: 40 }]);
    await loop('ok', 0);
    expect(own()).toEqual([]);
  });

  it('know new errors and errors that came back, until they are quiet or settled', async () => {
    const harness = await startRules([
      { id: 'new', when: { kind: 'errors', change: 'new', match: 'type!="Expected"', quiet_for: '5m' } },
      { id: 'back', when: { kind: 'errors', change: 'regressed' }, severity: 'critical' },
    ]);
    const group: ErrorGroup = {
      id: 'g1',
      type: 'TypeError',
      title: 'x is not a function',
      culprit: 'a.ts',
      state: 'open',
      firstSeenAt: 0,
      lastSeenAt: 0,
      count: 1,
      groupedBy: '',
    };
    const { engine } = harness;
    await engine.observeError({ group, what: 'new', events: 1 });
    await engine.observeError({ group: { ...group, id: 'g2', type: 'Expected' }, what: 'new', events: 1 });
    await engine.observeError({ group, what: 'seen', events: 4 });
    expect(harness.active()).toMatchObject([{ rule: 'new', value: 5, labels: { group: 'g1', type: 'TypeError' } }]);
    await harness.pass(6 * minute);
    expect(harness.active()).toEqual([]);
    await engine.observeError({ group: { ...group, state: 'regressed' }, what: 'regressed', events: 1 });
    expect(harness.active()).toMatchObject([{ rule: 'back', severity: 'critical' }]);
    await engine.observeError({ group: { ...group, state: 'resolved' }, what: 'state', events: 0 });
    expect(harness.active()).toEqual([]);
  });

  it('know jobs that fail, that stall and that are late', async () => {
    const harness = await startRules([
      { id: 'fails', when: { kind: 'progress', is: 'failing', min_items: 10 }, above: 0.2 },
      {
        id: 'late',
        when: { kind: 'progress', is: 'late', match: { job: 'import' }, expected_every: '1h', longer_than: '10m' },
      },
      { id: 'stalls', when: { kind: 'progress', is: 'stalled' }, above: 60 },
    ]);
    const startedAt = harness.clock.now();
    const run = (more: Partial<ProgressRun>): ProgressRun => ({
      id: 'r1',
      name: 'import',
      instance: 'i',
      state: 'running',
      totalItems: 100,
      processedItems: 0,
      successfulItems: 0,
      failedItems: 0,
      skippedItems: 0,
      restoredItems: 0,
      message: '',
      startedAt,
      updatedAt: harness.clock.now(),
      batches: 0,
      recentBatches: [],
      ...more,
    });
    const mine = () =>
      harness
        .active()
        .filter((each) => ['fails', 'late', 'stalls'].includes(each.rule))
        .map((each) => each.rule);
    await harness.engine.observeProgress(run({ processedItems: 20, failedItems: 5 }));
    expect(mine()).toEqual(['fails']);
    await harness.engine.observeProgress(run({ processedItems: 60, failedItems: 5 }));
    expect(mine()).toEqual([]);
    await harness.pass(11 * minute);
    expect(mine()).toEqual(['late']);
    await harness.engine.observeProgress(run({ state: 'stalled', updatedAt: harness.clock.now() - 90_000 }));
    expect(mine().sort()).toEqual(['late', 'stalls']);
    await harness.engine.observeProgress(run({ state: 'done', endedAt: harness.clock.now() }));
    expect(mine()).toEqual([]);
    await harness.pass(61 * minute);
    expect(mine()).toEqual(['late']);
  });

  it('watch the channels themselves', async () => {
    const harness = await startRules([
      { id: 'mute', when: { kind: 'delivery', match: 'channel=~"slack.*"' }, above: 1 },
    ]);
    const outcome = (channel: string, delivered: boolean) =>
      harness.engine.observeDelivery({ channel, delivered, summary: 'POST -> 503' });
    const mine = () => harness.active().filter((each) => each.rule === 'mute');
    await outcome('slack', false);
    await outcome('email', false);
    await outcome('email', false);
    expect(mine()).toEqual([]);
    await outcome('slack', false);
    expect(mine()).toMatchObject([{ value: 2, labels: { channel: 'slack' } }]);
    await outcome('slack', true);
    expect(mine()).toEqual([]);
  });
});
