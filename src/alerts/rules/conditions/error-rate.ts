import { z } from 'zod';
import { formatDuration } from '../../../model/duration.ts';
import { conditionKind } from '../condition.ts';
import { duration, ms } from '../duration-setting.ts';
import { formatNumber } from '../threshold.ts';
import { failureInputs, failureSettings, failuresIn, tooFew } from './failures.ts';

/** The share of what failed: errors by everything, within a window. */
export const errorRateCondition = conditionKind({
  kind: 'error_rate',
  source: 'series',
  schema: z.strictObject({
    kind: z.literal('error_rate').describe('The share of what failed, 0 to 1.'),
    ...failureSettings,
    window: duration(1000).default('5m').describe('Over how long.'),
    min_events: z.int().min(1).default(20).describe('With fewer events in the window the share says nothing.'),
  }),
  plan(when) {
    const windowMs = ms(when.window);
    return {
      sort: 'series',
      inputs: failureInputs(when, windowMs),
      by: [],
      subject: `share of ${when.errors.series} in ${when.total.series} over ${formatDuration(windowMs)}`,
      unit: 'ratio',
      measure(group, end, slotMs) {
        const slots = Math.round(windowMs / slotMs);
        const { errors, total } = failuresIn(group, end, slots);
        if (total < when.min_events) return tooFew(group, end, slots, total, when.min_events);
        return {
          value: errors / total,
          reason: () => `${formatNumber(errors)} of ${formatNumber(total)} failed within ${formatDuration(windowMs)}`,
        };
      },
    };
  },
});
