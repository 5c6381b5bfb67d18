import type { Rule } from '../rule.ts';
import type { RuleSettings } from './rule-settings.ts';

/** `database_fallback`: a connection of an application's fallback chain is out of use. */
export function fallbackRule({ alerts }: RuleSettings): Rule {
  return {
    info: {
      id: 'database_fallback',
      alertType: 'database_fallback',
      source: 'database',
      condition: 'the circuit breaker of a connection in a fallback chain of an application is open',
      explanation:
        'The application goes on with the next connection of its chain; with the last one gone it cannot reach its data at all.',
    },
    // The breaker has counted already.
    policy: { failures: 1, recoveries: 1, forMs: 0, keepFiringForMs: alerts.keep_firing_for_seconds * 1000 },
    read(observation) {
      if (observation.kind !== 'fallback') return [];
      const { name, service, instance, connections, current, state } = observation.fallback;
      const open = connections.filter(({ breaker }) => breaker !== 'closed');
      const all = open.length === connections.length;
      const names = open.map((one) => one.name).join(', ');
      const reason = open.map((one) => `${one.name}: ${one.reason}`).join('; ');
      return [
        {
          labels: { fallback: name, service },
          verdict: state === 'gone' ? 'over' : state === 'stale' ? 'unknown' : open.length > 0 ? 'bad' : 'good',
          severity: all ? 'critical' : 'warning',
          message: all
            ? `Fallback ${name} of ${service}: every connection fails`
            : `Fallback ${name} of ${service}: ${names || 'no connection'} out of use, operations run on ${current ?? 'none'}`,
          reason: reason || 'every connection works',
          value: open.length,
          context: { instance, connections },
        },
      ];
    },
  };
}
