import type { DeliveryResult, OutboxEntry } from '../../model/notification.ts';
import type { ChannelKind } from '../channel-kind.ts';
import { contextText } from '../html.ts';
import { postJson, postTimeoutMs } from '../http-post.ts';
import type { Answer } from '../http-send.ts';
import { verdictOf } from '../http-verdict.ts';
import type { Links } from '../notifier-parts.ts';
import { cut, factLines, headword } from '../words.ts';
import type { TeamsSettings } from './teams-settings.ts';

/** Bytes of a whole message: 28 KB are documented, cards of 21 KB were seen to vanish. */
const largest = 18_000;

/** Channel `teams`: an Adaptive Card to a workflow of Microsoft Teams (or a connector of old). */
export const teamsKind: ChannelKind<TeamsSettings> = {
  kind: 'teams',
  create(teams, { version, links }) {
    const url = new URL(teams.webhook_url);
    return {
      target: url.origin,
      timeoutMs: postTimeoutMs + 1000,
      rate: { burst: 4, perMinute: 60 },
      acknowledgements: true,
      async deliver(entry, signal) {
        const body = fitting(entry, teams, links);
        return verdictOfTeams(await postJson({ url: url.href, body, version, signal }), url.origin);
      },
    };
  },
};

/** Connectors of old answer 200 whatever happened, and write the true status into the body. */
function verdictOfTeams(answer: Answer, origin: string): DeliveryResult {
  const result = verdictOf(answer, `POST ${origin}`, Date.now());
  if ('failed' in answer || result.outcome !== 'delivered') return result;
  const status = /HTTP error (\d{3})/i.exec(answer.body)?.[1];
  if (status === undefined) return result;
  return verdictOf({ ...answer, status: Number(status) }, `POST ${origin}`, Date.now());
}

/** The most of it that fits: the context goes first, then the facts, then the end of the message. */
function fitting(entry: OutboxEntry, teams: TeamsSettings, links: Links): object {
  for (const [context, facts, message] of [
    [teams.include_context ? 4000 : 0, 20, 3000],
    [teams.include_context ? 1000 : 0, 12, 2000],
    [0, 8, 1000],
  ] as const) {
    const card = cardOf(entry, links, { context, facts, message });
    if (Buffer.byteLength(JSON.stringify(card)) <= largest) return card;
  }
  return cardOf(entry, links, { context: 0, facts: 3, message: 500 });
}

interface Sizes {
  readonly context: number;
  readonly facts: number;
  readonly message: number;
}

/** Texts go into text runs, which know no markup: nothing has to be escaped, and no alert can make a link or ping anybody. */
function cardOf(entry: OutboxEntry, links: Links, sizes: Sizes): object {
  const { facts } = entry;
  const acknowledge = links.acknowledge(entry);
  const alert = links.alert(facts.alertId);
  const bad = facts.status !== 'resolved' && entry.event !== 'test' && entry.event !== 'probe';
  const rich = (...inlines: object[]) => ({ type: 'RichTextBlock', inlines });
  const run = (text: string, more: object = {}) => ({ type: 'TextRun', text: text || '-', ...more });
  const body = [
    rich(
      run(cut(`${headword(entry)}: ${facts.alertType}`, 200), {
        size: 'Large',
        weight: 'Bolder',
        color: bad ? (facts.severity === 'warning' || facts.severity === 'info' ? 'Warning' : 'Attention') : 'Good',
      }),
    ),
    rich(run(cut(facts.message, sizes.message))),
    ...factLines(facts)
      .slice(0, sizes.facts)
      .map(([name, value]) => rich(run(`${cut(name, 60)}: `, { weight: 'Bolder' }), run(cut(value, 300)))),
    ...(sizes.context > 0 && Object.keys(facts.context).length > 0
      ? [rich(run(cut(contextText(entry), sizes.context), { fontType: 'Monospace', size: 'Small' }))]
      : []),
  ];
  const actions = [
    ...(acknowledge === undefined ? [] : [{ type: 'Action.OpenUrl', title: 'Acknowledge', url: acknowledge }]),
    ...(alert === undefined ? [] : [{ type: 'Action.OpenUrl', title: 'Open the alert', url: alert }]),
  ];
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    fallbackText: cut(`${headword(entry)}: ${facts.alertType}: ${facts.message}`, 500),
    body,
    ...(actions.length === 0 ? {} : { actions }),
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
}
