import type { CheckResult, ConditionResult } from '../../model/check.ts';
import type { Finding, Rule, RuleDesk } from '../rule.ts';
import { databaseLabels } from './database-failure.ts';
import type { RuleSettings } from './rule-settings.ts';

/** `database_trouble`: a server answers, but says of itself that something is wrong; one episode for each condition of each connection. */
export function databaseTroubleRule({ alerts }: RuleSettings): Rule {
  return {
    info: {
      id: 'database_trouble',
      alertType: 'database_trouble',
      source: 'database',
      condition: 'a condition of database_monitoring.thresholds is not met in two results in a row',
      explanation:
        'The database answers, but sessions block each other, connections run out, a transaction sits idle, a replica is behind, or the like. ' +
        'The page of the check has who blocks whom, and what ran in that moment.',
    },
    policy: {
      failures: 2,
      recoveries: alerts.recoveries,
      forMs: 0,
      keepFiringForMs: alerts.keep_firing_for_seconds * 1000,
    },
    read(observation, desk) {
      if (observation.kind !== 'check' || observation.result.check.component !== 'database') return [];
      const { result } = observation;
      // How long the answer took is the business of slow_database.
      const judged = (result.conditions ?? []).filter((one) => one.id !== undefined && one.id !== 'response-time');
      if (judged.length === 0) return [];
      return [...judged.map((one) => finding(result, one)), ...vanished(result, judged, desk)];
    },
  };
}

function finding(result: CheckResult, { id = '', met, seen, condition, severity }: ConditionResult): Finding {
  return {
    labels: { ...databaseLabels(result), condition: id },
    verdict: met ? 'good' : 'bad',
    severity,
    message: `Database ${result.check.name}: ${seen}`,
    reason: met ? `${condition} again` : `${seen} (expected: ${condition})`,
    context: {
      target: result.check.target,
      blocking: result.seen['blocking'] ?? [],
      activity: result.seen['activity'] ?? [],
    },
  };
}

/** A server that is no replica any more, say, has no lag: what was bad and is not judged any more is over. */
function vanished(result: CheckResult, judged: readonly ConditionResult[], desk: RuleDesk): Finding[] {
  const { id, name } = result.check;
  const before = (desk.recall(id) ?? []) as readonly string[];
  const bad = judged.filter((one) => !one.met).map((one) => one.id ?? '');
  if (before.join() !== bad.join()) desk.remember(bad.length > 0 ? bad : undefined, id);
  return before
    .filter((condition) => judged.every((one) => one.id !== condition))
    .map((condition) => ({
      labels: { ...databaseLabels(result), condition },
      verdict: 'over',
      severity: 'warning',
      message: `Database ${name}: ${condition} is not judged any more`,
      reason: 'the server does not tell this any more',
    }));
}
