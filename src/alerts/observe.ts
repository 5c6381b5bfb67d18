import { newId } from '../model/id.ts';
import type { Log } from '../model/log.ts';
import { fingerprintOf } from './fingerprint.ts';
import { writeStep } from './life.ts';
import { step } from './machine.ts';
import type { Pen } from './pen.ts';
import type { Finding, Observation, Rule, RuleDesk } from './rule.ts';

/** Lets one rule read one observation and writes what follows. A rule that throws costs its own verdict and nobody else's. */
export function observe(pen: Pen, rule: Rule, observation: Observation, desk: RuleDesk, log: Log): void {
  let findings: ReturnType<Rule['read']>;
  try {
    findings = rule.read(observation, desk);
  } catch (error) {
    log.error(
      { rule: rule.info.id, error: String(error) },
      'A rule could not read an observation; its alerts stay as they are.',
    );
    return;
  }
  writeFindings(pen, rule, findings);
}

/** Takes what a rule found to the episodes it is about. */
export function writeFindings(pen: Pen, rule: Rule, findings: readonly Finding[]): void {
  const { id, alertType, source } = rule.info;
  for (const finding of findings) {
    const fingerprint = fingerprintOf(id, alertType, source, finding.labels);
    const birth = { id: newId(pen.now), fingerprint, rule: id, alertType, source };
    const next = step(pen.draft.open(fingerprint), birth, finding, rule.policy, pen.now);
    if (next) writeStep(pen, next);
  }
}
