import { z } from 'zod';
import { formatDuration } from '../../../model/duration.ts';
import { conditionKind } from '../condition.ts';
import { duration, ms } from '../duration-setting.ts';
import { matchersOf, matchSetting, metricName } from '../matcher-setting.ts';
import { combine } from './combine.ts';

/** How fast a counter grows; restarts at zero are seen. */
export const rateCondition = conditionKind({
  kind: 'rate',
  source: 'series',
  schema: z.strictObject({
    kind: z.literal('rate').describe('How fast a counter grows, per second.'),
    series: metricName.describe(
      'Name of a counter, e.g. `operation_errors_total`, or of a distribution, whose values are counted.',
    ),
    match: matchSetting.optional(),
    window: duration(1000).default('5m').describe('Over how long the growth is measured.'),
  }),
  plan(when) {
    const windowMs = ms(when.window);
    return {
      sort: 'series',
      inputs: [{ name: when.series, matchers: matchersOf(when.match), columns: ['count', 'increase'], windowMs }],
      subject: `rate of ${when.series} over ${formatDuration(windowMs)}`,
      unit: 'per second',
      measure(group, end, slotMs) {
        const slots = Math.round(windowMs / slotMs);
        return combine('sum', group.rings[0]!, (ring) =>
          ring.sum('count', end, slots) > 0 ? ring.sum('increase', end, slots) / (windowMs / 1000) : Number.NaN,
        );
      },
    };
  },
});
