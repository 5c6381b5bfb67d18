import type { OutboxEntry } from '../../model/notification.ts';
import { colourOf, contextText } from '../html.ts';
import type { Links } from '../notifier-parts.ts';
import { cut, factLines, formattedTime, headword, momentOf } from '../words.ts';
import type { SlackSettings } from './slack-settings.ts';

interface Mrkdwn {
  readonly type: 'mrkdwn';
  readonly text: string;
}
type Block =
  | {
      readonly type: 'header';
      readonly text: { readonly type: 'plain_text'; readonly text: string; readonly emoji: boolean };
    }
  | { readonly type: 'section'; readonly text: Mrkdwn }
  | { readonly type: 'section'; readonly fields: Mrkdwn[] }
  | { readonly type: 'context'; readonly elements: Mrkdwn[] };

/** What an incoming webhook takes; a test compares it with Slack's own types. */
export interface SlackMessage {
  readonly text: string;
  readonly attachments: readonly [{ readonly color: string; readonly blocks: Block[] }];
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

/** A message with Block Kit, far below every limit of it. */
export function slackMessage(entry: OutboxEntry, slack: SlackSettings, links: Links): SlackMessage {
  const { facts } = entry;
  const title = `${headword(entry)}: ${facts.alertType}`;
  const fields: Mrkdwn[] = factLines(facts)
    .filter(([name]) => name !== 'Reason')
    .slice(0, 10)
    .map(([name, value]) => ({ type: 'mrkdwn', text: `*${slackText(name, 60)}*\n${slackText(value, 240)}` }));
  const blocks: Block[] = [
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
  const doors = doorsOf(entry, links);
  if (doors !== '') blocks.push({ type: 'section', text: { type: 'mrkdwn', text: doors } });
  const footer = `${formattedTime(momentOf(entry))} · alert ${facts.alertId}`;
  blocks.push({ type: 'context', elements: [{ type: 'mrkdwn', text: slackText(footer, 300) }] });
  return {
    ...senderOf(slack),
    text: slackText(`${title}: ${facts.message}`, 1000),
    attachments: [{ color: colourOf(entry), blocks }],
  };
}

/** Links, as Slack writes them: unlike buttons they need no application that answers to clicks. */
function doorsOf(entry: OutboxEntry, links: Links): string {
  const acknowledge = links.acknowledge(entry);
  const alert = links.alert(entry.facts.alertId);
  const named: [string | undefined, string][] = [
    [acknowledge, 'Acknowledge'],
    [alert, 'Open the alert'],
  ];
  return named
    .flatMap(([url, name]) => (url === undefined ? [] : [`<${url.replaceAll('&', '&amp;')}|${name}>`]))
    .join('  ·  ');
}

/** The news alone, for a receiver that dislikes blocks. */
export function plainMessage(entry: OutboxEntry, slack: SlackSettings): object {
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
