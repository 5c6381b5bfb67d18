import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type HttpReceiver, startHttpReceiver } from '../../src/testing/http-receiver.ts';
import { type Running, scratch, startMonitor, until } from './harness.ts';

let dir: string;
let remove: () => Promise<void>;
let monitor: Running;
let receiver: HttpReceiver;
let target: Server;

beforeEach(async () => {
  ({ dir, remove } = await scratch());
  receiver = await startHttpReceiver();
  // `/gone` is a channel that nobody answers for any more.
  receiver.reply((request, response) => response.writeHead(request.url === '/gone' ? 410 : 200).end());
  target = createServer((_request, response) => response.writeHead(503).end('{}'));
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await monitor?.kill();
  await receiver.close();
  target.closeAllConnections();
  target.close();
  await remove();
});

const config = () => ({
  monitoring: { health_check_intervals: { api: 1, system: 60 }, alert_thresholds: { api_errors: 1 } },
  api_monitoring: {
    base_url: `http://127.0.0.1:${(target.address() as AddressInfo).port}`,
    endpoints: [{ path: '/health', expected_status: 200 }],
  },
  notifications: {
    webhooks: [{ webhook_url: `${receiver.url}/gone`, fallback: 'backup' }],
    channels: [
      { type: 'webhook', name: 'backup', webhook_url: `${receiver.url}/backup`, match: ['source="nobody"'] },
      { type: 'webhook', name: 'second', webhook_url: `${receiver.url}/second` },
    ],
  },
  alerts: {
    escalation: [
      {
        name: 'on call',
        match: 'source="api"',
        steps: [{ after_seconds: 3, notify: ['second'] }],
        repeat: 5,
        repeat_after_seconds: 60,
      },
    ],
  },
});

interface News {
  readonly alert_id: string;
  readonly alert_type: string;
  readonly event: string;
  readonly acknowledge_url: string;
}
const newsAt = (path: string) =>
  receiver.requests.filter(({ url }) => url === path).map(({ body }) => JSON.parse(body) as News);

test('what one channel refuses comes through its fallback, the next one is called, and the link in the message acknowledges', async () => {
  monitor = await startMonitor(dir, config());
  const first = await until('the fallback', () =>
    newsAt('/backup').find((news) => news.alert_type === 'api_health_degraded'),
  );
  expect(newsAt('/gone').filter((news) => news.alert_type === 'api_health_degraded')).toHaveLength(1);
  const called = await until('the next one', () =>
    newsAt('/second').find((news) => news.alert_type === 'api_health_degraded'),
  );
  expect([called.event, called.alert_id]).toEqual(['firing', first.alert_id]);

  // A mail scanner looks first; then somebody presses the button.
  expect((await fetch(called.acknowledge_url)).status).toBe(200);
  const path = `/monitoring/api/alerts/${first.alert_id}`;
  interface Shown {
    acknowledged: { by: string } | null;
    escalation: { name: string; next_at: number | null };
    deliveries: { channel: string; state: string }[];
  }
  expect((await monitor.json<Shown>(path)).acknowledged).toBeNull();
  const pressed = await fetch(called.acknowledge_url, { method: 'POST', body: new URLSearchParams({ name: 'Ann' }) });
  expect(pressed.status).toBe(200);
  const alert = await monitor.json<Shown>(path);
  expect(alert).toMatchObject({ acknowledged: { by: 'Ann' }, escalation: { name: 'on call', next_at: null } });
  expect(alert.deliveries).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ channel: 'webhooks[0]', state: 'dead' }),
      expect.objectContaining({ channel: 'backup', state: 'delivered' }),
    ]),
  );
  const forged = `${called.acknowledge_url.slice(0, -1)}${called.acknowledge_url.endsWith('A') ? 'B' : 'A'}`;
  expect((await fetch(forged, { method: 'POST' })).status).toBe(403);

  const { channels } = await monitor.json<{ channels: { name: string; breaker: string }[] }>(
    '/monitoring/api/channels',
  );
  expect(channels.find(({ name }) => name === 'webhooks[0]')).toMatchObject({ breaker: 'open' });
  const { attempts } = await monitor.json<{ attempts: { outcome: string; summary: string }[] }>(
    `/monitoring/api/channels/${encodeURIComponent('webhooks[0]')}/attempts`,
  );
  expect(attempts[0]).toMatchObject({ outcome: 'final', summary: expect.stringContaining('410') });
});
