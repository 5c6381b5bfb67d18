import { z } from 'zod';
import { formatDuration } from '../../../model/duration.ts';
import { conditionKind } from '../condition.ts';
import { duration, ms } from '../duration-setting.ts';
import { matchersOf, matchSetting, metricName } from '../matcher-setting.ts';
import type { Measured, SeriesGroup } from '../series-group.ts';
import { formatNumber } from '../threshold.ts';

/** Growth of a counter within a window, compared with what the same counter usually does. */
export const spikeCondition = conditionKind({
  kind: 'spike',
  source: 'series',
  threshold: { op: 'above', at: 5, recoverAt: 5 },
  everyMs: () => 60_000,
  schema: z.strictObject({
    kind: z.literal('spike').describe('How many times more a counter grows than it usually does.'),
    series: metricName.describe('Name of a counter.'),
    match: matchSetting.optional(),
    window: duration(1000).default('5m').describe('The stretch of time that is compared.'),
    baseline: duration(60_000).default('1d').describe('What is usual: the average over this long before the window.'),
    min_events: z.int().min(1).default(10).describe('Less growth than this within the window is no spike.'),
  }),
  plan(when) {
    const windowMs = ms(when.window);
    const baselineMs = ms(when.baseline);
    return {
      sort: 'series',
      inputs: [
        {
          name: when.series,
          matchers: matchersOf(when.match),
          columns: ['increase'],
          windowMs: windowMs + baselineMs,
        },
      ],
      subject: `growth of ${when.series} within ${formatDuration(windowMs)} beside the ${formatDuration(baselineMs)} before`,
      unit: 'times as usual',
      measure: (group, end, slotMs) => spike(group, end, slotMs, { windowMs, baselineMs, least: when.min_events }),
    };
  },
});

/** How many times more than usual; a counter that did nothing before counts as one event in the baseline. */
export function spike(
  group: SeriesGroup,
  end: number,
  slotMs: number,
  { windowMs, baselineMs, least }: { windowMs: number; baselineMs: number; least: number },
): Measured | undefined {
  const slots = Math.round(windowMs / slotMs);
  const before = Math.round(baselineMs / slotMs);
  const grown = (until: number, n: number) =>
    group.rings[0]!.reduce((sum, ring) => sum + ring.sum('increase', until, n), 0);
  const now = grown(end, slots);
  const usual = Math.max(grown(end - slots, before), 1) / (before / slots);
  const value = now < least ? 0 : now / usual;
  return {
    value,
    reason: () =>
      `${formatNumber(now)} within ${formatDuration(windowMs)}, usual are ${formatNumber(usual)}${now < least ? `; fewer than ${least} are no spike` : ''}`,
  };
}
