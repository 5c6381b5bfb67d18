import { z } from 'zod';
import type { ConditionKind } from '../condition.ts';
import { absenceCondition } from './absence.ts';
import { burnRateCondition } from './burn-rate.ts';
import { changeCondition } from './change.ts';
import { checkCondition, eventLoopCondition, heartbeatCondition } from './check.ts';
import { deliveryCondition } from './delivery.ts';
import { errorRateCondition } from './error-rate.ts';
import { errorsCondition } from './errors.ts';
import { percentileCondition } from './percentile.ts';
import { progressCondition } from './progress.ts';
import { rateCondition } from './rate.ts';
import { spikeCondition } from './spike.ts';
import { valueCondition } from './value.ts';

/** Everything that may stand in a rule's `when`. A new kind is a file beside this and two lines here. */
const kinds = [
  valueCondition,
  rateCondition,
  changeCondition,
  absenceCondition,
  percentileCondition,
  errorRateCondition,
  burnRateCondition,
  spikeCondition,
  checkCondition,
  heartbeatCondition,
  eventLoopCondition,
  errorsCondition,
  progressCondition,
  deliveryCondition,
] as const;

export const conditionSchema = z.discriminatedUnion('kind', [
  valueCondition.schema,
  rateCondition.schema,
  changeCondition.schema,
  absenceCondition.schema,
  percentileCondition.schema,
  errorRateCondition.schema,
  burnRateCondition.schema,
  spikeCondition.schema,
  checkCondition.schema,
  heartbeatCondition.schema,
  eventLoopCondition.schema,
  errorsCondition.schema,
  progressCondition.schema,
  deliveryCondition.schema,
]);

export type Condition = z.output<typeof conditionSchema>;

const byName = new Map<string, ConditionKind>(kinds.map((each) => [each.kind, each as unknown as ConditionKind]));

/** The kind of a condition. */
export function kindOf(when: Condition): ConditionKind {
  return byName.get(when.kind)!;
}
