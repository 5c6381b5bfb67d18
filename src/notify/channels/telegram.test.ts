import { describe, expect, it } from 'vitest';
import { silentLog } from '../../model/log.ts';
import { type HttpReceiver, startHttpReceiver } from '../../testing/http-receiver.ts';
import { describeNotifier, sampleEntry, sampleLinks } from '../notifier.contract.ts';
import { createNotifiers } from '../registry.ts';
import { notificationsSettings } from '../settings.ts';

const never = new AbortController().signal;
const token = '123456:s3cret-bot-token';

function telegram(receiver: HttpReceiver, settings: object = {}) {
  const notifications = notificationsSettings.parse({
    log: { enabled: false },
    telegram: { enabled: true, bot_token: token, chat_id: '-1001', api_url: receiver.url, ...settings },
  });
  return createNotifiers({ settings: notifications, log: silentLog, version: '1.2.3', links: sampleLinks })[0]!;
}

interface Message {
  chat_id: string;
  text: string;
  parse_mode?: string;
}

/** Reads the markup as Telegram does: its few tags, closed in order, its four entities, and nothing else that looks like either. */
function textOfHtml(html: string): string {
  const open: string[] = [];
  const text = html.replaceAll(/<(\/?)(b|pre|a)(?: href="[^"<>]*")?>/g, (_, end: string, tag: string) => {
    if (end === '') open.push(tag);
    else expect(open.pop()).toBe(tag);
    return '';
  });
  expect(open).toEqual([]);
  expect(text).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot|#39);)/);
  return text.replaceAll(/&(amp|lt|gt|quot|#39);/g, 'x');
}

const sent = { status: 200, body: '{"ok":true,"result":{"message_id":1}}' };

describeNotifier('telegram', async () => {
  const receiver = await startHttpReceiver();
  return {
    notifier: telegram(receiver),
    works: () => receiver.reply(sent),
    refusesForNow: () => receiver.reply({ status: 500, body: '{"ok":false,"error_code":500}' }),
    refusesLogin: () =>
      receiver.reply({ status: 401, body: '{"ok":false,"error_code":401,"description":"Unauthorized"}' }),
    hangs: () => receiver.reply(() => undefined),
    goesAway: () => receiver.close(),
    received: () => receiver.requests.length,
    assertValid() {
      for (const { body, url } of receiver.requests) {
        expect(url).toBe(`/bot${token}/sendMessage`);
        const message = JSON.parse(body) as Message;
        expect(message).toMatchObject({ chat_id: '-1001', parse_mode: 'HTML' });
        const text = textOfHtml(message.text);
        expect(text.length).toBeGreaterThan(0);
        expect(message.text.length).toBeLessThanOrEqual(4096);
      }
    },
    secrets: ['s3cret-bot-token'],
    dispose: () => receiver.close(),
  };
});

describe('the telegram channel', () => {
  it('sends plain text when the markup is refused', async () => {
    await using receiver = await startHttpReceiver();
    receiver.reply(
      { status: 400, body: '{"ok":false,"error_code":400,"description":"Bad Request: can\'t parse entities"}' },
      sent,
    );
    expect(await telegram(receiver).deliver(sampleEntry(), never)).toMatchObject({ outcome: 'delivered' });
    const [, plain] = receiver.requests.map(({ body }) => JSON.parse(body) as Message);
    expect(plain).not.toHaveProperty('parse_mode');
    expect(plain!.text).toContain('High CPU usage');
  });

  it.each([
    [
      429,
      '{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}',
      { outcome: 'retry', reason: 'rate-limited', retryAfterMs: 7000 },
    ],
    [
      400,
      '{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}',
      { outcome: 'final', reason: 'gone' },
    ],
    [
      403,
      '{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}',
      { outcome: 'final', reason: 'gone' },
    ],
    [404, '{"ok":false,"error_code":404,"description":"Not Found"}', { outcome: 'final', reason: 'auth' }],
    [200, '{"ok":false}', { outcome: 'final', reason: 'invalid' }],
  ])('takes %i %s for what it is', async (status, body, result) => {
    await using receiver = await startHttpReceiver();
    receiver.reply({ status, body });
    expect(await telegram(receiver).deliver(sampleEntry(), never)).toMatchObject(result);
  });

  it('links to the page that acknowledges, and posts to a topic', async () => {
    await using receiver = await startHttpReceiver();
    receiver.reply(sent);
    await telegram(receiver, { message_thread_id: 9 }).deliver(sampleEntry(), never);
    expect(JSON.parse(receiver.requests[0]!.body)).toMatchObject({
      message_thread_id: 9,
      text: expect.stringContaining('<a href="https://monitor.example/ack">Acknowledge</a>'),
    });
  });
});
