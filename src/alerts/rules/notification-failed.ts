import type { Rule } from '../rule.ts';
import type { RuleSettings } from './rule-settings.ts';

/** `notification_failed`: a channel gave up on a message. It is told through every other channel. */
export function notificationFailedRule(_settings: RuleSettings): Rule {
  return {
    info: {
      id: 'notification_failed',
      alertType: 'notification_failed',
      source: 'monitor',
      condition: 'a channel refuses a message for good, or every attempt failed',
      explanation: 'The other channels tell it. Ends with the next message that the channel takes.',
    },
    policy: { failures: 1, recoveries: 1, forMs: 0, keepFiringForMs: 0 },
    read(observation) {
      if (observation.kind !== 'delivery') return [];
      const { channel, delivered, summary } = observation;
      return [
        {
          labels: { channel },
          verdict: delivered ? 'good' : 'bad',
          severity: 'error',
          message: `Notifications through ${channel} do not arrive: ${summary}`,
          reason: delivered ? `${channel} delivers again` : summary,
        },
      ];
    },
  };
}
