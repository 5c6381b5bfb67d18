import type { z } from 'zod';
import type { Labels } from '../../model/sample.ts';
import type { Severity } from '../../model/severity.ts';
import type { Finding, Observation } from '../rule.ts';
import type { Measured, SeriesGroup, SeriesInput } from './series-group.ts';
import type { Threshold } from './threshold.ts';

/** What a condition on series does: which series it reads, and the value it makes of them at the end of a slot. */
export interface SeriesPlan {
  readonly sort: 'series';
  readonly inputs: readonly SeriesInput[];
  /** Labels that tell alerts apart when the rule does not say: undefined = every series by itself. */
  readonly by?: readonly string[];
  /** Least width of a slot, ms. @default 1000 */
  readonly leastSlotMs?: number;
  /** How long a series may be silent before its alert ends because its subject is gone, ms. @default an hour, at least the window */
  readonly forgetAfterMs?: number;
  /** `rate of errors_total over 5 m`: the condition without its thresholds. */
  readonly subject: string;
  /** Unit of the value, e.g. `seconds`, `ratio`, `per second`; empty when it depends on the series. */
  readonly unit: string;
  /** Says in what way nothing at all is bad: absence. */
  readonly absent?: { readonly labels: Labels; readonly windowMs: number };
  /** The value of a group when the slot before `end` is over; undefined = no data. */
  measure(group: SeriesGroup, end: number, slotMs: number): Measured | undefined;
}

/** What a condition knows of one subject (a check, a job, an error group, a channel), as small JSON that survives restarts. */
export interface Fact {
  readonly labels: Labels;
  /** Epoch ms of the newest observation. */
  readonly at: number;
  /** What was observed; each condition has its own. */
  readonly seen: Readonly<Record<string, string | number | boolean>>;
}

/** What a condition makes of a fact at a moment: a value to compare, or why there is none. */
export interface Judged {
  readonly verdict?: Extract<Finding['verdict'], 'unknown' | 'over'>;
  readonly value: number;
  readonly severity?: Severity;
  readonly message: string;
  readonly reason: string;
  readonly context?: Readonly<Record<string, unknown>>;
}

/** What a condition on events does: which observations it reads, and how it judges what it knows of each subject. */
export interface FactPlan {
  readonly sort: 'facts';
  readonly kinds: readonly Observation['kind'][];
  readonly subject: string;
  readonly unit: string;
  /** Takes an observation in; undefined = not its business. `key` tells subjects apart. */
  note(
    observation: Observation,
    before: (key: string) => Fact | undefined,
    now: number,
  ): { key: string; fact: Fact } | undefined;
  /** Judges one subject; called when it was observed and, when `byClock`, at every evaluation. `null` forgets the subject. */
  judge(fact: Fact, now: number): Judged | null;
  /** True for a fact that is not worth remembering, because all is well with its subject. */
  settled?(fact: Fact): boolean;
  /** True when time alone can change the verdict. */
  readonly byClock: boolean;
  /** How the stored history is read as observations again, for the preview; undefined = there is no history. */
  readonly history?: 'checks' | 'deliveries' | 'errors' | 'progress';
}

export type Plan = SeriesPlan | FactPlan;

/** One kind of condition: what may be written in a rule's `when`, and what it does. A new kind is a file and a line in the registry. */
export interface ConditionKind<S extends z.ZodType = z.ZodType> {
  readonly kind: string;
  readonly schema: S;
  /** Component that alerts come from when the rule does not say. */
  readonly source: string;
  /** Threshold when the rule gives none; undefined = the rule must. */
  readonly threshold?: Omit<Threshold, 'severity'>;
  /** Default of `every`, ms. @default 15 s */
  everyMs?(when: z.output<S>): number;
  plan(when: z.output<S>): Plan;
}

/** Types a kind by its schema. */
export function conditionKind<S extends z.ZodType>(kind: ConditionKind<S>): ConditionKind<S> {
  return kind;
}
