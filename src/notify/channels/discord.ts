import type { DeliveryResult, OutboxEntry } from '../../model/notification.ts';
import type { ChannelKind } from '../channel-kind.ts';
import { colourOf, contextText } from '../html.ts';
import { postJson, postTimeoutMs } from '../http-post.ts';
import type { Answer } from '../http-send.ts';
import { verdictOf } from '../http-verdict.ts';
import type { Links } from '../notifier-parts.ts';
import { cut, factLines, headword, momentOf } from '../words.ts';
import type { DiscordSettings } from './discord-settings.ts';

/** Of the 6000 characters that an embed may have in all, what the parts may take: title, message, facts, context. */
const most = { title: 250, message: 1800, facts: 12, name: 60, value: 120, context: 900 };

/** Channel `discord`: a webhook with one embed; mentions in texts ping nobody. */
export const discordKind: ChannelKind<DiscordSettings> = {
  kind: 'discord',
  create(discord, { version, links }) {
    const url = new URL(discord.webhook_url);
    // Without it Discord answers 204 at once and never says what it could not save.
    url.searchParams.set('wait', 'true');
    if (discord.thread_id !== '') url.searchParams.set('thread_id', discord.thread_id);
    return {
      target: url.origin,
      timeoutMs: postTimeoutMs + 1000,
      rate: { burst: 5, perMinute: 30 },
      acknowledgements: true,
      async deliver(entry, signal) {
        const body = messageOf(entry, discord, links);
        return verdictOfDiscord(await postJson({ url: url.href, body, version, signal }), url.origin);
      },
    };
  },
};

/** Discord names the wait in the body, exact to the millisecond, also when a proxy swallowed the header. */
function verdictOfDiscord(answer: Answer, origin: string): DeliveryResult {
  const result = verdictOf(answer, `POST ${origin}`, Date.now());
  if ('failed' in answer || result.outcome !== 'retry' || answer.status !== 429) return result;
  const seconds = /"retry_after"\s*:\s*(\d+(?:\.\d+)?)/.exec(answer.body)?.[1];
  const named = seconds === undefined ? 0 : Number(seconds) * 1000;
  const wait = Math.max(named, result.retryAfterMs ?? 0);
  return wait > 0 ? { ...result, retryAfterMs: wait } : result;
}

/** Takes the meaning from Discord's markup characters. Never cuts an escaped one in two. */
export function discordText(text: string, limit: number): string {
  let out = '';
  for (const character of text) {
    const safe = /[\\*_~`|>[\]()#<:@-]/.test(character) ? `\\${character}` : character;
    if (out.length + safe.length > limit - 1) return `${out}…`;
    out += safe;
  }
  return out;
}

function messageOf(entry: OutboxEntry, discord: DiscordSettings, links: Links): object {
  const { facts } = entry;
  const alert = links.alert(facts.alertId);
  const acknowledge = links.acknowledge(entry);
  const context =
    discord.include_context && Object.keys(facts.context).length > 0
      ? `\n\`\`\`json\n${cut(contextText(entry).replaceAll('```', "'''"), most.context)}\n\`\`\``
      : '';
  const doors = acknowledge === undefined ? '' : `\n\n[Acknowledge](${acknowledge})`;
  const fields = factLines(facts)
    .slice(0, most.facts)
    .map(([name, value]) => ({
      name: discordText(name, most.name) || '-',
      value: discordText(value, most.value) || '-',
      inline: true,
    }));
  return {
    ...(discord.username === '' ? {} : { username: discord.username }),
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: cut(`${headword(entry)}: ${facts.alertType}`, most.title),
        description: `${discordText(facts.message, most.message) || '-'}${doors}${context}`,
        color: Number.parseInt(colourOf(entry).slice(1), 16),
        fields,
        footer: { text: `alert ${cut(facts.alertId, 100)}` },
        timestamp: new Date(momentOf(entry)).toISOString(),
        ...(alert === undefined ? {} : { url: alert }),
      },
    ],
  };
}
