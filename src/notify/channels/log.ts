import type { Notifier } from '../../model/notification.ts';
import { isAtLeast } from '../../model/severity.ts';
import type { NotifierParts } from '../notifier-parts.ts';

/** Channel `log`: one structured line for each notification. It cannot fail, so an alert is always told somewhere. */
export function logChannel({ settings, log }: NotifierParts): Notifier[] {
  const { enabled, min_severity, throttle_seconds, include_context } = settings.log;
  if (!enabled) return [];
  return [
    {
      name: 'log',
      kind: 'log',
      target: 'the log of this monitor',
      minSeverity: min_severity,
      throttleMs: throttle_seconds * 1000,
      async deliver(entry) {
        const { facts } = entry;
        const line = {
          notification: entry.id,
          alert: facts.alertId,
          alert_type: facts.alertType,
          source: facts.source,
          severity: facts.severity,
          status: facts.status,
          event: entry.event,
          reason: facts.reason,
          labels: facts.labels,
          ...(include_context ? { context: facts.context } : {}),
        };
        const text = `Alert ${facts.status === 'resolved' ? 'resolved' : facts.severity} (${facts.alertType}): ${facts.message}`;
        if (facts.status === 'resolved' || entry.event === 'test') log.info(line, text);
        else if (isAtLeast(facts.severity, 'error')) log.error(line, text);
        else log.warn(line, text);
        return { outcome: 'delivered', summary: 'written to the log' };
      },
    },
  ];
}
