import type { DeliveryResult, Notifier, OutboxEntry } from '../../model/notification.ts';
import { sendHttp } from '../http-send.ts';
import { verdictOf } from '../http-verdict.ts';
import type { NotifierParts } from '../notifier-parts.ts';
import { standardHeaders } from '../standard-webhooks.ts';
import { fillTemplate, type Json } from '../template.ts';
import { formattedTime, momentOf, plainText } from '../words.ts';
import type { WebhookSettings } from './webhook-settings.ts';

/** Channels `webhooks[n]`: the predecessor's fields as JSON, and `status` and `alert_id`, to any HTTP address. */
export function webhookChannels({ settings, version }: NotifierParts): Notifier[] {
  return settings.webhooks.flatMap((webhook, index) =>
    webhook.enabled ? [createWebhook(`webhooks[${index}]`, webhook, version)] : [],
  );
}

function createWebhook(name: string, webhook: WebhookSettings, version: string): Notifier {
  const url = new URL(webhook.webhook_url);
  const timeoutMs = webhook.timeout * 1000;
  return {
    name,
    kind: 'webhook',
    // Paths and queries of webhooks often are the secret.
    target: url.origin,
    minSeverity: webhook.min_severity,
    throttleMs: webhook.throttle_seconds * 1000,
    timeoutMs: timeoutMs + 1000,
    async deliver(entry, signal): Promise<DeliveryResult> {
      const payload = payloadOf(entry, webhook);
      const plain = webhook.http_method === 'GET';
      const body = plain ? '' : JSON.stringify(payload);
      const answer = await sendHttp({
        url: plain ? withQuery(url, payload) : url.href,
        method: webhook.http_method,
        headers: {
          ...(plain ? {} : { 'content-type': 'application/json' }),
          'user-agent': `cryoprotect-monitoring/${version}`,
          ...lowerCased(webhook.headers),
          ...standardHeaders(entry.id, Date.now(), body, webhook.secret),
        },
        ...(plain ? {} : { body }),
        verifyTls: webhook.verify_ssl,
        timeoutMs,
        signal,
      });
      return verdictOf(answer, `${webhook.http_method} ${url.origin}`, Date.now());
    },
  };
}

/** The fields of a notification under the predecessor's names. */
function fieldsOf(entry: OutboxEntry, includeContext: boolean): Record<string, unknown> {
  const { facts } = entry;
  const at = momentOf(entry);
  return {
    message: facts.message,
    timestamp: at / 1000,
    formatted_time: formattedTime(at),
    alert_type: facts.alertType,
    source: facts.source,
    severity: facts.severity,
    ...(includeContext ? { context: facts.context } : {}),
    status: facts.status,
    alert_id: facts.alertId,
    event: entry.event,
    reason: facts.reason,
    labels: facts.labels,
    started_at: facts.startedAt,
    ...(facts.resolvedAt === undefined ? {} : { resolved_at: facts.resolvedAt }),
    ...(facts.value === undefined ? {} : { value: facts.value }),
    ...(facts.threshold === undefined ? {} : { threshold: facts.threshold }),
    ...(facts.unit === undefined ? {} : { unit: facts.unit }),
  };
}

function payloadOf(entry: OutboxEntry, webhook: WebhookSettings): Record<string, unknown> {
  const fields = fieldsOf(entry, webhook.include_context);
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
