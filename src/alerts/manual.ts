import type { AlertEnd, Episode, ManualAlert } from '../model/alert.ts';
import { newId } from '../model/id.ts';
import { MonitorError } from '../model/problem.ts';
import { severities } from '../model/severity.ts';
import { fingerprintOf } from './fingerprint.ts';
import { writeStep } from './life.ts';
import { step } from './machine.ts';
import type { Pen } from './pen.ts';
import type { Finding, Policy } from './rule.ts';

const atOnce: Policy = { failures: 1, recoveries: 1, forMs: 0, keepFiringForMs: 0 };
/** The rule of alerts that nobody's rule made. */
export const manualRule = 'manual';

/** Raises an alert by hand. The same type, source and labels refresh the open episode; a higher severity escalates it. */
export function raiseByHand(pen: Pen, alert: ManualAlert): Episode {
  check(alert);
  const { alertType, source, labels = {} } = alert;
  const fingerprint = fingerprintOf(manualRule, alertType, source, labels);
  const finding: Finding = {
    labels,
    verdict: 'bad',
    severity: alert.severity,
    message: alert.message,
    reason: 'raised by hand',
    context: alert.context ?? {},
  };
  const birth = { id: newId(pen.now), fingerprint, rule: manualRule, alertType, source };
  const next = step(pen.draft.open(fingerprint), birth, finding, atOnce, pen.now);
  // A bad finding always makes a step: it begins an episode or refreshes one.
  return writeStep(pen, next!);
}

/** Ends the alerts raised by hand with this type (and source, and labels); gives how many. Alerts of rules end when their condition does. */
export function resolveByHand(pen: Pen, { alertType, source, labels = {} }: AlertEnd): number {
  let count = 0;
  for (const episode of pen.draft.allOpen()) {
    if (episode.rule !== manualRule || episode.alertType !== alertType) continue;
    if (source !== undefined && episode.source !== source) continue;
    if (Object.entries(labels).some(([name, value]) => episode.labels[name] !== value)) continue;
    const reason = 'resolved by hand';
    writeStep(pen, {
      episode: { ...episode, state: 'resolved', resolvedAt: pen.now, reason },
      kind: 'resolved',
      reason,
    });
    count += 1;
  }
  return count;
}

function check(alert: ManualAlert): void {
  const empty = (['alertType', 'source', 'message'] as const).find(
    (key) => typeof alert[key] !== 'string' || alert[key] === '',
  );
  if (empty) {
    throw new MonitorError('bad-argument', `An alert needs ${empty}; it is ${JSON.stringify(alert[empty])}.`, {
      hint: 'Give alertType, source and message as texts that are not empty.',
    });
  }
  if (!severities.includes(alert.severity)) {
    throw new MonitorError('bad-argument', `${JSON.stringify(alert.severity)} is not a severity.`, {
      hint: `Use one of ${severities.join(', ')}.`,
    });
  }
}
