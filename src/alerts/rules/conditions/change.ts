import { z } from 'zod';
import { formatDuration } from '../../../model/duration.ts';
import { conditionKind } from '../condition.ts';
import { duration, ms } from '../duration-setting.ts';
import { matchersOf, matchSetting, metricName } from '../matcher-setting.ts';
import { combine, combineSetting } from './combine.ts';

/** How much a gauge has changed within a window. */
export const changeCondition = conditionKind({
  kind: 'change',
  source: 'series',
  schema: z.strictObject({
    kind: z
      .literal('change')
      .describe('How much a value has changed within a window: its newest less its oldest value.'),
    series: metricName.describe('Name of the metric.'),
    match: matchSetting.optional(),
    window: duration(1000).default('1h').describe('How far back the value is compared.'),
    relative: z
      .boolean()
      .default(false)
      .describe('True: as a share of the oldest value, so that 0.5 is half as much again.'),
    combine: combineSetting.optional(),
  }),
  plan(when) {
    const windowMs = ms(when.window);
    return {
      sort: 'series',
      inputs: [{ name: when.series, matchers: matchersOf(when.match), columns: ['last'], windowMs }],
      subject: `${when.relative ? 'relative ' : ''}change of ${when.series} within ${formatDuration(windowMs)}`,
      unit: when.relative ? 'ratio' : '',
      measure(group, end, slotMs) {
        const slots = Math.round(windowMs / slotMs);
        return combine(when.combine ?? 'max', group.rings[0]!, (ring) => {
          const before = ring.first(end, slots);
          const difference = ring.last(end, slots) - before;
          return when.relative ? difference / Math.abs(before) : difference;
        });
      },
    };
  },
});
