import { z } from 'zod';
import { formatDuration } from '../../../model/duration.ts';
import { Sketch } from '../../../model/sketch.ts';
import { conditionKind } from '../condition.ts';
import { duration, ms } from '../duration-setting.ts';
import { matchersOf, matchSetting, metricName } from '../matcher-setting.ts';

/** A percentile of a distribution, of all processes together. */
export const percentileCondition = conditionKind({
  kind: 'percentile',
  source: 'series',
  everyMs: () => 60_000,
  schema: z.strictObject({
    kind: z.literal('percentile').describe('A percentile of a distribution, of all processes together.'),
    series: metricName.default('operation_duration_seconds').describe('Name of a distribution.'),
    match: matchSetting.optional(),
    percentile: z.number().gt(0).lte(100).default(95).describe('Which percentile, e.g. 95 or 99.9.'),
    window: duration(60_000).default('5m').describe('Over how long; distributions are kept by the minute.'),
    min_events: z
      .int()
      .min(1)
      .default(1)
      .describe('With fewer values in the window there is no percentile worth an alert.'),
  }),
  plan(when) {
    const windowMs = ms(when.window);
    const { series, percentile, min_events: least } = when;
    return {
      sort: 'series',
      inputs: [{ name: series, matchers: matchersOf(when.match), columns: ['sketch'], windowMs, isSketch: true }],
      leastSlotMs: 60_000,
      subject: `p${percentile} of ${series} over ${formatDuration(windowMs)}`,
      unit: series.endsWith('_seconds') ? 'seconds' : '',
      measure(group, end, slotMs) {
        const merged = new Sketch();
        for (const ring of group.rings[0]!) ring.mergeSketches(merged, end, Math.round(windowMs / slotMs));
        if (merged.count < least) return undefined;
        return { value: merged.quantile(percentile / 100) };
      },
    };
  },
});
