import type { DeliveryResult } from '../../model/notification.ts';
import type { ChannelKind } from '../channel-kind.ts';
import { postJson, postTimeoutMs } from '../http-post.ts';
import type { Answer } from '../http-send.ts';
import { verdictOf } from '../http-verdict.ts';
import { cut } from '../words.ts';
import { plainMessage, slackMessage } from './slack-message.ts';
import type { SlackSettings } from './slack-settings.ts';

/** Channel `slack`: an incoming webhook with Block Kit. */
export const slackKind: ChannelKind<SlackSettings> = {
  kind: 'slack',
  create(slack, { version, links }) {
    const url = new URL(slack.webhook_url);
    const post = (body: object, signal: AbortSignal): Promise<Answer> =>
      postJson({ url: url.href, body, version, signal });
    return {
      target: slack.channel === '' ? url.origin : `${slack.channel} by ${url.origin}`,
      timeoutMs: 2 * postTimeoutMs + 1000,
      // One message a second for each channel, short bursts above it.
      rate: { burst: 5, perMinute: 60 },
      acknowledgements: true,
      async deliver(entry, signal) {
        const result = verdictOfSlack(await post(slackMessage(entry, slack, links), signal), url.origin);
        if (result.outcome !== 'final' || result.reason !== 'invalid') return result;
        // Whatever it disliked about the blocks, the news itself should arrive.
        const plain = verdictOfSlack(await post(plainMessage(entry, slack), signal), url.origin);
        return plain.outcome === 'delivered'
          ? { ...plain, summary: `${plain.summary} as plain text, after: ${result.summary}` }
          : plain;
      },
    };
  },
};

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
