import type { DeliveryResult, OutboxEntry } from '../../model/notification.ts';
import type { ChannelKind } from '../channel-kind.ts';
import { postJson, postTimeoutMs } from '../http-post.ts';
import type { Answer } from '../http-send.ts';
import { verdictOf } from '../http-verdict.ts';
import type { Links } from '../notifier-parts.ts';
import { cut, momentOf } from '../words.ts';
import type { PagerdutySettings } from './pagerduty-settings.ts';

/** PagerDuty names no time with its 429; its documentation advises half a minute. */
const rateLimitWaitMs = 30_000;
/** Of the 512 KB that an event may have, what the context may take. */
const contextLimit = 200_000;

/** Channel `pagerduty`: Events API v2; an episode is an incident: `trigger` opens it, `acknowledge` and `resolve` follow. */
export const pagerdutyKind: ChannelKind<PagerdutySettings> = {
  kind: 'pagerduty',
  create(pagerduty, { version, links }) {
    const url = new URL('/v2/enqueue', pagerduty.api_url);
    const changeUrl = new URL('/v2/change/enqueue', pagerduty.api_url);
    const send = async (event: object, signal: AbortSignal, to = url): Promise<DeliveryResult> =>
      verdictOfPagerduty(await postJson({ url: to.href, body: event, version, signal }), url.origin);
    return {
      target: url.origin,
      timeoutMs: 2 * postTimeoutMs + 1000,
      // 120 calls a minute for each key.
      rate: { burst: 20, perMinute: 100 },
      // Every incident needs its own end, and PagerDuty groups by itself.
      individually: true,
      acknowledgements: true,
      changes: pagerduty.change_events,
      async deliver(entry, signal) {
        if (entry.event === 'change') return send(changeOf(entry, pagerduty), signal, changeUrl);
        const result = await send(eventOf(entry, pagerduty, links), signal);
        const trial = entry.event === 'test' || entry.event === 'probe';
        if (!trial || result.outcome !== 'delivered') return result;
        // A test must not leave an incident open.
        return send({ ...identityOf(entry, pagerduty), event_action: 'resolve' }, signal);
      },
    };
  },
};

/** Refused keys come as 400 with the name of the field, so they look like a malformed event at first. */
function verdictOfPagerduty(answer: Answer, origin: string): DeliveryResult {
  const result = verdictOf(answer, `POST ${origin}`, Date.now());
  if ('failed' in answer || result.outcome === 'delivered') return result;
  if (answer.status === 400 && /routing_key|integration key/i.test(answer.body)) {
    return { outcome: 'final', reason: 'auth', summary: result.summary };
  }
  if (answer.status === 429 && result.retryAfterMs === undefined) return { ...result, retryAfterMs: rateLimitWaitMs };
  return result;
}

/** The key of the incident: the predecessor's, and the episode, so that a late end cannot close the next occurrence. */
function identityOf(entry: OutboxEntry, pagerduty: PagerdutySettings) {
  const { source, alertType, alertId } = entry.facts;
  return {
    routing_key: pagerduty.integration_key,
    dedup_key: `${`${pagerduty.component}:${source}:${alertType}`.slice(0, 200)}:${alertId}`.slice(0, 255),
  };
}

/** A change event: it pages nobody and stands beside the incidents that follow. */
function changeOf(entry: OutboxEntry, pagerduty: PagerdutySettings): object {
  const { facts } = entry;
  return {
    routing_key: pagerduty.integration_key,
    payload: {
      summary: cut(facts.message || facts.alertType, 1024),
      source: pagerduty.component || 'monitor',
      timestamp: new Date(facts.startedAt).toISOString(),
      custom_details: { kind: facts.alertType, ...facts.labels },
    },
  };
}

function eventOf(entry: OutboxEntry, pagerduty: PagerdutySettings, links: Links): object {
  const identity = identityOf(entry, pagerduty);
  const { facts } = entry;
  if (facts.status === 'resolved') return { ...identity, event_action: 'resolve' };
  if (entry.event === 'acknowledged') return { ...identity, event_action: 'acknowledge' };
  return {
    ...identity,
    event_action: 'trigger',
    client: 'CryoProtect Monitoring',
    ...linksOf(entry, links),
    payload: {
      summary: cut(facts.message || facts.alertType, 1024) || 'alert',
      source: cut(facts.source, 255) || 'monitor',
      severity: pagerduty.severity_mapping[facts.severity] ?? (facts.severity === 'debug' ? 'info' : facts.severity),
      timestamp: new Date(momentOf(entry)).toISOString(),
      component: pagerduty.component,
      group: pagerduty.group,
      class: pagerduty.class_type,
      custom_details: detailsOf(entry, pagerduty.include_context),
    },
  };
}

/** Where to look, and where to acknowledge without a login. */
function linksOf(entry: OutboxEntry, links: Links): object {
  const alert = links.alert(entry.facts.alertId);
  const acknowledge = links.acknowledge(entry);
  const { runbook } = entry.facts;
  if (alert === undefined && acknowledge === undefined && runbook === undefined) return {};
  return {
    ...(alert === undefined ? {} : { client_url: alert }),
    links: [
      ...(alert === undefined ? [] : [{ href: alert, text: 'Open the alert' }]),
      ...(acknowledge === undefined ? [] : [{ href: acknowledge, text: 'Acknowledge' }]),
      ...(runbook === undefined ? [] : [{ href: runbook, text: 'Runbook' }]),
    ],
  };
}

/** Texts by name, few and short enough for an event. */
function shortened(texts: Readonly<Record<string, string>>): Record<string, string> {
  const pairs = Object.entries(texts)
    .slice(0, 50)
    .map(([name, value]) => [name, cut(value, 500)] as const);
  return Object.fromEntries(pairs);
}

function detailsOf(entry: OutboxEntry, includeContext: boolean): object {
  const { facts } = entry;
  const context = JSON.stringify(facts.context);
  return {
    alert_type: facts.alertType,
    alert_id: facts.alertId,
    message: cut(facts.message, 20_000),
    reason: cut(facts.reason, 20_000),
    ...(facts.annotations === undefined ? {} : { annotations: shortened(facts.annotations) }),
    labels: shortened(facts.labels),
    ...(facts.value === undefined ? {} : { value: facts.value }),
    ...(facts.threshold === undefined ? {} : { threshold: facts.threshold }),
    ...(facts.unit === undefined ? {} : { unit: facts.unit }),
    ...(includeContext
      ? { context: context.length > contextLimit ? cut(context, contextLimit / 4) : facts.context }
      : {}),
  };
}
