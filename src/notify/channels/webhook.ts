import type { DeliveryResult, OutboxEntry } from '../../model/notification.ts';
import type { ChannelKind } from '../channel-kind.ts';
import { fieldsOf } from '../fields.ts';
import { sendHttp } from '../http-send.ts';
import { verdictOf } from '../http-verdict.ts';
import type { Links } from '../notifier-parts.ts';
import { standardHeaders } from '../standard-webhooks.ts';
import { fillTemplate, type Json } from '../template.ts';
import { plainText } from '../words.ts';
import type { WebhookSettings } from './webhook-settings.ts';

/** Channels `webhooks[n]`: the predecessor's fields as JSON, and `status` and `alert_id`, to any HTTP address. */
export const webhookKind: ChannelKind<WebhookSettings> = {
  kind: 'webhook',
  create(webhook, { version, links }) {
    const url = new URL(webhook.webhook_url);
    const timeoutMs = webhook.timeout * 1000;
    return {
      // Paths and queries of webhooks often are the secret.
      target: url.origin,
      timeoutMs: timeoutMs + 1000,
      acknowledgements: webhook.send_acknowledged,
      async deliver(entry, signal): Promise<DeliveryResult> {
        const payload = payloadOf(entry, webhook, links);
        const plain = webhook.http_method === 'GET';
        const body = plain ? '' : JSON.stringify(payload);
        const secrets = [webhook.secret, webhook.previous_secret].filter((secret) => secret !== undefined);
        const answer = await sendHttp({
          url: plain ? withQuery(url, payload) : url.href,
          method: webhook.http_method,
          headers: {
            ...(plain ? {} : { 'content-type': 'application/json' }),
            'user-agent': `cryoprotect-monitoring/${version}`,
            ...lowerCased(webhook.headers),
            ...standardHeaders(entry.id, Date.now(), body, ...secrets),
          },
          ...(plain ? {} : { body }),
          verifyTls: webhook.verify_ssl,
          timeoutMs,
          signal,
        });
        return verdictOf(answer, `${webhook.http_method} ${url.origin}`, Date.now());
      },
    };
  },
};

function payloadOf(entry: OutboxEntry, webhook: WebhookSettings, links: Links): Record<string, unknown> {
  const fields = fieldsOf(entry, webhook.include_context, links);
  if (webhook.payload_template === undefined) return fields;
  const words = { ...fields, formatted_message: plainText(entry, webhook.include_context) };
  return fillTemplate(webhook.payload_template as Json, words) as Record<string, unknown>;
}

/** GET has no body: the fields become query parameters, lists and objects as JSON. */
function withQuery(url: URL, payload: Readonly<Record<string, unknown>>): string {
  const full = new URL(url);
  for (const [key, value] of Object.entries(payload)) {
    full.searchParams.set(key, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  return full.href;
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
