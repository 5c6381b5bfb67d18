import { isAtLeast } from '../../model/severity.ts';
import type { ChannelKind } from '../channel-kind.ts';
import type { LogSettings } from './log-settings.ts';

/** Channel `log`: one structured line for each notification. It cannot fail, so an alert is always told somewhere. */
export const logKind: ChannelKind<LogSettings> = {
  kind: 'log',
  create: ({ include_context }, { log }) => ({
    target: 'the log of this monitor',
    acknowledgements: true,
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
      const word = entry.event === 'acknowledged' ? 'acknowledged' : facts.severity;
      const text = `Alert ${facts.status === 'resolved' ? 'resolved' : word} (${facts.alertType}): ${facts.message}`;
      const quiet = facts.status === 'resolved' || ['test', 'probe', 'acknowledged'].includes(entry.event);
      if (quiet) log.info(line, text);
      else if (isAtLeast(facts.severity, 'error')) log.error(line, text);
      else log.warn(line, text);
      return { outcome: 'delivered', summary: 'written to the log' };
    },
  }),
};
