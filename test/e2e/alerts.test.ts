import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Received, type Running, scratch, startMonitor, startReceiver, until } from './harness.ts';

let dir: string;
let remove: () => Promise<void>;
let monitor: Running | undefined;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let target: Server;
let healthy = true;
let targetPort: number;

beforeEach(async () => {
  ({ dir, remove } = await scratch());
  healthy = true;
  target = createServer((_request, response) => response.writeHead(healthy ? 200 : 503).end('{}'));
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  targetPort = (target.address() as AddressInfo).port;
});

afterEach(async () => {
  await monitor?.kill();
  await receiver?.close();
  target.closeAllConnections();
  target.close();
  await remove();
});

const config = () => ({
  monitoring: {
    health_check_intervals: { api: 1, database: 1, system: 1 },
    alert_thresholds: { api_errors: 1, database_failures: 2 },
  },
  api_monitoring: {
    base_url: `http://127.0.0.1:${targetPort}`,
    endpoints: [{ path: '/health', method: 'GET', expected_status: 200 }],
  },
  notifications: { webhooks: [{ enabled: true, webhook_url: receiver.url, min_severity: 'warning' }] },
});

const ofType = (type: string): Received[] => receiver.received.filter((call) => call.body['alert_type'] === type);

test('an endpoint that breaks is told once and its end is told with the same alert_id, through a kill -9 in between', async () => {
  receiver = await startReceiver();
  monitor = await startMonitor(dir, config());
  healthy = false;
  const firing = await until('the firing', () => ofType('api_health_degraded')[0]);
  expect(firing.body).toMatchObject({ alert_type: 'api_health_degraded', source: 'api', status: 'firing' });
  for (const field of ['message', 'timestamp', 'formatted_time', 'severity', 'alert_id'])
    expect(firing.body).toHaveProperty(field);
  expect(firing.headers['webhook-id']).toBeTruthy();

  await monitor.kill();
  monitor = await startMonitor(dir, config());
  await until('a check after the restart', async () => {
    const { checks } = await monitor!.json<{ checks: { id: string; status: string }[] }>('/monitoring/api/checks');
    return checks.some((check) => check.id.startsWith('api:') && check.status === 'error');
  });
  const { alerts } = await monitor.json<{ alerts: { id: string; state: string }[] }>(
    '/monitoring/api/alerts?state=firing',
  );
  expect(alerts).toMatchObject([{ id: firing.body['alert_id'], state: 'firing' }]);

  healthy = true;
  const resolved = await until('the end', () =>
    ofType('api_health_degraded').find((call) => call.body['status'] === 'resolved'),
  );
  expect(resolved.body['alert_id']).toBe(firing.body['alert_id']);
  expect(new Set(ofType('api_health_degraded').map((call) => call.headers['webhook-id'])).size).toBe(2);
});

test('a message that could not be delivered when the monitor was killed is delivered after the restart', async () => {
  let open = false;
  receiver = await startReceiver(() => (open ? 200 : 503));
  monitor = await startMonitor(dir, config());
  healthy = false;
  await until('the alert', async () => {
    const { alerts } = await monitor!.json<{ alerts: { alert_type: string }[] }>('/monitoring/api/alerts?state=firing');
    return alerts.some((alert) => alert.alert_type === 'api_health_degraded');
  });
  await monitor.kill();
  expect(receiver.received).toEqual([]);
  open = true;
  monitor = await startMonitor(dir, config());
  const call = await until('the message', () => ofType('api_health_degraded')[0], 60_000);
  expect(call.body['status']).toBe('firing');
});

test('a silence by type keeps quiet, is seen, and ends by unsilence', async () => {
  receiver = await startReceiver();
  monitor = await startMonitor(dir, config());
  const made = await monitor.post('/monitoring/api/silences', {
    alert_type: 'api_health_degraded',
    duration_seconds: 3600,
  });
  expect(made.status).toBe(201);
  healthy = false;
  await until('the alert', async () => {
    const { alerts } = await monitor!.json<{ alerts: { alert_type: string; silenced_by: string | null }[] }>(
      '/monitoring/api/alerts?state=firing',
    );
    return alerts.some((alert) => alert.alert_type === 'api_health_degraded' && alert.silenced_by !== null);
  });
  expect(ofType('api_health_degraded')).toEqual([]);
  await monitor.post('/monitoring/api/unsilence', { alert_type: 'api_health_degraded' });
  await until('the message', () => ofType('api_health_degraded')[0]);
});
