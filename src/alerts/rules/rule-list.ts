import { MonitorError } from '../../model/problem.ts';
import type { Observation, Rule } from '../rule.ts';
import { type BuiltInChange, changedRule } from './built-in-settings.ts';
import { type CompiledRule, compileRule } from './compiled.ts';
import type { FactPlan, SeriesPlan } from './condition.ts';
import { type RuleDefinition, ruleDefinition } from './definition.ts';
import { createFactRule } from './fact-rule.ts';
import { createSeriesRule, type SeriesRule } from './series-rule.ts';

/** The rules in force, sorted by what makes them look. */
export interface RuleList {
  readonly all: readonly Rule[];
  readonly series: readonly SeriesRule[];
  readonly byClock: readonly Rule[];
  reading(kind: Observation['kind']): readonly Rule[];
}

/** Puts the rules of all origins together: what the user wrote wins over code, and code over what is built in. */
export function listRules(options: {
  builtIn: readonly Rule[];
  changes: Readonly<Partial<Record<string, BuiltInChange>>>;
  configured: readonly Rule[];
  inCode: readonly Rule[];
}): RuleList {
  const byId = new Map<string, Rule>();
  for (const rule of options.builtIn) {
    const changed = changedRule(rule, options.changes[rule.info.id]);
    if (changed) byId.set(rule.info.id, changed);
  }
  for (const rule of [...options.inCode, ...options.configured]) byId.set(rule.info.id, rule);
  const all = [...byId.values()];
  const reading = new Map<Observation['kind'], readonly Rule[]>();
  return {
    all,
    series: all.filter((rule): rule is SeriesRule => 'groups' in rule),
    byClock: all.filter((rule) => rule.byClock !== undefined),
    reading(kind) {
      let found = reading.get(kind);
      if (!found) {
        found = all.filter((rule) => rule.reads === undefined || rule.reads.includes(kind));
        reading.set(kind, found);
      }
      return found;
    },
  };
}

/** Makes a rule of a checked definition. */
export function createRule(definition: RuleDefinition, origin: 'configuration' | 'code'): Rule {
  const compiled = compileRule(definition, origin);
  return isSeries(compiled)
    ? createSeriesRule(compiled)
    : createFactRule(compiled as CompiledRule & { plan: FactPlan });
}

function isSeries(compiled: CompiledRule): compiled is CompiledRule & { readonly plan: SeriesPlan } {
  return compiled.plan.sort === 'series';
}

/** Reads a rule from anywhere; gives it, or what is wrong with it, one sentence each. */
export function readRule(value: unknown): { rule: RuleDefinition } | { problems: string[] } {
  const parsed = ruleDefinition.safeParse(value);
  if (parsed.success) return { rule: parsed.data };
  const problems = parsed.error.issues.slice(0, 20).map((issue) => {
    const path = issue.path.map(String).join('.');
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  return { problems };
}

/** Like `readRule`, for one rule that somebody waits for. Throws MonitorError `bad-argument`. */
export function ruleOf(value: unknown): RuleDefinition {
  const read = readRule(value);
  if ('rule' in read) return read.rule;
  throw new MonitorError('bad-argument', `The rule cannot be used: ${read.problems.join('; ')}`, {
    hint: 'docs/rules.md describes every key of a rule.',
  });
}
