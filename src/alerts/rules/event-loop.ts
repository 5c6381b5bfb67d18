import { formatDuration } from '../../model/duration.ts';
import type { Rule } from '../rule.ts';
import type { RuleSettings } from './rule-settings.ts';

/** `event_loop_blocked`: an application's process is there but does not answer its monitor. */
export function eventLoopRule(_settings: RuleSettings): Rule {
  return {
    info: {
      id: 'event_loop_blocked',
      alertType: 'event_loop_blocked',
      source: 'application',
      condition: 'the event-loop watch of an application reports that it is blocked',
      explanation:
        'The main thread of the application is busy with one long piece of work: it serves nobody meanwhile.',
    },
    // The watch itself waits before it says "blocked", so its first word counts; and one answer shows that the loop turns again.
    policy: { failures: 1, recoveries: 1, forMs: 0, keepFiringForMs: 0 },
    read(observation) {
      if (observation.kind !== 'check' || observation.result.check.kind !== 'event-loop') return [];
      const { result } = observation;
      const silent = typeof result.seen.silent_ms === 'number' ? result.seen.silent_ms : undefined;
      return [
        {
          labels: { check: result.check.id, application: result.check.name },
          verdict: result.status === 'error' ? 'bad' : result.status === 'unknown' ? 'unknown' : 'good',
          severity: 'error',
          message: `Event loop of ${result.check.name} is blocked${silent === undefined ? '' : ` for ${formatDuration(silent)}`}: ${result.reason}`,
          reason: result.reason,
          ...(silent === undefined ? {} : { value: silent, unit: 'ms' }),
          context: { seen: result.seen },
        },
      ];
    },
  };
}
