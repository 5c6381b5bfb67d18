import { describe, expect, it } from 'vitest';
import { silentLog } from '../../model/log.ts';
import { compileContract, readContract } from '../../testing/contract-validator.ts';
import { type HttpReceiver, startHttpReceiver } from '../../testing/http-receiver.ts';
import { describeNotifier, sampleEnd, sampleEntry, sampleLinks } from '../notifier.contract.ts';
import { createNotifiers } from '../registry.ts';
import { notificationsSettings } from '../settings.ts';
import { discordText } from './discord.ts';

const never = new AbortController().signal;
const contract = readContract('discord-execute-webhook.openapi.json') as {
  components: { schemas: Record<string, object> };
};
const validate = compileContract(contract.components.schemas['IncomingWebhookRequestPartial']!, {
  components: contract.components,
});

interface Embed {
  title: string;
  description: string;
  color: number;
  fields: { name: string; value: string }[];
  footer: { text: string };
  url?: string;
}
interface Message {
  allowed_mentions: { parse: string[] };
  embeds: [Embed];
}

function discord(receiver: HttpReceiver, settings: object = {}) {
  const notifications = notificationsSettings.parse({
    log: { enabled: false },
    discord: { enabled: true, webhook_url: `${receiver.url}/api/webhooks/1/s3cret`, ...settings },
  });
  return createNotifiers({ settings: notifications, log: silentLog, version: '1.2.3', links: sampleLinks })[0]!;
}

/** What Discord states in prose and not in its document. */
function assertLimits(body: string): void {
  const message = JSON.parse(body) as Message;
  expect(validate(message), JSON.stringify(validate.errors)).toBe(true);
  expect(message.allowed_mentions).toEqual({ parse: [] });
  const [{ title, description, fields, footer }] = message.embeds;
  expect(title.length).toBeLessThanOrEqual(256);
  expect(description.length).toBeLessThanOrEqual(4096);
  expect(fields.length).toBeLessThanOrEqual(25);
  for (const { name, value } of fields) {
    expect(name.length).toBeGreaterThan(0);
    expect(name.length).toBeLessThanOrEqual(256);
    expect(value.length).toBeGreaterThan(0);
    expect(value.length).toBeLessThanOrEqual(1024);
  }
  const parts = [title, description, footer.text, ...fields.flatMap(({ name, value }) => [name, value])];
  expect(parts.join('').length).toBeLessThanOrEqual(6000);
}

const saved = { status: 200, body: '{"id":"1","content":""}' };

describeNotifier('discord', async () => {
  const receiver = await startHttpReceiver();
  return {
    notifier: discord(receiver),
    works: () => receiver.reply(saved),
    refusesForNow: () => receiver.reply(502),
    refusesLogin: () => receiver.reply({ status: 401, body: '{"message":"401: Unauthorized","code":0}' }),
    hangs: () => receiver.reply(() => undefined),
    goesAway: () => receiver.close(),
    received: () => receiver.requests.length,
    assertValid() {
      for (const { body, url } of receiver.requests) {
        expect(url).toBe('/api/webhooks/1/s3cret?wait=true');
        assertLimits(body);
      }
    },
    secrets: ['s3cret'],
    dispose: () => receiver.close(),
  };
});

describe('the discord channel', () => {
  it('has the colour of the severity, the link that acknowledges and the thread', async () => {
    await using receiver = await startHttpReceiver();
    receiver.reply(saved);
    const notifier = discord(receiver, { thread_id: '77' });
    await notifier.deliver(sampleEntry(), never);
    await notifier.deliver(sampleEnd(), never);
    const [firing, end] = receiver.requests.map((each) => (JSON.parse(each.body) as Message).embeds[0]);
    expect(receiver.requests[0]!.url).toContain('thread_id=77');
    expect(firing).toMatchObject({ title: 'ERROR: high_cpu_usage', color: 0xe74c3c });
    expect(firing!.description).toContain('[Acknowledge](https://monitor.example/ack)');
    expect(firing!.url).toContain('https://monitor.example/');
    expect(end).toMatchObject({ title: 'RESOLVED: high_cpu_usage', color: 0x27ae60 });
    expect(end!.description).not.toContain('Acknowledge');
  });

  it('waits as long as the body says, to the millisecond', async () => {
    await using receiver = await startHttpReceiver();
    receiver.reply({ status: 429, body: '{"message":"rate limited","retry_after":0.65,"global":false}' });
    expect(await discord(receiver).deliver(sampleEntry(), never)).toMatchObject({
      outcome: 'retry',
      reason: 'rate-limited',
      retryAfterMs: 650,
    });
  });

  it('takes the meaning from every mark, and cuts none of them in two', () => {
    expect(discordText('*a* _b_ [c](d) <@1> # x', 100)).toBe('\\*a\\* \\_b\\_ \\[c\\]\\(d\\) \\<\\@1\\> \\# x');
    for (let limit = 2; limit < 20; limit++) {
      const text = discordText('****'.repeat(10), limit);
      expect(text.length).toBeLessThanOrEqual(limit);
      expect(text).toMatch(/^(\\\*)*…$/);
    }
  });
});
