import { formatDuration } from '../../model/duration.ts';
import type { Rule } from '../rule.ts';
import type { RuleSettings } from './rule-settings.ts';

/** `application_lost`: a process stopped reporting without saying goodbye. */
export function applicationLostRule(_settings: RuleSettings): Rule {
  return {
    info: {
      id: 'application_lost',
      alertType: 'application_lost',
      source: 'application',
      condition: 'an application stops reporting without an orderly end',
      explanation:
        'The process crashed, was killed, or its machine or network is gone. Ends when the service reports again.',
    },
    policy: { failures: 1, recoveries: 1, forMs: 0, keepFiringForMs: 0 },
    read(observation) {
      if (observation.kind !== 'agent') return [];
      const { source, state, silentMs } = observation.agent;
      // A restarted process has another instance id: any process of the service on that host shows that it is back.
      const labels = { service: source.service, host: source.host };
      const lost = state === 'lost';
      return [
        {
          labels,
          verdict: lost ? 'bad' : state === 'blocked' ? 'unknown' : 'good',
          severity: 'error',
          message: `Application ${source.service} on ${source.host} is lost: silent for ${formatDuration(silentMs)}`,
          reason: lost
            ? `no report of process ${source.pid} for ${formatDuration(silentMs)}`
            : `${source.service} reports again`,
          value: silentMs,
          unit: 'ms',
          context: { instance: source.instance, pid: source.pid, release: source.release },
        },
      ];
    },
  };
}
