import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Alertmanager, startAlertmanagers } from '../../../test/services/alertmanager.ts';
import { silentLog } from '../../model/log.ts';
import type { OutboxEntry } from '../../model/notification.ts';
import { compileContract, readContract } from '../../testing/contract-validator.ts';
import { createFakeClock } from '../../testing/fake-clock.ts';
import { type HttpReceiver, startHttpReceiver } from '../../testing/http-receiver.ts';
import { describeNotifier, sampleEntry, sampleLinks } from '../notifier.contract.ts';
import { createNotifiers } from '../registry.ts';
import { notificationsSettings } from '../settings.ts';

const never = new AbortController().signal;
const contract = readContract('alertmanager-v2.openapi.yaml') as { definitions: Record<string, object> };
const validate = compileContract(contract.definitions['postableAlerts']!, { definitions: contract.definitions });

function alertmanager(urls: readonly string[], settings: object = {}, clock = createFakeClock(Date.now())) {
  const notifications = notificationsSettings.parse({
    log: { enabled: false },
    alertmanager: { enabled: true, urls, ...settings },
  });
  return createNotifiers({ settings: notifications, log: silentLog, version: '1.2.3', links: sampleLinks, clock })[0]!;
}

interface Pushed {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  endsAt: string;
}
const pushedTo = (receiver: HttpReceiver) => receiver.requests.flatMap(({ body }) => JSON.parse(body) as Pushed[]);
/** A message about something that began a minute ago. */
const now = (change: Partial<OutboxEntry> = {}, facts: Partial<OutboxEntry['facts']> = {}) =>
  sampleEntry({ createdAt: Date.now(), ...change }, { startedAt: Date.now() - 60_000, ...facts });
const end = (change: Partial<OutboxEntry> = {}, facts: Partial<OutboxEntry['facts']> = {}) =>
  now({ id: 'end', event: 'resolved', ...change }, { status: 'resolved', resolvedAt: Date.now(), ...facts });

describeNotifier('alertmanager', async () => {
  const receiver = await startHttpReceiver();
  return {
    notifier: alertmanager([receiver.url], { token: 's3cret' }),
    works: () => receiver.reply(200),
    refusesForNow: () => receiver.reply(503),
    refusesLogin: () => receiver.reply(401),
    hangs: () => receiver.reply(() => undefined),
    goesAway: () => receiver.close(),
    received: () => receiver.requests.length,
    assertValid() {
      for (const { body, url, headers } of receiver.requests) {
        expect([url, headers['content-type']]).toEqual(['/api/v2/alerts', 'application/json']);
        const alerts = JSON.parse(body) as Pushed[];
        expect(validate(alerts), JSON.stringify(validate.errors)).toBe(true);
        for (const { labels, startsAt, endsAt } of alerts) {
          expect(labels['alertname']).not.toBe('');
          for (const name of Object.keys(labels)) expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
          expect(Date.parse(endsAt)).toBeGreaterThanOrEqual(Date.parse(startsAt));
        }
      }
    },
    secrets: ['s3cret'],
    dispose: () => receiver.close(),
  };
});

describe('the alertmanager channel', () => {
  it('says again every minute what fires, with an end ahead, and the end for a quarter of an hour', async () => {
    await using receiver = await startHttpReceiver();
    const clock = createFakeClock(Date.now());
    const notifier = alertmanager([receiver.url], {}, clock);
    await notifier.deliver(now(), never);
    const minute = async () => {
      const before = receiver.requests.length;
      await clock.advance(60_000);
      await receiver.waitFor(before + 1);
    };
    await minute();
    await minute();
    const firing = pushedTo(receiver);
    expect(firing).toHaveLength(3);
    expect(Date.parse(firing[2]!.endsAt)).toBe(clock.now() + 240_000);
    await notifier.deliver(end({}, { resolvedAt: clock.now() }), never);
    const endedAt = new Date(clock.now()).toISOString();
    await minute();
    expect(pushedTo(receiver).at(-1)!.endsAt).toBe(endedAt);
    await clock.advance(15 * 60_000);
    await receiver.waitFor(18);
    const count = receiver.requests.length;
    await clock.advance(300_000);
    expect(receiver.requests.length).toBe(count);
    await notifier.close?.();
  });

  it('goes on with what was delivered before a restart', async () => {
    await using receiver = await startHttpReceiver();
    const notifier = alertmanager([receiver.url]);
    notifier.resume?.([now({ id: 'a', episodeId: 'a' }, { alertId: 'a', labels: { n: 'a' } })]);
    await receiver.waitFor(1);
    expect(pushedTo(receiver)).toMatchObject([{ labels: { n: 'a' } }]);
    await notifier.close?.();
  });

  it('ends the milder alert when a worse one takes its place, because the severity is one of the labels', async () => {
    await using receiver = await startHttpReceiver();
    const notifier = alertmanager([receiver.url]);
    await notifier.deliver(now({}, { severity: 'warning' }), never);
    await notifier.deliver(now({ id: 'worse', event: 'escalated' }, { severity: 'critical' }), never);
    const [, milder, worse] = pushedTo(receiver);
    expect([milder!.labels['severity'], worse!.labels['severity']]).toEqual(['warning', 'critical']);
    expect(Date.parse(milder!.endsAt)).toBeLessThanOrEqual(Date.now());
    expect(Date.parse(worse!.endsAt)).toBeGreaterThan(Date.now());
    await notifier.close?.();
  });

  it('has delivered when one node took it, and says which did not', async () => {
    await using receiver = await startHttpReceiver();
    const notifier = alertmanager([receiver.url, 'http://127.0.0.1:1']);
    expect(await notifier.deliver(now(), never)).toMatchObject({
      outcome: 'delivered',
      summary: expect.stringContaining('http://127.0.0.1:1'),
    });
    await notifier.close?.();
  });
});

describe('a cluster of two real Alertmanagers', () => {
  let nodes: Alertmanager[];
  let heard: HttpReceiver;
  beforeAll(async () => {
    heard = await startHttpReceiver();
    nodes = await startAlertmanagers(2, { webhook: heard.url, groupWait: '0s' });
  }, 60_000);
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await heard.close();
  });

  const until = async (what: () => Promise<boolean>): Promise<void> => {
    const deadline = Date.now() + 20_000;
    while (!(await what())) {
      if (Date.now() > deadline) throw new Error('waited 20 s for nothing');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  it('has each alert on both nodes, tells it, and takes it away with its end', async () => {
    const notifier = alertmanager(nodes.map((node) => node.url));
    const labels = { 'odd-name': 'v', '9': 'nine', host: 'ü 😀' };
    expect(await notifier.deliver(now({}, { labels }), never)).toMatchObject({ outcome: 'delivered' });
    for (const node of nodes) {
      await until(async () => (await node.alerts()).length === 1);
      expect((await node.alerts())[0]).toMatchObject({
        labels: { alertname: 'high_cpu_usage', severity: 'error', odd_name: 'v', _9: 'nine', host: 'ü 😀' },
        annotations: { value: '95 %', acknowledge_url: 'https://monitor.example/ack' },
        status: { state: 'active' },
      });
    }
    await heard.waitFor(1);
    const body = JSON.parse(heard.requests[0]!.body) as { version: string; status: string };
    const sample = readContract('alertmanager-webhook-v4.sample.json');
    expect(Object.keys(body).sort()).toEqual(Object.keys(sample).sort());
    expect(body.status).toBe('firing');
    expect(await notifier.deliver(end({}, { labels }), never)).toMatchObject({ outcome: 'delivered' });
    for (const node of nodes) await until(async () => (await node.alerts()).length === 0);
    await notifier.close?.();
  }, 60_000);

  it('takes ten thousand alerts in two requests', async () => {
    const notifier = alertmanager(nodes.map((node) => node.url));
    const entries = Array.from({ length: 10_000 }, (_, n) =>
      now({ id: `m${n}`, episodeId: `e${n}` }, { alertId: `e${n}`, labels: { n: String(n) } }),
    );
    const { most, deliver } = notifier.together!;
    for (let start = 0; start < entries.length; start += most) {
      expect(await deliver(entries.slice(start, start + most), never)).toMatchObject({ outcome: 'delivered' });
    }
    for (const node of nodes) await until(async () => (await node.alerts()).length === 10_000);
    await notifier.close?.();
  }, 60_000);
});
