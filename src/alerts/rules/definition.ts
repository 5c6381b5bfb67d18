import { z } from 'zod';
import { formatDuration } from '../../model/duration.ts';
import { severities } from '../../model/severity.ts';
import { conditionSchema, kindOf } from './conditions/registry.ts';
import { duration, ms } from './duration-setting.ts';
import { labelsIn, readTemplate } from './template.ts';

const labelName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'must be a label name: letters, digits and _');

const template = z.string().superRefine((text, context) => {
  try {
    readTemplate(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
  }
});

const number = z.number();
const limits = {
  above: number.optional().describe('It is bad above this value.'),
  below: number.optional().describe('It is bad below this value.'),
  equal: number.optional().describe('It is bad at exactly this value.'),
  recover_at: number
    .optional()
    .describe('It stays bad until the value is back at this or better, so that a trembling value is one alert.'),
};

const level = z.strictObject({
  severity: z.enum(severities).describe('How bad it is on this level.'),
  ...limits,
});

const policies = ['ok', 'alert', 'keep', 'unknown'] as const;
const policyWords =
  '`ok`: all is well; `alert`: it is bad; `keep`: as it was; `unknown`: nothing begins and nothing ends (default).';

/** One rule of the user. */
export const ruleDefinition = z
  .strictObject({
    id: z
      .string()
      .regex(
        /^[a-z][a-z0-9_-]{0,63}$/,
        'must be lower-case letters, digits, _ and -, at most 64, beginning with a letter',
      )
      .describe('Names the rule; part of the identity of its alerts. The id of a built-in rule takes its place.'),
    enabled: z.boolean().default(true).describe('False: the rule is checked and not used.'),
    alert_type: z.string().min(1).max(100).optional().describe('What alerts are called. Default: the id.'),
    source: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe('The component that alerts come from. Default: by the condition.'),
    description: z.string().max(2000).optional().describe('What the rule is for, for people.'),
    when: conditionSchema.describe('The condition.'),
    severity: z.enum(severities).default('error').describe('How bad it is, for rules with one level.'),
    ...limits,
    levels: z
      .array(level)
      .min(1)
      .max(severities.length)
      .optional()
      .describe('Several thresholds instead of one: one alert, whose severity rises and falls.'),
    by: z
      .array(labelName)
      .max(10)
      .optional()
      .describe(
        'Labels of the series that tell alerts apart; series with the same are judged together. `[]`: all together.',
      ),
    every: duration(1000, 3_600_000)
      .optional()
      .describe('How often it is evaluated. Default: 15 s, a minute for distributions.'),
    for: duration().default(0).describe('How long it must have been bad before it fires.'),
    keep_firing_for: duration().default(0).describe('How long it must have been good before it is resolved.'),
    failures: z
      .int()
      .min(1)
      .max(1000)
      .default(1)
      .describe('Bad evaluations before it fires: in a row, or among `out_of`.'),
    out_of: z
      .int()
      .min(2)
      .max(1000)
      .optional()
      .describe('With it, `failures` among the last `out_of` evaluations are enough.'),
    recoveries: z.int().min(1).max(1000).default(1).describe('Good evaluations in a row before it is resolved.'),
    no_data: z
      .enum(policies)
      .default('unknown')
      .describe(`What it means when there is nothing to judge. ${policyWords}`),
    on_error: z.enum(policies).default('unknown').describe(`What it means when the evaluation fails. ${policyWords}`),
    limit: z
      .int()
      .min(1)
      .max(10_000)
      .default(100)
      .describe('Most alerts of this rule at the same time; more are counted.'),
    unit: z.string().max(30).optional().describe('Unit of the value, for people.'),
    labels: z.record(labelName, z.string().max(200)).default({}).describe('Labels of its alerts, e.g. for routes.'),
    summary: template
      .optional()
      .describe('The message, instead of the one made from the condition. May have {{ value }}, {{ labels.x }}…'),
    annotations: z
      .record(labelName, template)
      .default({})
      .describe('Texts that go with the alert; may have {{ value }}, {{ threshold }}, {{ duration }}, {{ labels.x }}…'),
    runbook: z.url().optional().describe('Address of what to do about it.'),
  })
  .superRefine(checkRule);

export type RuleDefinition = z.output<typeof ruleDefinition>;
type Draft = RuleDefinition;
type Context = z.core.$RefinementCtx;

const ops = ['above', 'below', 'equal'] as const;

function checkRule(rule: Draft, context: Context): void {
  const complain = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
  checkLimits(rule, complain);
  if (rule.out_of !== undefined && rule.failures > rule.out_of)
    complain(['failures'], `must be at most out_of (${rule.out_of})`);
  checkTemplates(rule, complain);
  // What is wrong inside the condition is said there; a plan of it would only fail.
  if (context.issues.length === 0) checkLength(rule, complain);
}

/** So many slots a rule may keep of each series. */
const mostSlots = 10_000;

function checkLength(rule: Draft, complain: Complain): void {
  const every = everyMs(rule);
  const longest = longestMs(rule);
  if (longest / every <= mostSlots) return;
  const least = Math.ceil(longest / mostSlots / 1000);
  complain(['every'], `must be at least ${least} s, because the condition looks ${formatDuration(longest)} back`);
}

type Complain = (path: (string | number)[], message: string) => void;

function checkLimits(rule: Draft, complain: Complain): void {
  const own = ops.filter((op) => rule[op] !== undefined);
  if (rule.levels !== undefined) {
    if (own.length > 0) complain([own[0]!], 'must not be given together with levels');
    if (rule.recover_at !== undefined) complain(['recover_at'], 'must not be given together with levels');
    const seen = new Set<string>();
    let first: string | undefined;
    for (const [index, each] of rule.levels.entries()) {
      const op = checkLevel(each, ['levels', index], complain);
      if (seen.has(each.severity)) complain(['levels', index, 'severity'], `is there twice: ${each.severity}`);
      seen.add(each.severity);
      first ??= op;
      if (op !== undefined && first !== undefined && op !== first)
        complain(['levels', index, op], `must be "${first}" like the first level`);
    }
    return;
  }
  if (own.length === 0) {
    if (kindOf(rule.when).threshold === undefined) {
      complain([], `needs a threshold: one of above, below, equal, or levels`);
    }
    if (rule.recover_at !== undefined) complain(['recover_at'], 'needs a threshold: one of above or below');
    return;
  }
  checkLevel(rule, [], complain);
}

function checkLevel(
  each: {
    above?: number | undefined;
    below?: number | undefined;
    equal?: number | undefined;
    recover_at?: number | undefined;
  },
  path: (string | number)[],
  complain: Complain,
): (typeof ops)[number] | undefined {
  const given = ops.filter((op) => each[op] !== undefined);
  if (given.length !== 1) {
    complain(
      [...path, ...given.slice(1, 2)],
      `needs exactly one of above, below, equal (there ${given.length === 0 ? 'is none' : `are ${given.join(' and ')}`})`,
    );
    return undefined;
  }
  const op = given[0]!;
  const { recover_at: recover } = each;
  if (recover === undefined) return op;
  if (op === 'equal') complain([...path, 'recover_at'], 'has no meaning with equal');
  else if (op === 'above' && recover > each.above!)
    complain([...path, 'recover_at'], `must not be higher than above (${each.above})`);
  else if (op === 'below' && recover < each.below!)
    complain([...path, 'recover_at'], `must not be lower than below (${each.below})`);
  return op;
}

function checkTemplates(rule: Draft, complain: Complain): void {
  if (rule.by === undefined) return;
  const known = new Set([...rule.by, ...Object.keys(rule.labels)]);
  const look = (path: string[], text: string) => {
    let names: string[] = [];
    try {
      names = labelsIn(readTemplate(text));
    } catch {
      // The template's own check has said it.
    }
    for (const name of names) {
      if (!known.has(name))
        complain(
          path,
          `{{ labels.${name} }} is not there: the alerts have the labels ${[...known].join(', ') || 'none'}`,
        );
    }
  };
  if (rule.summary !== undefined) look(['summary'], rule.summary);
  for (const [name, text] of Object.entries(rule.annotations)) look(['annotations', name], text);
}

/** How often a rule is evaluated, ms. */
export function everyMs(rule: Pick<RuleDefinition, 'every' | 'when'>): number {
  const kind = kindOf(rule.when);
  const wanted = rule.every === undefined ? (kind.everyMs?.(rule.when) ?? 15_000) : ms(rule.every);
  const plan = kind.plan(rule.when);
  const least = plan.sort === 'series' ? (plan.leastSlotMs ?? 1000) : 1000;
  return Math.ceil(wanted / least) * least;
}

function longestMs(rule: Draft): number {
  const plan = kindOf(rule.when).plan(rule.when);
  return plan.sort === 'series' ? Math.max(...plan.inputs.map((each) => each.windowMs)) : 0;
}
