import { z } from 'zod';
import { formatDuration } from '../../../model/duration.ts';
import { conditionKind } from '../condition.ts';
import { duration, ms } from '../duration-setting.ts';
import { matchersOf, matchSetting, metricName } from '../matcher-setting.ts';
import type { Column, SlotRing } from '../slot-ring.ts';
import { combine, combineSetting } from './combine.ts';

const aggregates = ['last', 'avg', 'min', 'max', 'sum', 'count'] as const;

const columnsOf: Record<(typeof aggregates)[number], readonly Column[]> = {
  last: ['last'],
  avg: ['count', 'sum'],
  min: ['min'],
  max: ['max'],
  sum: ['count', 'sum'],
  count: ['count'],
};

/** The value of a series: its newest, or an aggregate over a window. */
export const valueCondition = conditionKind({
  kind: 'value',
  source: 'series',
  schema: z.strictObject({
    kind: z.literal('value').describe('The newest value of a series, or an aggregate over a window.'),
    series: metricName.describe('Name of the metric.'),
    match: matchSetting.optional(),
    aggregate: z.enum(aggregates).default('last').describe('What is made of the points within the window.'),
    window: duration(1000)
      .default('5m')
      .describe('How far back it looks; for `last`: how old the newest value may be.'),
    combine: combineSetting.optional(),
  }),
  plan(when) {
    const windowMs = ms(when.window);
    const { aggregate } = when;
    const read = readers[aggregate];
    const how = when.combine ?? (aggregate === 'sum' || aggregate === 'count' ? 'sum' : 'max');
    return {
      sort: 'series',
      inputs: [{ name: when.series, matchers: matchersOf(when.match), columns: columnsOf[aggregate], windowMs }],
      subject: aggregate === 'last' ? when.series : `${aggregate} of ${when.series} over ${formatDuration(windowMs)}`,
      unit: aggregate === 'count' ? 'points' : '',
      measure(group, end, slotMs) {
        const slots = Math.round(windowMs / slotMs);
        return combine(how, group.rings[0]!, (ring) => read(ring, end, slots));
      },
    };
  },
});

const readers: Record<(typeof aggregates)[number], (ring: SlotRing, end: number, slots: number) => number> = {
  last: (ring, end, slots) => ring.last(end, slots),
  avg: (ring, end, slots) => ring.sum('sum', end, slots) / ring.sum('count', end, slots),
  min: (ring, end, slots) => ring.min(end, slots),
  max: (ring, end, slots) => ring.max(end, slots),
  sum: (ring, end, slots) => (ring.sum('count', end, slots) > 0 ? ring.sum('sum', end, slots) : Number.NaN),
  count: (ring, end, slots) => ring.sum('count', end, slots),
};
