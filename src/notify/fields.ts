import type { OutboxEntry } from '../model/notification.ts';
import type { Links } from './notifier-parts.ts';
import { formattedTime, momentOf } from './words.ts';

/** The fields of a notification under the predecessor's names, and what came since. */
export function fieldsOf(entry: OutboxEntry, includeContext: boolean, links: Links): Record<string, unknown> {
  const { facts } = entry;
  const at = momentOf(entry);
  const acknowledge = links.acknowledge(entry);
  const alert = links.alert(facts.alertId);
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
    ...(facts.annotations === undefined ? {} : { annotations: facts.annotations }),
    ...(facts.runbook === undefined ? {} : { runbook: facts.runbook }),
    started_at: facts.startedAt,
    ...(facts.resolvedAt === undefined ? {} : { resolved_at: facts.resolvedAt }),
    ...(facts.value === undefined ? {} : { value: facts.value }),
    ...(facts.threshold === undefined ? {} : { threshold: facts.threshold }),
    ...(facts.unit === undefined ? {} : { unit: facts.unit }),
    ...(acknowledge === undefined ? {} : { acknowledge_url: acknowledge }),
    ...(alert === undefined ? {} : { alert_url: alert }),
  };
}
