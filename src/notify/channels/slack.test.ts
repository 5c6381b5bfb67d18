import { readFileSync } from 'node:fs';
import type { KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../model/log.ts';
import { type HttpReceiver, startHttpReceiver } from '../../testing/http-receiver.ts';
import { describeNotifier, sampleEnd, sampleEntry, sampleLinks } from '../notifier.contract.ts';
import { createNotifiers } from '../registry.ts';
import { notificationsSettings } from '../settings.ts';
import { slackMessage, slackText } from './slack-message.ts';

const never = new AbortController().signal;
const { limits } = JSON.parse(
  readFileSync(new URL('../../../test/contracts/slack-blockkit.limits.json', import.meta.url), 'utf8'),
) as { limits: Record<string, number> };

function slack(receiver: HttpReceiver, settings: object = {}) {
  const notifications = notificationsSettings.parse({
    log: { enabled: false },
    slack: { enabled: true, webhook_url: `${receiver.url}/services/T0/B0/s3cret`, ...settings },
  });
  return createNotifiers({ settings: notifications, log: silentLog, version: '1.2.3' })[0]!;
}

interface Text {
  type: string;
  text: string;
}
interface Block {
  type: string;
  text?: Text;
  fields?: Text[];
  elements?: Text[];
}
interface Message {
  text: string;
  attachments?: { color: string; blocks: Block[] }[];
}

/** Throws when a message breaks a limit of Block Kit, or holds a character Slack would read as markup of its own. */
function assertMessage(body: string): void {
  const message = JSON.parse(body) as Message;
  const check = (text: string | undefined, limit: string, least = 1) => {
    expect(text?.length, limit).toBeGreaterThanOrEqual(least);
    expect(text!.length, limit).toBeLessThanOrEqual(limits[limit]!);
    expect(text!.replaceAll(/&(amp|lt|gt);/g, ''), limit).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
  };
  check(message.text, 'message.text.max_chars_then_truncated');
  let total = 0;
  for (const { blocks } of message.attachments ?? []) {
    expect(blocks.length).toBeLessThanOrEqual(limits['message.blocks.max']!);
    for (const block of blocks) {
      total += JSON.stringify(block).length;
      if (block.type === 'header') {
        expect(block.text?.type).toBe('plain_text');
        expect(block.text!.text.length).toBeLessThanOrEqual(limits['header.text.max']!);
        continue;
      }
      if (block.text) check(block.text.text, 'section.text.max');
      expect(block.fields?.length ?? 0).toBeLessThanOrEqual(limits['section.fields.max_items']!);
      for (const field of block.fields ?? []) check(field.text, 'section.fields.item.max');
      expect(block.elements?.length ?? 0).toBeLessThanOrEqual(limits['context.elements.max_items']!);
    }
  }
  expect(total).toBeLessThanOrEqual(limits['message.blocks.total_chars_observed_max_about']!);
}

describeNotifier('slack', async () => {
  const receiver = await startHttpReceiver();
  return {
    notifier: slack(receiver),
    works: () => receiver.reply({ status: 200, body: 'ok' }),
    refusesForNow: () => receiver.reply({ status: 500, body: 'rollup_error' }),
    refusesLogin: () => receiver.reply({ status: 403, body: 'invalid_token' }),
    hangs: () => receiver.reply(() => undefined),
    goesAway: () => receiver.close(),
    received: () => receiver.requests.length,
    assertValid() {
      for (const { body, headers } of receiver.requests) {
        assertMessage(body);
        expect(headers['content-type']).toBe('application/json');
      }
    },
    secrets: ['s3cret'],
    dispose: () => receiver.close(),
  };
});

describe('the slack channel', () => {
  it("builds what Slack's own types accept, with the links that acknowledge and open the alert", () => {
    const settings = notificationsSettings.parse({
      slack: { enabled: true, webhook_url: 'https://h.example/x' },
    }).slack;
    const message = slackMessage(sampleEntry(), settings, sampleLinks);
    const blocks: KnownBlock[] = message.attachments[0].blocks;
    const types = blocks.map(({ type }) => type);
    expect(types).toEqual(['header', 'section', 'section', 'section', 'section', 'section', 'context']);
    expect(JSON.stringify(blocks)).toContain('<https://monitor.example/ack|Acknowledge>');
  });

  it('says what happened in the notification text, with a colour for the severity and green for the end', async () => {
    await using receiver = await startHttpReceiver();
    receiver.reply({ status: 200, body: 'ok' });
    const notifier = slack(receiver, { channel: '#ops' });
    await notifier.deliver(sampleEntry(), never);
    await notifier.deliver(sampleEnd(), never);
    const [firing, end] = receiver.requests.map((each) => JSON.parse(each.body) as Message & Record<string, unknown>);
    expect(firing).toMatchObject({ channel: '#ops', username: 'CryoProtect Monitoring', icon_emoji: ':warning:' });
    expect(firing!.text).toBe('ERROR: high_cpu_usage: High CPU usage: 95.0 %');
    expect(firing!.attachments![0]!.color).toBe('#e74c3c');
    expect(end!.text).toContain('RESOLVED: high_cpu_usage');
    expect(end!.attachments![0]!.color).toBe('#27ae60');
  });

  it('sends plain text when the blocks are refused, and no second time when that is refused too', async () => {
    await using receiver = await startHttpReceiver();
    receiver.reply({ status: 400, body: 'invalid_blocks' }, { status: 200, body: 'ok' });
    expect(await slack(receiver).deliver(sampleEntry(), never)).toMatchObject({
      outcome: 'delivered',
      summary: expect.stringContaining('invalid_blocks'),
    });
    expect(JSON.parse(receiver.requests[1]!.body)).not.toHaveProperty('attachments');
    receiver.reply({ status: 400, body: 'invalid_payload' });
    expect(await slack(receiver).deliver(sampleEntry(), never)).toMatchObject({ outcome: 'final', reason: 'invalid' });
    expect(receiver.requests).toHaveLength(4);
  });

  it.each([
    [200, 'no_text', 'final', 'invalid'],
    [404, 'channel_not_found', 'final', 'gone'],
    [410, 'channel_is_archived', 'final', 'gone'],
    [429, '{"retry_after":1,"ok":false,"error":"rate_limited"}', 'retry', 'rate-limited'],
  ])('takes %i %s for %s', async (status, body, outcome, reason) => {
    await using receiver = await startHttpReceiver();
    receiver.reply({ status, body, headers: { 'retry-after': '1' } });
    expect(await slack(receiver).deliver(sampleEntry(), never)).toMatchObject({ outcome, reason });
  });

  it('never cuts an escaped character in two', () => {
    for (let limit = 2; limit < 30; limit++) {
      const text = slackText('<&>'.repeat(10), limit);
      expect(text.length).toBeLessThanOrEqual(limit);
      expect(text.replaceAll(/&(amp|lt|gt);/g, '')).toBe('…');
    }
  });
});
