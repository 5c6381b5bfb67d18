import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../model/log.ts';
import { type HttpReceiver, startHttpReceiver } from '../../testing/http-receiver.ts';
import { describeNotifier, sampleEnd, sampleEntry } from '../notifier.contract.ts';
import { createNotifiers } from '../registry.ts';
import { notificationsSettings } from '../settings.ts';
import { smsText } from './sms-text.ts';

const never = new AbortController().signal;
const account = `AC${'0'.repeat(32)}`;
const contract = JSON.parse(
  readFileSync(new URL('../../../test/contracts/twilio-messages.openapi.json', import.meta.url), 'utf8'),
) as {
  components: object;
  paths: Record<
    string,
    {
      post: {
        requestBody: { content: Record<string, { schema: object }> };
        responses: Record<string, { content: Record<string, { examples: Record<string, { value: object }> }> }>;
      };
    }
  >;
};
const { post } = contract.paths['/2010-04-01/Accounts/{AccountSid}/Messages.json']!;
const ajv = new Ajv.default({
  strict: false,
  formats: Object.fromEntries(
    ['phone-number', 'date-time-rfc-2822', 'uri-map', 'currency', 'url', 'uri', 'int32', 'date-time'].map((name) => [
      name,
      true,
    ]),
  ),
});
const request = post.requestBody.content['application/x-www-form-urlencoded']!.schema;
const validate = ajv.compile({ ...request, components: contract.components });
const created = {
  status: 201,
  body: JSON.stringify(Object.values(post.responses['201']!.content['application/json']!.examples)[0]!.value),
};

function sms(receiver: HttpReceiver, settings: object = {}) {
  const notifications = notificationsSettings.parse({
    log: { enabled: false },
    sms: {
      enabled: true,
      account_sid: account,
      auth_token: 't0ken',
      from_number: '+15550001111',
      to_numbers: ['+15550002222'],
      api_url: receiver.url,
      ...settings,
    },
  });
  return createNotifiers({ settings: notifications, log: silentLog, version: '1.2.3' })[0]!;
}

const fieldsOf = (body: string) => Object.fromEntries(new URLSearchParams(body)) as Record<string, string>;

describeNotifier('sms', async () => {
  const receiver = await startHttpReceiver();
  return {
    notifier: sms(receiver),
    works: () => receiver.reply(created),
    refusesForNow: () => receiver.reply(503),
    refusesLogin: () => receiver.reply({ status: 401, body: '{"code":20003,"message":"Authenticate","status":401}' }),
    hangs: () => receiver.reply(() => undefined),
    goesAway: () => receiver.close(),
    received: () => receiver.requests.length,
    assertValid() {
      for (const { body, url, headers } of receiver.requests) {
        const fields = fieldsOf(body);
        expect(url).toBe(`/2010-04-01/Accounts/${account}/Messages.json`);
        expect(headers.authorization).toBe(`Basic ${Buffer.from(`${account}:t0ken`).toString('base64')}`);
        expect(
          validate({ ...fields, ValidityPeriod: Number(fields.ValidityPeriod) }),
          JSON.stringify(validate.errors),
        ).toBe(true);
        expect(fields.Body!.length).toBeLessThanOrEqual(306);
        expect(fields.Body!.length).toBeGreaterThan(0);
      }
    },
    secrets: ['t0ken', '+15550002222'],
    dispose: () => receiver.close(),
  };
});

describe('the sms channel', () => {
  it("sends the predecessor's text from a number or a messaging service, for five minutes at most", async () => {
    await using receiver = await startHttpReceiver();
    receiver.reply(created);
    await sms(receiver).deliver(sampleEntry(), never);
    await sms(receiver, { from_number: `MG${'1'.repeat(32)}` }).deliver(sampleEnd(), never);
    const [first, second] = receiver.requests.map((each) => fieldsOf(each.body));
    expect(first).toEqual({
      To: '+15550002222',
      From: '+15550001111',
      Body: 'CryoProtect ERROR ALERT - system: High CPU usage: 95.0 %',
      ValidityPeriod: '300',
    });
    expect(second).toMatchObject({
      MessagingServiceSid: `MG${'1'.repeat(32)}`,
      Body: expect.stringContaining('RESOLVED'),
    });
  });

  it('goes on to the other numbers when one fails, and sends another attempt only to that one', async () => {
    await using receiver = await startHttpReceiver();
    receiver.reply(created, 503, created);
    const notifier = sms(receiver, { to_numbers: ['+15550000001', '+15550000002', '+15550000003'] });
    expect(await notifier.deliver(sampleEntry(), never)).toMatchObject({ outcome: 'retry' });
    expect(await notifier.deliver(sampleEntry(), never)).toMatchObject({ outcome: 'delivered' });
    expect(receiver.requests.map((each) => fieldsOf(each.body).To)).toEqual([
      '+15550000001',
      '+15550000002',
      '+15550000003',
      '+15550000002',
    ]);
  });

  it('counts as delivered what anybody got, and as final what nobody can get', async () => {
    await using receiver = await startHttpReceiver();
    const bad = { status: 400, body: '{"code":21211,"message":"invalid To","status":400}' };
    receiver.reply(bad, created);
    const two = sms(receiver, { to_numbers: ['+1', '+15550000002'] });
    expect(await two.deliver(sampleEntry(), never)).toMatchObject({
      outcome: 'delivered',
      summary: expect.stringContaining('21211'),
    });
    receiver.reply(bad);
    expect(await sms(receiver).deliver(sampleEntry(), never)).toMatchObject({ outcome: 'final', reason: 'invalid' });
  });

  it('writes in the alphabet of SMS, on one line', () => {
    expect(smsText('Zürich “ok” → 5 ≥ 3 …\nNaïve Ñandú ☃😀')).toBe('Zürich "ok" -> 5 >= 3 ... Naive Ñandu ');
  });
});
