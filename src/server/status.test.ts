import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Sketch } from '../model/sketch.ts';
import { checkState, type FakeMonitor, firing, startServer } from './running-server.contract.ts';

let monitor: FakeMonitor;

beforeAll(async () => {
  monitor = await startServer();
});
afterAll(() => monitor.server.stop());
beforeEach(() => {
  monitor.checks.length = 0;
});

describe('health', () => {
  test.each([
    [
      'nothing at all is watched',
      [],
      { status: 'warning', database: 'Not configured', api: 'Not configured', system: 'Not configured' },
    ],
    [
      'only the machine is watched',
      [checkState('system', 'ok')],
      { status: 'healthy', database: 'Not configured', system: 'OK' },
    ],
    [
      'a database has no result yet',
      [checkState('system', 'ok'), checkState('database:a', 'unknown')],
      { status: 'warning', database: 'Unknown' },
    ],
    [
      'a result has grown old',
      [checkState('system', 'ok'), checkState('api:/a', 'stale')],
      { status: 'warning', api: 'Unknown' },
    ],
    [
      'the only database is down',
      [checkState('system', 'ok'), checkState('database:a', 'error')],
      { status: 'unhealthy', database: 'Error' },
    ],
    [
      'one connection of two is down',
      [checkState('system', 'ok'), checkState('database:a', 'error'), checkState('database:b', 'ok')],
      { status: 'warning', database: 'Warning' },
    ],
    [
      'one endpoint of three fails',
      [checkState('api:/a', 'error'), checkState('api:/b', 'ok'), checkState('api:/c', 'ok')],
      { status: 'warning', api: 'Warning' },
    ],
    [
      'one endpoint of two fails',
      [checkState('api:/a', 'error'), checkState('api:/b', 'ok')],
      { status: 'unhealthy', api: 'Error' },
    ],
    [
      'the application is blocked',
      [checkState('system', 'ok'), checkState('application:x', 'error')],
      { status: 'unhealthy', application: 'Error' },
    ],
  ])('when %s', async (_, checks, expected) => {
    monitor.checks.push(...checks);
    const { status, body } = await monitor.call('health');
    expect(status).toBe(200);
    expect(body).toMatchObject(expected);
    expect(body.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/);
  });

  test('answers 503 while unhealthy where that is configured', async () => {
    const strict = await startServer({ settings: { health_status_503: true } });
    strict.checks.push(checkState('database:a', 'error'));
    expect((await strict.call('health')).status).toBe(503);
    strict.checks[0] = checkState('database:a', 'warning');
    expect((await strict.call('health')).status).toBe(200);
    await strict.server.stop();
  });
});

describe('status', () => {
  test("has the predecessor's fields and is JSON also with nothing in it", async () => {
    const { body } = await monitor.call('status');
    expect(Object.keys(body).slice(0, 7)).toEqual([
      'health',
      'performance',
      'resources',
      'errors',
      'alerts',
      'system_info',
      'last_updated',
    ]);
    expect(body.performance.system.timing).toEqual({
      total_execution_time: 0,
      min_execution_time: null,
      max_execution_time: null,
      avg_execution_time: 0,
    });
    expect(body.health.database).toMatchObject({
      status: 'Not configured',
      configured: false,
      last_check_time: 0,
      active_connection_type: null,
    });
    expect(body.last_updated).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  });

  test('keeps the units: seconds for databases and operations, milliseconds for endpoints, percent for usage', async () => {
    const other = await startServer();
    const now = Date.now();
    const sketch = new Sketch();
    sketch.record(0.25);
    sketch.record(0.75);
    other.series.appendSketches([
      {
        name: 'operation_duration_seconds',
        labels: { operation: 'db_import.write', category: 'database' },
        at: now - 1000,
        sketch,
      },
    ]);
    other.series.append([
      { name: 'system_cpu_usage_ratio', labels: {}, at: now - 1000, value: 0.375 },
      {
        name: 'operation_items_total',
        labels: { operation: 'db_import.write', category: 'database' },
        at: now - 2000,
        value: 0,
        kind: 'counter',
      },
      {
        name: 'operation_items_total',
        labels: { operation: 'db_import.write', category: 'database' },
        at: now - 1000,
        value: 500,
        kind: 'counter',
      },
    ]);
    other.checks.push(
      checkState('database:pooler', 'error', {
        info: { order: 0 },
        seen: { breaker: 'open', breaker_since_at: now - 30_000, active_connection: 'direct' },
      }),
      checkState('database:direct', 'ok', {
        info: { order: 1 },
        seen: { breaker: 'closed', active_connection: 'direct' },
      }),
      checkState('api:/health', 'ok'),
      checkState('system', 'ok'),
    );
    other.episodes.push(firing());
    const { body } = await other.call('status');
    expect(body.health.database).toMatchObject({
      status: 'Warning',
      is_healthy: true,
      active_connection_type: 'direct',
      check_frequency_seconds: 60,
      error_message: 'it is error',
    });
    expect(body.health.database.connection_types.pooler).toMatchObject({
      state: 'OPEN',
      failure_count: 3,
      failure_threshold: 3,
    });
    expect(body.health.database.connection_types.pooler.stats.total_open_time).toBeCloseTo(30, 0);
    expect(body.health.database.recent_successes[0]).toMatchObject({ connection_type: 'direct', latency: 0.0125 });
    expect(body.health.api.endpoints['/health']).toMatchObject({ method: 'GET', status: 'OK', response_time: 13 });
    expect(body.health.api.avg_response_time).toBe(12.5);
    expect(body.health.system.cpu_usage).toBe(37.5);
    expect(body.resources.cpu_history.at(-1)).toBe(37.5);
    const { operations, timing, throughput, database } = body.performance.database;
    expect(operations).toEqual({ total: 2, successful: 2, failed: 0 });
    expect(timing.total_execution_time).toBeCloseTo(1, 2);
    expect(throughput.items_processed).toBe(500);
    expect(database).toMatchObject({ connection_attempts: 2, connection_failures: 1, query_count: 2 });
    expect(body.alerts[0]).toMatchObject({
      alert_type: 'high_cpu_usage',
      severity: 'error',
      status: 'firing',
      timestamp: other.episodes[0]!.firedAt! / 1000,
    });
    expect(body.sentence).toMatch(/^High CPU usage: 95.0 % since \d\d:\d\d, and one thing more needs attention$/);
    await other.server.stop();
  });
});

describe('readiness', () => {
  test('stays when the store has a problem, and says so', async () => {
    expect((await fetch(`${monitor.url}/monitoring/readyz`)).status).toBe(200);
    const broken = await startServer({
      series: { ...monitor.series, stats: () => ({ ...monitor.series.stats(), problem: 'disk full' }) },
    });
    const answer = await fetch(`${broken.url}/monitoring/readyz`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ status: 'degraded' });
    await broken.server.stop();
  });
});
