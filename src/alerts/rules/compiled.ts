import type { RuleInfo } from '../../model/alert.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Labels } from '../../model/sample.ts';
import type { Severity } from '../../model/severity.ts';
import type { Finding, Policy } from '../rule.ts';
import type { Plan } from './condition.ts';
import { kindOf } from './conditions/registry.ts';
import { everyMs, type RuleDefinition } from './definition.ts';
import { ms } from './duration-setting.ts';
import { fillTemplate, readTemplate, type Template } from './template.ts';
import { describeThresholds, formatNumber, type Threshold } from './threshold.ts';

/** A rule of the user, made ready. */
export interface CompiledRule {
  readonly definition: RuleDefinition;
  readonly info: RuleInfo;
  readonly policy: Policy;
  readonly plan: Plan;
  readonly everyMs: number;
  /** Mildest first. */
  readonly thresholds: readonly Threshold[];
  /** Fills in what every finding of the rule has in common. */
  dress(finding: Undressed): Finding;
}

/** A finding before the rule's own words are put to it. */
export interface Undressed extends Omit<Finding, 'labels' | 'message' | 'annotations' | 'runbook'> {
  readonly labels: Labels;
  /** The condition's own words. */
  readonly message: string;
  /** For how long it has been bad, ms. */
  readonly lastedMs: number;
}

/** Makes a checked definition ready. */
export function compileRule(definition: RuleDefinition, origin: 'configuration' | 'code'): CompiledRule {
  const kind = kindOf(definition.when);
  const plan = kind.plan(definition.when);
  const every = everyMs(definition);
  const thresholds = thresholdsOf(definition, kind.threshold);
  const alertType = definition.alert_type ?? definition.id;
  const source = definition.source ?? kind.source;
  const unit = definition.unit ?? plan.unit;
  const byClock = plan.sort === 'series' || plan.byClock;
  const info: RuleInfo = {
    id: definition.id,
    alertType,
    source,
    condition: conditionWords(definition, plan, thresholds, unit),
    explanation: definition.description ?? '',
    origin,
    ...(byClock ? { everyMs: every } : {}),
    ...(definition.runbook === undefined ? {} : { runbook: definition.runbook }),
    definition: definition as unknown as Readonly<Record<string, unknown>>,
  };
  const policy: Policy = {
    failures: definition.failures,
    ...(definition.out_of === undefined ? {} : { outOf: definition.out_of }),
    recoveries: definition.recoveries,
    forMs: ms(definition.for),
    keepFiringForMs: ms(definition.keep_firing_for),
    ...(byClock ? { mostGapMs: Math.max(3 * every, 30_000) } : {}),
  };
  return { definition, info, policy, plan, everyMs: every, thresholds, dress: dresser(definition, info, unit) };
}

function thresholdsOf(definition: RuleDefinition, fallback: Omit<Threshold, 'severity'> | undefined): Threshold[] {
  const levels = definition.levels ?? [{ ...definition }];
  const given = levels.flatMap((each): Threshold[] => {
    const { severity, recover_at: recover } = each;
    for (const op of ['above', 'below', 'equal'] as const) {
      const at = each[op];
      if (at !== undefined) return [{ severity, op, at, recoverAt: recover ?? at }];
    }
    return [];
  });
  return given.length === 0 && fallback ? [{ severity: definition.severity, ...fallback }] : given;
}

function conditionWords(
  definition: RuleDefinition,
  plan: Plan,
  thresholds: readonly Threshold[],
  unit: string,
): string {
  const decidesItself = definition.when.kind === 'burn_rate' || definition.when.kind === 'absence';
  const limit = decidesItself ? '' : ` ${describeThresholds(thresholds, unit)}`;
  const counted =
    definition.out_of !== undefined
      ? `, ${definition.failures} of ${definition.out_of} times`
      : definition.failures > 1
        ? `, ${definition.failures} times in a row`
        : '';
  const wait = ms(definition.for) > 0 ? `, for ${formatDuration(ms(definition.for))}` : '';
  return `${plan.subject}${limit}${counted}${wait}`;
}

function dresser(definition: RuleDefinition, info: RuleInfo, unit: string): (finding: Undressed) => Finding {
  const summary = definition.summary === undefined ? undefined : readTemplate(definition.summary);
  const annotations = Object.entries(definition.annotations).map(([name, text]) => [name, readTemplate(text)] as const);
  return ({ lastedMs, ...finding }) => {
    const facts = {
      words: wordsOf(finding, info, unit, lastedMs),
      labels: finding.labels,
    };
    const fill = (template: Template) => fillTemplate(template, facts);
    return {
      ...finding,
      message: summary ? fill(summary) : finding.message,
      ...(unit === '' ? {} : { unit }),
      ...(annotations.length === 0
        ? {}
        : { annotations: Object.fromEntries(annotations.map(([name, template]) => [name, fill(template)])) }),
      ...(definition.runbook === undefined ? {} : { runbook: definition.runbook }),
    };
  };
}

function wordsOf(
  finding: { value?: number; threshold?: number; severity: Severity; reason: string },
  info: RuleInfo,
  unit: string,
  lastedMs: number,
) {
  return {
    value: finding.value === undefined ? 'nothing' : formatNumber(finding.value),
    threshold: finding.threshold === undefined ? '' : formatNumber(finding.threshold),
    unit,
    duration: formatDuration(lastedMs),
    severity: finding.severity,
    reason: finding.reason,
    rule: info.id,
    alert_type: info.alertType,
    source: info.source,
  };
}
