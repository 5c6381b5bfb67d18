import { z } from 'zod';
import { formatDuration } from '../../../model/duration.ts';
import { conditionKind } from '../condition.ts';
import { duration, ms } from '../duration-setting.ts';
import { matchersOf, matchSetting, metricName } from '../matcher-setting.ts';

/** A series has no points, or there is none at all. */
export const absenceCondition = conditionKind({
  kind: 'absence',
  source: 'series',
  threshold: { op: 'above', at: 0, recoverAt: 0 },
  schema: z.strictObject({
    kind: z.literal('absence').describe('No point of a series within a window.'),
    series: metricName.describe('Name of the metric.'),
    match: matchSetting.optional(),
    window: duration(1000).default('5m').describe('How long there must have been no point.'),
    forget_after: duration(60_000)
      .default('1d')
      .describe('A series that has been gone for this long is taken to be gone for good, and its alert ends.'),
  }),
  plan(when) {
    const windowMs = ms(when.window);
    const matchers = matchersOf(when.match);
    return {
      sort: 'series',
      // The newest point is known beyond the ring; only a look back after a restart needs the length.
      inputs: [{ name: when.series, matchers, columns: ['count'], windowMs }],
      forgetAfterMs: Math.max(ms(when.forget_after), 2 * windowMs),
      subject: `no points of ${when.series} for ${formatDuration(windowMs)}`,
      unit: 'seconds',
      absent: {
        labels: Object.fromEntries(matchers.flatMap(({ name, op, value }) => (op === '=' ? [[name, value]] : []))),
        windowMs,
      },
      measure(group, end, slotMs) {
        const silentMs = (end - 1 - group.newest(end)) * slotMs;
        if (silentMs < windowMs) return { value: 0, reason: () => `${when.series} has points` };
        return { value: silentMs / 1000, reason: () => `no point of ${when.series} for ${formatDuration(silentMs)}` };
      },
    };
  },
});
