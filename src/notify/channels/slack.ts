import type { DeliveryResult, Notifier, OutboxEntry } from '../../model/notification.ts';
import { colourOf, contextText } from '../html.ts';
import { type Answer, sendHttp } from '../http-send.ts';
import { verdictOf } from '../http-verdict.ts';
import type { NotifierParts } from '../notifier-parts.ts';
import { cut, factLines, formattedTime, headword, momentOf } from '../words.ts';
import type { SlackSettings } from './slack-settings.ts';

const timeoutMs = 10_000;

/** Channel `slack`: an incoming webhook with Block Kit. */
export function slackChannel({ settings, version }: NotifierParts): Notifier[] {
  const { slack } = settings;
  if (!slack.enabled) return [];
  const url = new URL(slack.webhook_url);
  const post = (body: object, signal: AbortSignal): Promise<Answer> =>
    sendHttp({
      url: url.href,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': `cryoprotect-monitoring/${version}` },
      body: JSON.stringify(body),
      timeoutMs,
      signal,
    });
  return [
    {
      name: 'slack',
      kind: 'slack',
      target: slack.channel === '' ? url.origin : `${slack.channel} by ${url.origin}`,
      minSeverity: slack.min_severity,
      throttleMs: slack.throttle_seconds * 1000,
      timeoutMs: 2 * timeoutMs + 1000,
      async deliver(entry, signal) {
        const result = verdictOfSlack(await post(messageOf(entry, slack), signal), url.origin);
        if (result.outcome !== 'final' || result.reason !== 'invalid') return result;
        // Whatever it disliked about the blocks, the news itself should arrive.
        const plain = verdictOfSlack(await post(plainMessage(entry, slack), signal), url.origin);
        return plain.outcome === 'delivered'
          ? { ...plain, summary: `${plain.summary} as plain text, after: ${result.summary}` }
          : plain;
      },
    },
  ];
}

/** Slack says `ok` when it took a message; any other text with status 200 is a refusal. */
function verdictOfSlack(answer: Answer, origin: string): DeliveryResult {
  const result = verdictOf(answer, `POST ${origin}`, Date.now());
  if ('failed' in answer || result.outcome !== 'delivered' || answer.body.trim() === 'ok') return result;
  return {
    outcome: 'final',
    reason: 'invalid',
    summary: `POST ${origin} -> ${answer.status} "${cut(answer.body, 100)}"`,
  };
}

/** Slack's three characters; without it a message could ping a whole channel. Never cuts an entity in two. */
export function slackText(text: string, limit: number): string {
  let out = '';
  for (const character of text) {
    const safe = character === '&' ? '&amp;' : character === '<' ? '&lt;' : character === '>' ? '&gt;' : character;
    if (out.length + safe.length > limit - 1) return `${out}…`;
    out += safe;
  }
  return out === '' ? '-' : out;
}

function messageOf(entry: OutboxEntry, slack: SlackSettings): object {
  const { facts } = entry;
  const title = `${headword(entry)}: ${facts.alertType}`;
  const fields = factLines(facts)
    .filter(([name]) => name !== 'Reason')
    .slice(0, 10)
    .map(([name, value]) => ({ type: 'mrkdwn', text: `*${slackText(name, 60)}*\n${slackText(value, 240)}` }));
  const blocks: object[] = [
    { type: 'header', text: { type: 'plain_text', text: cut(title, 150), emoji: false } },
    { type: 'section', text: { type: 'mrkdwn', text: slackText(facts.message, 2500) } },
    { type: 'section', text: { type: 'mrkdwn', text: slackText(facts.reason, 1000) } },
    { type: 'section', fields },
  ];
  if (slack.include_context && Object.keys(facts.context).length > 0) {
    blocks.push({
      type: 'section',
      text: { type: 'mrkdwn', text: `\`\`\`${slackText(contextText(entry), 2400)}\`\`\`` },
    });
  }
  const footer = `${formattedTime(momentOf(entry))} · alert ${facts.alertId}`;
  blocks.push({ type: 'context', elements: [{ type: 'mrkdwn', text: slackText(footer, 300) }] });
  return {
    ...senderOf(slack),
    text: slackText(`${title}: ${facts.message}`, 1000),
    attachments: [{ color: colourOf(entry), blocks }],
  };
}

function plainMessage(entry: OutboxEntry, slack: SlackSettings): object {
  return {
    ...senderOf(slack),
    text: slackText(`${headword(entry)}: ${entry.facts.alertType}: ${entry.facts.message}`, 3000),
  };
}

function senderOf(slack: SlackSettings): object {
  return {
    ...(slack.username === '' ? {} : { username: slack.username }),
    ...(slack.icon_emoji === '' ? {} : { icon_emoji: slack.icon_emoji }),
    ...(slack.channel === '' ? {} : { channel: slack.channel }),
  };
}
