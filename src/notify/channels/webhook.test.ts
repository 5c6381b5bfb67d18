import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../model/log.ts';
import { type HttpReceiver, startHttpReceiver } from '../../testing/http-receiver.ts';
import { describeNotifier, sampleEnd, sampleEntry } from '../notifier.contract.ts';
import { createNotifiers } from '../registry.ts';
import { notificationsSettings } from '../settings.ts';
import { standardHeaders } from '../standard-webhooks.ts';

const never = new AbortController().signal;

function webhook(receiver: HttpReceiver, settings: object = {}) {
  const notifications = notificationsSettings.parse({
    log: { enabled: false },
    webhooks: [{ webhook_url: `${receiver.url}/hooks/s3cret?token=t0p`, ...settings }],
  });
  return createNotifiers({ settings: notifications, log: silentLog, version: '1.2.3' })[0]!;
}

describeNotifier('webhook', async () => {
  const receiver = await startHttpReceiver();
  return {
    notifier: webhook(receiver),
    works: () => receiver.reply(200),
    refusesForNow: () => receiver.reply(503),
    refusesLogin: () => receiver.reply(401),
    hangs: () => receiver.reply(() => undefined),
    goesAway: () => receiver.close(),
    received: () => receiver.requests.length,
    assertValid() {
      for (const { body, headers } of receiver.requests) {
        const fields = JSON.parse(body) as Record<string, unknown>;
        expect(Object.keys(fields)).toEqual(
          expect.arrayContaining([
            'message',
            'timestamp',
            'formatted_time',
            'alert_type',
            'source',
            'severity',
            'status',
            'alert_id',
          ]),
        );
        expect(headers['webhook-id']).toMatch(/\w/);
      }
    },
    secrets: ['s3cret', 't0p'],
    dispose: () => receiver.close(),
  };
});

describe('the webhook channel', () => {
  it("sends the predecessor's fields with status and alert id, and the same idempotency key on every attempt", async () => {
    await using receiver = await startHttpReceiver();
    const notifier = webhook(receiver);
    await notifier.deliver(sampleEntry(), never);
    await notifier.deliver(sampleEntry({ attempts: 2 }), never);
    await notifier.deliver(sampleEnd(), never);
    const bodies = receiver.requests.map((request) => JSON.parse(request.body) as Record<string, unknown>);
    expect(bodies[0]).toMatchObject({
      message: 'High CPU usage: 95.0 %',
      timestamp: Date.UTC(2026, 0, 1, 12) / 1000,
      formatted_time: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
      alert_type: 'high_cpu_usage',
      source: 'system',
      severity: 'error',
      context: { load: 3.5 },
      status: 'firing',
      alert_id: '01k0episode000000000000',
    });
    expect(bodies[2]).toMatchObject({
      status: 'resolved',
      alert_id: '01k0episode000000000000',
      timestamp: Date.UTC(2026, 0, 1, 12, 5) / 1000,
    });
    const ids = receiver.requests.map((request) => request.headers['webhook-id']);
    expect(ids).toEqual([sampleEntry().id, sampleEntry().id, sampleEnd().id]);
    expect(receiver.requests[0]).toMatchObject({
      method: 'POST',
      url: '/hooks/s3cret?token=t0p',
      headers: { 'content-type': 'application/json', 'user-agent': 'cryoprotect-monitoring/1.2.3' },
    });
  });

  it('leaves the context out when it is told to', async () => {
    await using receiver = await startHttpReceiver();
    await webhook(receiver, { include_context: false }).deliver(sampleEntry(), never);
    expect(JSON.parse(receiver.requests[0]!.body)).not.toHaveProperty('context');
  });

  it('sends query parameters with GET and keeps those of the address', async () => {
    await using receiver = await startHttpReceiver();
    await webhook(receiver, { http_method: 'get' }).deliver(sampleEntry(), never);
    const { method, url, body } = receiver.requests[0]!;
    const query = new URL(url, receiver.url).searchParams;
    expect([method, body]).toEqual(['GET', '']);
    expect(Object.fromEntries(query)).toMatchObject({
      token: 't0p',
      status: 'firing',
      alert_type: 'high_cpu_usage',
      context: '{"load":3.5}',
    });
  });

  it('fills a template: scalars by name, unknown names and objects as they are, other values untouched', async () => {
    await using receiver = await startHttpReceiver();
    const payload_template = {
      text: '{{severity}} {{alert_type}}: {{message}}',
      formatted: '{{formatted_message}}',
      typo: '{{mesage}} {{context}}',
      number: 7,
      nested: { list: ['{{source}}', true, null] },
    };
    await webhook(receiver, {
      payload_template,
      headers: { 'X-Key': 'k', 'Content-Type': 'application/cloudevents+json' },
    }).deliver(sampleEntry(), never);
    const request = receiver.requests[0]!;
    expect(JSON.parse(request.body)).toEqual({
      text: 'error high_cpu_usage: High CPU usage: 95.0 %',
      formatted: expect.stringContaining('ERROR alert from system: High CPU usage: 95.0 %\nContext: {'),
      typo: '{{mesage}} {{context}}',
      number: 7,
      nested: { list: ['system', true, null] },
    });
    expect(request.headers).toMatchObject({ 'x-key': 'k', 'content-type': 'application/cloudevents+json' });
  });

  it('signs as Standard Webhooks say', async () => {
    const { sign } = JSON.parse(
      readFileSync(new URL('../../../test/contracts/standard-webhooks.vectors.json', import.meta.url), 'utf8'),
    ) as {
      sign: { secret: string; id: string; timestamp: number; payload: string; expected: string }[];
    };
    for (const { secret, id, timestamp, payload, expected } of sign) {
      expect(standardHeaders(id, timestamp * 1000 + 999, payload, secret)).toEqual({
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': expected,
      });
    }
    await using receiver = await startHttpReceiver();
    const key = Buffer.from('a key of more than twenty-four bytes');
    await webhook(receiver, { secret: `whsec_${key.toString('base64')}` }).deliver(sampleEntry(), never);
    const { headers, body } = receiver.requests[0]!;
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  });

  it('is verified by the library of Standard Webhooks, also while a secret is changed, and not after a change of the body', async () => {
    await using receiver = await startHttpReceiver();
    const secret = (text: string) => `whsec_${Buffer.from(text.padEnd(32, '.')).toString('base64')}`;
    const [fresh, old, other] = ['new', 'old', 'other'].map(secret) as [string, string, string];
    await webhook(receiver, { secret: fresh, previous_secret: old }).deliver(sampleEntry(), never);
    const { headers, body } = receiver.requests[0]!;
    const signed = Object.fromEntries(
      ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, String(headers[name])]),
    );
    for (const key of [fresh, old]) {
      expect(new Webhook(key).verify(body, signed)).toMatchObject({ alert_type: 'high_cpu_usage' });
      expect(() => new Webhook(key).verify(`${body} `, signed)).toThrow();
    }
    expect(() => new Webhook(other).verify(body, signed)).toThrow();
  });

  it.each([
    [204, 'delivered', undefined],
    [302, 'retry', 'refused'],
    [400, 'final', 'invalid'],
    [401, 'final', 'auth'],
    [403, 'final', 'auth'],
    [404, 'final', 'gone'],
    [408, 'retry', 'refused'],
    [410, 'final', 'gone'],
    [422, 'final', 'invalid'],
    [429, 'retry', 'rate-limited'],
    [500, 'retry', 'refused'],
    [503, 'retry', 'refused'],
  ])('takes the answer %i for %s', async (status, outcome, reason) => {
    await using receiver = await startHttpReceiver();
    receiver.reply({ status, body: 'no\nluck' });
    expect(await webhook(receiver).deliver(sampleEntry(), never)).toMatchObject({
      outcome,
      ...(reason ? { reason } : {}),
    });
  });

  it('reads Retry-After as seconds and as a date, and does not believe nonsense', async () => {
    await using receiver = await startHttpReceiver();
    const inTenSeconds = new Date(Date.now() + 10_000).toUTCString();
    receiver.reply(
      { status: 429, headers: { 'retry-after': '7' } },
      { status: 503, headers: { 'retry-after': inTenSeconds } },
      { status: 429, headers: { 'retry-after': 'soon' } },
      { status: 429, headers: { 'retry-after': '-5' } },
    );
    const notifier = webhook(receiver);
    expect(await notifier.deliver(sampleEntry(), never)).toMatchObject({ retryAfterMs: 7000 });
    const dated = await notifier.deliver(sampleEntry(), never);
    expect(dated).toMatchObject({ retryAfterMs: expect.any(Number) });
    expect(dated.outcome === 'retry' && dated.retryAfterMs).toBeGreaterThan(8000);
    expect(await notifier.deliver(sampleEntry(), never)).not.toHaveProperty('retryAfterMs');
    expect(await notifier.deliver(sampleEntry(), never)).not.toHaveProperty('retryAfterMs', -5000);
  });

  it('neither follows an endless answer nor a trickling one', async () => {
    await using receiver = await startHttpReceiver();
    receiver.reply(
      (_, response) => {
        response.writeHead(200);
        const flood = setInterval(() => response.write('x'.repeat(8192)), 1);
        response.on('close', () => clearInterval(flood));
      },
      (_, response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write('x'), 20);
        response.on('close', () => clearInterval(drip));
      },
    );
    const notifier = webhook(receiver, { timeout: 0.3 });
    expect(await notifier.deliver(sampleEntry(), never)).toMatchObject({ outcome: 'delivered' });
    const startedAt = performance.now();
    expect(await notifier.deliver(sampleEntry(), never)).toMatchObject({ outcome: 'delivered' });
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});
