import type { DeliveryResult } from '../../model/notification.ts';
import { createAccepted } from '../accepted.ts';
import type { ChannelKind } from '../channel-kind.ts';
import { sendHttp } from '../http-send.ts';
import { verdictOf } from '../http-verdict.ts';
import { headword } from '../words.ts';
import type { SmsSettings } from './sms-settings.ts';
import { smsText } from './sms-text.ts';

const timeoutMs = 10_000;
/** Seconds after which Twilio may no longer send it: a page about the past is worse than none. */
const validSeconds = 300;

/** Channel `sms`: Twilio Messages, one request for each number. */
export const smsKind: ChannelKind<SmsSettings> = {
  kind: 'sms',
  create(sms, { version }) {
    const accepted = createAccepted();
    return {
      target: sms.to_numbers.map(hidden).join(', '),
      timeoutMs: sms.to_numbers.length * timeoutMs + 1000,
      rate: { burst: 10, perMinute: 60 },
      // Twilio cannot tell a repetition, and the second page would wake somebody for nothing.
      ambiguousWaitMs: 60_000,
      async deliver(entry, signal) {
        const text = smsText(`CryoProtect ${headword(entry)} ALERT - ${entry.facts.source}: ${entry.facts.message}`);
        const results: DeliveryResult[] = [];
        for (const number of accepted.missing(entry.id, sms.to_numbers)) {
          const result = await send(sms, number, text, version, signal);
          if (result.outcome === 'delivered') accepted.add(entry.id, number);
          results.push(result);
        }
        const total = sum(results);
        if (total.outcome !== 'retry') accepted.done(entry.id);
        return total;
      },
    };
  },
};

async function send(
  sms: SmsSettings,
  number: string,
  text: string,
  version: string,
  signal: AbortSignal,
): Promise<DeliveryResult> {
  const url = new URL(`/2010-04-01/Accounts/${encodeURIComponent(sms.account_sid)}/Messages.json`, sms.api_url);
  const sender = sms.from_number.startsWith('MG') ? 'MessagingServiceSid' : 'From';
  const form = new URLSearchParams({
    To: number,
    [sender]: sms.from_number,
    Body: text,
    ValidityPeriod: String(validSeconds),
  });
  const answer = await sendHttp({
    url: url.href,
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from(`${sms.account_sid}:${sms.auth_token}`).toString('base64')}`,
      'user-agent': `cryoprotect-monitoring/${version}`,
    },
    body: form.toString(),
    timeoutMs,
    signal,
  });
  const result = verdictOf(answer, `POST ${url.origin} to ${hidden(number)}`, Date.now());
  if (result.outcome !== 'delivered' || 'failed' in answer) return result;
  return { outcome: 'delivered', summary: `${result.summary} ${sidOf(answer.body)}`.trim() };
}

/** Another attempt as long as any number may still get it; otherwise delivered when anybody has it. */
function sum(results: readonly DeliveryResult[]): DeliveryResult {
  const summary = results.map((each) => each.summary).join('; ');
  const retry = results.find((each) => each.outcome === 'retry');
  if (retry) return { ...retry, summary };
  const final = results.find((each) => each.outcome === 'final');
  const any = results.some((each) => each.outcome === 'delivered');
  return final && !any ? { ...final, summary } : { outcome: 'delivered', summary };
}

function sidOf(body: string): string {
  return /"sid"\s*:\s*"((?:SM|MM)[0-9a-f]{32})"/.exec(body)?.[1] ?? '';
}

/** A telephone number with only its end readable. */
function hidden(number: string): string {
  return `…${number.slice(-4)}`;
}
