import type { DeliveryResult, OutboxEntry } from '../../model/notification.ts';
import type { ChannelKind } from '../channel-kind.ts';
import { contextText, escapeHtml } from '../html.ts';
import { postJson, postTimeoutMs } from '../http-post.ts';
import type { Answer } from '../http-send.ts';
import { verdictOf } from '../http-verdict.ts';
import type { Links } from '../notifier-parts.ts';
import { cut, factLines, headword, plainText } from '../words.ts';
import type { TelegramSettings } from './telegram-settings.ts';

/** A message has at most 4096 characters; a little is left for what escaping adds at the edges. */
const longest = 4000;

/** Channel `telegram`: a message of a bot. When Telegram cannot read the markup, the news goes as plain text. */
export const telegramKind: ChannelKind<TelegramSettings> = {
  kind: 'telegram',
  create(telegram, { version, links }) {
    const url = new URL(`/bot${telegram.bot_token}/sendMessage`, telegram.api_url);
    const send = async (message: object, signal: AbortSignal): Promise<DeliveryResult> => {
      const thread = telegram.message_thread_id;
      const body = {
        chat_id: telegram.chat_id,
        ...(thread === undefined ? {} : { message_thread_id: thread }),
        link_preview_options: { is_disabled: true },
        ...message,
      };
      // The token stands in the path: only the server may be named.
      return verdictOfTelegram(await postJson({ url: url.href, body, version, signal }), url.origin);
    };
    return {
      target: `${telegram.chat_id} by ${url.origin}`,
      timeoutMs: 2 * postTimeoutMs + 1000,
      // Twenty a minute for groups.
      rate: { burst: 3, perMinute: 20 },
      acknowledgements: true,
      async deliver(entry, signal) {
        const text = htmlText(entry, links, telegram.include_context);
        const result = await send({ text, parse_mode: 'HTML' }, signal);
        if (result.outcome !== 'final' || !/parse entities|entity/i.test(result.summary)) return result;
        return send({ text: cut(plainText(entry, false), longest) }, signal);
      },
    };
  },
};

/** The status says it all but the wait, and that a missing chat comes as 400. */
function verdictOfTelegram(answer: Answer, origin: string): DeliveryResult {
  const result = verdictOf(answer, `POST ${origin}/bot…/sendMessage`, Date.now());
  if ('failed' in answer) return result;
  if (result.outcome === 'delivered' && !/"ok"\s*:\s*true/.test(answer.body)) {
    return { outcome: 'final', reason: 'invalid', summary: `${result.summary} "${cut(answer.body, 100)}"` };
  }
  if (answer.status === 404) return { outcome: 'final', reason: 'auth', summary: result.summary };
  if (/chat not found|bot was blocked|bot was kicked|user is deactivated/i.test(answer.body)) {
    return { outcome: 'final', reason: 'gone', summary: result.summary };
  }
  const seconds = /"retry_after"\s*:\s*(\d+)/.exec(answer.body)?.[1];
  if (answer.status !== 429 || seconds === undefined || result.outcome === 'delivered') return result;
  return { ...result, retryAfterMs: Math.max(Number(seconds) * 1000, result.retryAfterMs ?? 0) };
}

/** Escaped text of at most `limit` characters; never cuts an entity or a tag in two. */
function safely(text: string, limit: number): string {
  let out = '';
  for (const character of text) {
    const safe = escapeHtml(character);
    if (out.length + safe.length > limit - 1) return `${out}…`;
    out += safe;
  }
  return out;
}

function htmlText(entry: OutboxEntry, links: Links, includeContext: boolean): string {
  const { facts } = entry;
  const doors = [
    [links.acknowledge(entry), 'Acknowledge'],
    [links.alert(facts.alertId), 'Open the alert'],
  ].flatMap(([url, name]) => (url === undefined ? [] : [`<a href="${escapeHtml(url)}">${name}</a>`]));
  const end = doors.length === 0 ? '' : `\n\n${doors.join(' · ')}`;
  const head = `<b>${safely(`${headword(entry)}: ${facts.alertType}`, 250)}</b>\n${safely(facts.message, 1800)}`;
  let out = head;
  for (const [name, value] of factLines(facts)) {
    const line = `\n<b>${safely(name, 60)}</b>: ${safely(value, 200)}`;
    if (out.length + line.length + end.length > longest) break;
    out += line;
  }
  const room = longest - out.length - end.length - '\n<pre></pre>'.length;
  if (includeContext && Object.keys(facts.context).length > 0 && room > 100) {
    out += `\n<pre>${safely(contextText(entry), room)}</pre>`;
  }
  return `${out}${end}`;
}
