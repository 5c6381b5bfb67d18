import { describe, expect, it } from 'vitest';
import { silentLog } from '../../model/log.ts';
import { compileContract } from '../../testing/contract-validator.ts';
import { type HttpReceiver, startHttpReceiver } from '../../testing/http-receiver.ts';
import { describeNotifier, sampleEnd, sampleEntry, sampleLinks } from '../notifier.contract.ts';
import { createNotifiers } from '../registry.ts';
import { notificationsSettings } from '../settings.ts';

const never = new AbortController().signal;
const textRun = {
  type: 'object',
  required: ['type', 'text'],
  properties: {
    type: { const: 'TextRun' },
    text: { type: 'string', minLength: 1 },
    size: { enum: ['Small', 'Default', 'Medium', 'Large', 'ExtraLarge'] },
    weight: { enum: ['Lighter', 'Default', 'Bolder'] },
    fontType: { enum: ['Default', 'Monospace'] },
    color: { enum: ['Default', 'Dark', 'Light', 'Accent', 'Good', 'Warning', 'Attention'] },
  },
  additionalProperties: false,
};
/** The message of a workflow with an Adaptive Card 1.4, as far as the channel uses it; from Microsoft's documentation. */
const validate = compileContract({
  type: 'object',
  required: ['type', 'attachments'],
  properties: {
    type: { const: 'message' },
    attachments: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      items: {
        type: 'object',
        required: ['contentType', 'content'],
        properties: {
          contentType: { const: 'application/vnd.microsoft.card.adaptive' },
          contentUrl: { type: 'null' },
          content: {
            type: 'object',
            required: ['type', 'version', 'body'],
            properties: {
              type: { const: 'AdaptiveCard' },
              version: { enum: ['1.2', '1.3', '1.4', '1.5'] },
              body: {
                type: 'array',
                minItems: 1,
                items: {
                  type: 'object',
                  required: ['type', 'inlines'],
                  properties: { type: { const: 'RichTextBlock' }, inlines: { type: 'array', items: textRun } },
                  additionalProperties: false,
                },
              },
              actions: {
                type: 'array',
                items: {
                  type: 'object',
                  required: ['type', 'title', 'url'],
                  properties: { type: { const: 'Action.OpenUrl' } },
                },
              },
            },
          },
        },
      },
    },
  },
});

function teams(receiver: HttpReceiver, settings: object = {}) {
  const notifications = notificationsSettings.parse({
    log: { enabled: false },
    teams: { enabled: true, webhook_url: `${receiver.url}/workflows/s3cret?sig=t0p`, ...settings },
  });
  return createNotifiers({ settings: notifications, log: silentLog, version: '1.2.3', links: sampleLinks })[0]!;
}

const took = { status: 202, body: '' };

describeNotifier('teams', async () => {
  const receiver = await startHttpReceiver();
  return {
    notifier: teams(receiver),
    works: () => receiver.reply(took),
    refusesForNow: () => receiver.reply(503),
    refusesLogin: () => receiver.reply(401),
    hangs: () => receiver.reply(() => undefined),
    goesAway: () => receiver.close(),
    received: () => receiver.requests.length,
    assertValid() {
      for (const { body } of receiver.requests) {
        expect(validate(JSON.parse(body)), JSON.stringify(validate.errors)).toBe(true);
        expect(Buffer.byteLength(body)).toBeLessThanOrEqual(20_000);
      }
    },
    secrets: ['s3cret', 't0p'],
    dispose: () => receiver.close(),
  };
});

describe('the teams channel', () => {
  it('has buttons that acknowledge and open the alert, and no button to acknowledge what is over', async () => {
    await using receiver = await startHttpReceiver();
    receiver.reply(took);
    await teams(receiver).deliver(sampleEntry(), never);
    await teams(receiver).deliver(sampleEnd(), never);
    const titles = receiver.requests.map(({ body }) => {
      const card = JSON.parse(body) as { attachments: [{ content: { actions: { title: string }[] } }] };
      return card.attachments[0].content.actions.map((action) => action.title);
    });
    expect(titles).toEqual([['Acknowledge', 'Open the alert'], ['Open the alert']]);
  });

  it.each([
    ['1', 'delivered', undefined],
    [
      'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429',
      'retry',
      'rate-limited',
    ],
    ['Microsoft Teams endpoint returned HTTP error 413', 'final', 'invalid'],
  ])('believes the body of a connector of old: %s', async (body, outcome, reason) => {
    await using receiver = await startHttpReceiver();
    receiver.reply({ status: 200, body });
    expect(await teams(receiver).deliver(sampleEntry(), never)).toMatchObject({
      outcome,
      ...(reason === undefined ? {} : { reason }),
    });
  });
});
