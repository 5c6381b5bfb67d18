import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../model/clock.ts';
import { Sketch } from '../model/sketch.ts';
import { unanswered } from './routes/table.ts';
import { checkState, type FakeMonitor, firing, startServer } from './running-server.contract.ts';

let monitor: FakeMonitor;

beforeAll(async () => {
  monitor = await startServer();
  const { checks, series } = monitor;
  checks.push(
    checkState('database:pooler', 'ok', { info: { order: 0 } }),
    checkState('api:/health', 'ok', { seen: { method: 'GET' } }),
    checkState('system', 'ok'),
  );
  const now = systemClock.now();
  const sketch = new Sketch();
  for (const seconds of [0.01, 0.02, 0.03, 0.5]) sketch.record(seconds);
  const labels = { operation: 'GET /molecules', category: 'api' };
  series.appendSketches([{ name: 'operation_duration_seconds', labels, at: now - 5000, sketch }]);
  for (const [at, value] of [
    [now - 20_000, 0],
    [now - 5000, 1],
  ] as const) {
    series.append([{ name: 'operation_errors_total', labels, at, value, kind: 'counter' }]);
  }
  for (let i = 0; i < 10; i++) {
    series.append([
      { name: 'system_cpu_usage_ratio', labels: {}, at: now - i * 10_000, value: 0.25 },
      { name: 'system_disk_usage_ratio', labels: { path: '/' }, at: now - i * 10_000, value: 0.95 },
    ]);
  }
});
afterAll(() => monitor.server.stop());

test('answers every route of the table', () => {
  expect(unanswered()).toEqual([]);
});

describe('overview', () => {
  test('opens with one sentence and has seven cards', async () => {
    const { status, body } = await monitor.call('overview');
    expect(status).toBe(200);
    expect(body).toMatchObject({ verdict: 'ok', sentence: 'All 3 checks are fine', details: [] });
    expect(body.cards.map((card: { id: string }) => card.id)).toEqual([
      'databases',
      'endpoints',
      'system',
      'operations',
      'progress',
      'errors',
      'alerts',
    ]);
    expect(body.cards[2]).toMatchObject({ value: 0.25, unit: 'ratio', text: 'CPU now; disk 95 %' });
    expect(body.cards[3]).toMatchObject({ text: '1 of 4 failed, slowest GET /molecules p95 500 ms' });
  });
});

describe('series', () => {
  test('answers a range in steps that divide it evenly', async () => {
    const { body } = await monitor.call('series', {
      query: 'name=system_cpu_usage_ratio&from=now-5m&step=1m&aggregate=avg,max',
    });
    expect(body).toMatchObject({ step_ms: 60_000, tier: 'raw', truncated: false });
    expect(body.series[0].values.max.every((value: number) => value === 0.25)).toBe(true);
  });

  test('chooses series by matchers', async () => {
    const some = await monitor.call('seriesLatest', { query: 'match=path=/&match=__name__=~system_.*' });
    expect(some.body.series).toHaveLength(1);
    const none = await monitor.call('seriesLatest', { query: 'match=path!~.*' });
    expect(none.body.series).toEqual([]);
  });

  test.each([
    ['name=bad-name', 'query.name', 'must be a metric name'],
    ['name=up&step=soon', 'query.step', 'must be a number of milliseconds'],
    ['name=up&from=yesterday', 'query.from', 'must be epoch milliseconds'],
    ['name=up&from=now&to=now-1h', 'query.from', 'is not before'],
    ['name=up&from=now-30d&step=1s', 'query.step', 'are more than'],
    ['name=up&match=what', 'query.match.0', 'is not a matcher'],
    ['name=up&match=a=~(', 'query.match.0', 'not valid'],
    ['name=up&aggregate=median', 'query.aggregate.0', 'percentile'],
    ['name=up&limit=0', 'query.limit', '>=1'],
    ['name=up&colour=red', 'query', 'colour'],
    ['', 'query.name', 'missing'],
  ])('refuses %s naming the place', async (query, path, words) => {
    const { status, body } = await monitor.call('series', { query });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'bad-request', path });
    expect(body.error.message).toContain(words);
  });
});

describe('operations', () => {
  test('gives counts, errors and percentiles from the merged sketches', async () => {
    const { body } = await monitor.call('operations', { query: 'from=now-5m' });
    expect(body.operations).toHaveLength(1);
    expect(body.operations[0]).toMatchObject({
      operation: 'GET /molecules',
      category: 'api',
      count: 4,
      errors: 1,
      error_ratio: 0.25,
      time_ratio: 1,
    });
    expect(body.operations[0].max).toBeCloseTo(0.5, 2);
    expect(body.operations[0].trend).toHaveLength(30);
  });
});

describe('checks', () => {
  test('are found by ids with slashes', async () => {
    const { body } = await monitor.call('check', { path: { id: 'api:/health' } });
    expect(body).toMatchObject({ id: 'api:/health', status: 'ok', phases: [{ name: 'connect', ms: 1.5 }] });
    const ran = await monitor.call('runCheck', { path: { id: 'api:/health' } });
    expect(ran.status).toBe(200);
  });

  test('that do not exist are 404', async () => {
    const { status, body } = await monitor.call('check', { path: { id: 'api:/nothing' } });
    expect(status).toBe(404);
    expect(body.error.message).toContain('api:/nothing');
  });
});

describe('alerts', () => {
  test('join what is active with what has ended', async () => {
    const ended = firing({ id: 'ended', state: 'resolved', resolvedAt: Date.now() - 1000, severity: 'warning' });
    await monitor.state.commit([{ in: 'episodes', put: ended }]);
    monitor.episodes.push(firing({ id: 'burning' }));
    expect((await monitor.call('alerts')).body.alerts).toHaveLength(2);
    expect(
      (await monitor.call('alerts', { query: 'state=resolved' })).body.alerts.map((one: { id: string }) => one.id),
    ).toEqual(['ended']);
    expect(
      (await monitor.call('alerts', { query: 'severity=error,critical' })).body.alerts.map(
        (one: { id: string }) => one.id,
      ),
    ).toEqual(['burning']);
    const detail = await monitor.call('alert', { path: { id: 'burning' } });
    expect(detail.body).toMatchObject({
      alert_type: 'high_cpu_usage',
      rule_info: { condition: 'CPU above 90 %' },
      transitions: [],
      deliveries: [],
    });
    const acknowledged = await monitor.call('acknowledge', { path: { id: 'burning' }, body: { note: 'on it' } });
    expect(acknowledged.body.acknowledged).toMatchObject({ by: 'local', note: 'on it' });
    expect((await monitor.call('acknowledge', { path: { id: 'nothing' }, body: {} })).status).toBe(404);
    monitor.episodes.length = 0;
  });
});

describe('silences', () => {
  test('are made by type, listed and ended by type', async () => {
    const made = await monitor.call('silence', {
      body: { alert_type: 'high_cpu_usage', duration_seconds: 600, comment: 'deploy' },
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ alert_type: 'high_cpu_usage', remaining_seconds: 600, created_by: 'local' });
    expect((await monitor.call('silences')).body.silences).toHaveLength(1);
    expect((await monitor.call('unsilenceType', { body: { alert_type: 'high_cpu_usage' } })).body).toEqual({
      ended: 1,
    });
    expect((await monitor.call('unsilence', { path: { id: 'gone' } })).status).toBe(404);
  });

  test.each([
    [{}, 'body', 'either alert_type or matchers'],
    [{ alert_type: 'a', duration_seconds: -5 }, 'body.duration_seconds', '>0'],
    [{ matchers: [{ name: 'a', op: '~', value: 'b' }] }, 'body.matchers.0.op', 'seen: "~"'],
    [{ matchers: [{ name: 'a', op: '=~', value: '(' }] }, 'body.matchers.0.value', 'not valid'],
    [{ alert_type: 7 }, 'body.alert_type', 'seen: 7'],
  ])('refuses %j', async (body, path, words) => {
    const answer = await monitor.call('silence', { body });
    expect(answer.status).toBe(400);
    expect(answer.body.error.path).toBe(path);
    expect(answer.body.error.message).toContain(words);
  });
});

describe('signals', () => {
  test('go to the intake, whose refusal is told', async () => {
    expect((await monitor.call('signals', { body: { version: 1 } })).status).toBe(202);
    const refused = await monitor.call('signals', { body: { version: 2 } });
    expect(refused.status).toBe(400);
    expect(refused.body.error.message).toContain('version');
  });
});
