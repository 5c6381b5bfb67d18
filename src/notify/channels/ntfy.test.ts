import { describe, expect, it } from 'vitest';
import { silentLog } from '../../model/log.ts';
import { compileContract } from '../../testing/contract-validator.ts';
import { type HttpReceiver, startHttpReceiver } from '../../testing/http-receiver.ts';
import { describeNotifier, sampleEnd, sampleEntry, sampleLinks } from '../notifier.contract.ts';
import { createNotifiers } from '../registry.ts';
import { notificationsSettings } from '../settings.ts';

const never = new AbortController().signal;
/** What ntfy's documentation says of publishing as JSON. */
const validate = compileContract({
  type: 'object',
  required: ['topic'],
  additionalProperties: false,
  properties: {
    topic: { type: 'string', pattern: '^[-_A-Za-z0-9]{1,64}$' },
    title: { type: 'string' },
    message: { type: 'string', minLength: 1 },
    priority: { type: 'integer', minimum: 1, maximum: 5 },
    tags: { type: 'array', items: { type: 'string' } },
    click: { type: 'string' },
    actions: {
      type: 'array',
      maxItems: 3,
      items: {
        type: 'object',
        required: ['action', 'label', 'url'],
        properties: {
          action: { enum: ['view', 'http', 'broadcast'] },
          method: { type: 'string' },
          clear: { type: 'boolean' },
        },
      },
    },
  },
});

function ntfy(receiver: HttpReceiver, settings: object = {}) {
  const notifications = notificationsSettings.parse({
    log: { enabled: false },
    ntfy: { enabled: true, server_url: receiver.url, topic: 's3cret-topic', token: 'tk_s3cret', ...settings },
  });
  return createNotifiers({ settings: notifications, log: silentLog, version: '1.2.3', links: sampleLinks })[0]!;
}

describeNotifier('ntfy', async () => {
  const receiver = await startHttpReceiver();
  return {
    notifier: ntfy(receiver),
    works: () => receiver.reply({ status: 200, body: '{"id":"x"}' }),
    refusesForNow: () => receiver.reply(507),
    refusesLogin: () => receiver.reply({ status: 403, body: '{"code":40301,"http":403,"error":"forbidden"}' }),
    hangs: () => receiver.reply(() => undefined),
    goesAway: () => receiver.close(),
    received: () => receiver.requests.length,
    assertValid() {
      for (const { body, url, headers } of receiver.requests) {
        expect(url).toBe('/');
        expect(headers.authorization).toBe('Bearer tk_s3cret');
        const message = JSON.parse(body) as { message: string; title: string };
        expect(validate(message), JSON.stringify(validate.errors)).toBe(true);
        expect(Buffer.byteLength(message.message)).toBeLessThanOrEqual(4096);
        expect(message.title).not.toMatch(/[\r\n]/);
      }
    },
    secrets: ['s3cret'],
    dispose: () => receiver.close(),
  };
});

describe('the ntfy channel', () => {
  it('rings louder for worse alerts, and acknowledges with one touch', async () => {
    await using receiver = await startHttpReceiver();
    for (const severity of ['info', 'warning', 'error', 'critical'] as const)
      await ntfy(receiver).deliver(sampleEntry({}, { severity }), never);
    await ntfy(receiver).deliver(sampleEnd(), never);
    const messages = receiver.requests.map(({ body }) => JSON.parse(body) as { priority: number; actions: object[] });
    expect(messages.map(({ priority }) => priority)).toEqual([2, 3, 4, 5, 3]);
    expect(messages[0]!.actions[0]).toEqual({
      action: 'http',
      label: 'Acknowledge',
      url: 'https://monitor.example/ack',
      method: 'POST',
      clear: true,
    });
    expect(messages[4]!.actions).toHaveLength(1);
  });

  it('logs in with name and password where there is no token', async () => {
    await using receiver = await startHttpReceiver();
    await ntfy(receiver, { token: '', username: 'ann', password: 'pw' }).deliver(sampleEntry(), never);
    expect(receiver.requests[0]!.headers.authorization).toBe(`Basic ${Buffer.from('ann:pw').toString('base64')}`);
  });
});
