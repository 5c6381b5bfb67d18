import Ajv from 'ajv';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../model/log.ts';
import { type HttpReceiver, startHttpReceiver } from '../../testing/http-receiver.ts';
import { describeNotifier, sampleEnd, sampleEntry, sampleLinks } from '../notifier.contract.ts';
import { changeEntry } from '../own-messages.ts';
import { createNotifiers } from '../registry.ts';
import { notificationsSettings } from '../settings.ts';

const never = new AbortController().signal;
const key = 'abcdefghijklmnopqrstuvwxyz012345';

/** Events API v2, written from its documentation, with the limits it states in prose. */
const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['routing_key', 'event_action', 'dedup_key'],
  properties: {
    routing_key: { type: 'string', minLength: 32, maxLength: 32 },
    event_action: { enum: ['trigger', 'acknowledge', 'resolve'] },
    dedup_key: { type: 'string', minLength: 1, maxLength: 255 },
    client: { type: 'string' },
    client_url: { type: 'string' },
    links: {
      type: 'array',
      items: {
        type: 'object',
        required: ['href'],
        additionalProperties: false,
        properties: { href: { type: 'string' }, text: { type: 'string' } },
      },
    },
    payload: {
      type: 'object',
      additionalProperties: false,
      required: ['summary', 'source', 'severity'],
      properties: {
        summary: { type: 'string', minLength: 1, maxLength: 1024 },
        source: { type: 'string', minLength: 1 },
        severity: { enum: ['critical', 'error', 'warning', 'info'] },
        timestamp: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' },
        component: { type: 'string' },
        group: { type: 'string' },
        class: { type: 'string' },
        custom_details: { type: 'object' },
      },
    },
  },
  if: { properties: { event_action: { const: 'trigger' } } },
  // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
  then: { required: ['payload'] },
};
const validate = new Ajv.default({ strict: false }).compile(schema);
const took = { status: 202, body: '{"status":"success","message":"Event processed","dedup_key":"x"}' };

function pagerduty(receiver: HttpReceiver, settings: object = {}) {
  const notifications = notificationsSettings.parse({
    log: { enabled: false },
    pagerduty: { enabled: true, integration_key: key, api_url: receiver.url, ...settings },
  });
  return createNotifiers({ settings: notifications, log: silentLog, version: '1.2.3', links: sampleLinks })[0]!;
}

describeNotifier('pagerduty', async () => {
  const receiver = await startHttpReceiver();
  return {
    notifier: pagerduty(receiver),
    works: () => receiver.reply(took),
    refusesForNow: () => receiver.reply(500),
    refusesLogin: () =>
      receiver.reply({ status: 400, body: '{"status":"invalid event","errors":["\'routing_key\' is invalid"]}' }),
    hangs: () => receiver.reply(() => undefined),
    goesAway: () => receiver.close(),
    received: () => receiver.requests.length,
    assertValid() {
      for (const { body, url } of receiver.requests) {
        expect(url).toBe('/v2/enqueue');
        expect(Buffer.byteLength(body)).toBeLessThanOrEqual(512 * 1024);
        expect(validate(JSON.parse(body)), JSON.stringify(validate.errors)).toBe(true);
      }
    },
    secrets: [key],
    dispose: () => receiver.close(),
  };
});

describe('the pagerduty channel', () => {
  it('opens, raises, acknowledges and closes one incident for one episode', async () => {
    await using receiver = await startHttpReceiver();
    receiver.reply(took);
    const notifier = pagerduty(receiver, { severity_mapping: { critical: 'error' } });
    await notifier.deliver(sampleEntry(), never);
    await notifier.deliver(sampleEntry({ event: 'escalated' }, { severity: 'critical' }), never);
    await notifier.deliver(sampleEntry({ event: 'acknowledged' }), never);
    await notifier.deliver(sampleEnd(), never);
    const events = receiver.requests.map((each) => JSON.parse(each.body) as Record<string, Record<string, unknown>>);
    expect(events.map((each) => each.event_action)).toEqual(['trigger', 'trigger', 'acknowledge', 'resolve']);
    expect(new Set(events.map((each) => each.dedup_key))).toEqual(
      new Set(['CryoProtect:system:high_cpu_usage:01k0episode000000000000']),
    );
    expect(events[0]!.payload).toMatchObject({
      summary: 'High CPU usage: 95.0 %',
      source: 'system',
      severity: 'error',
      component: 'CryoProtect',
      group: 'Monitoring',
      class: 'application',
      custom_details: { alert_type: 'high_cpu_usage', context: { load: 3.5 } },
    });
    expect(events[1]!.payload!.severity).toBe('error');
  });

  it('links to the alert, to the page that acknowledges and to what to do about it', async () => {
    await using receiver = await startHttpReceiver();
    receiver.reply(took);
    await pagerduty(receiver).deliver(sampleEntry({}, { runbook: 'https://wiki.example/cpu' }), never);
    expect(JSON.parse(receiver.requests[0]!.body)).toMatchObject({
      client_url: 'https://monitor.example/alerts/01k0episode000000000000',
      links: [
        { text: 'Open the alert' },
        { href: 'https://monitor.example/ack', text: 'Acknowledge' },
        { href: 'https://wiki.example/cpu', text: 'Runbook' },
      ],
    });
  });

  it('tells changes as change events, which page nobody', async () => {
    await using receiver = await startHttpReceiver();
    receiver.reply(took);
    const notifier = pagerduty(receiver, { change_events: true });
    expect([notifier.changes, pagerduty(receiver).changes]).toEqual([true, false]);
    const line = {
      id: 'j',
      at: Date.UTC(2026, 0, 1),
      kind: 'deploy',
      text: 'Release 1.4.0',
      severity: 'info',
    } as const;
    const entry = changeEntry('pagerduty', { ...line, about: { release: '1.4.0' } }, Date.UTC(2026, 0, 1))!;
    expect(await notifier.deliver(entry, never)).toMatchObject({ outcome: 'delivered' });
    const { url, body } = receiver.requests[0]!;
    expect(url).toBe('/v2/change/enqueue');
    expect(JSON.parse(body)).toEqual({
      routing_key: key,
      payload: {
        summary: 'Release 1.4.0',
        source: 'CryoProtect',
        timestamp: '2026-01-01T00:00:00.000Z',
        custom_details: { kind: 'deploy', release: '1.4.0' },
      },
    });
    expect(changeEntry('pagerduty', { ...line, kind: 'alert' }, 0)).toBeUndefined();
  });

  it('leaves no incident open after a test', async () => {
    await using receiver = await startHttpReceiver();
    receiver.reply(took);
    await pagerduty(receiver).deliver(sampleEntry({ event: 'test' }), never);
    expect(receiver.requests.map((each) => (JSON.parse(each.body) as { event_action: string }).event_action)).toEqual([
      'trigger',
      'resolve',
    ]);
  });

  it('waits half a minute when it is too much, as no time is named', async () => {
    await using receiver = await startHttpReceiver();
    receiver.reply(429);
    expect(await pagerduty(receiver).deliver(sampleEntry(), never)).toMatchObject({
      reason: 'rate-limited',
      retryAfterMs: 30_000,
    });
    receiver.reply({ status: 400, body: '{"status":"invalid event","errors":["summary is too long"]}' });
    expect(await pagerduty(receiver).deliver(sampleEntry(), never)).toMatchObject({
      outcome: 'final',
      reason: 'invalid',
    });
  });
});
