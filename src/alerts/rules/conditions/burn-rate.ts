import { z } from 'zod';
import { formatDuration } from '../../../model/duration.ts';
import { isAtLeast, severities } from '../../../model/severity.ts';
import { conditionKind } from '../condition.ts';
import { duration, ms } from '../duration-setting.ts';
import { formatNumber } from '../threshold.ts';
import { failureInputs, failureSettings, failuresIn, tooFew } from './failures.ts';

/** The windows of Google's SRE Workbook, chapter 5, for an objective over 30 days: 2 %, 5 % and 10 % of the budget. */
const workbook = [
  { long: '1h', short: '5m', factor: 14.4, severity: 'critical' as const },
  { long: '6h', short: '30m', factor: 6, severity: 'critical' as const },
  { long: '3d', short: '6h', factor: 1, severity: 'warning' as const },
];

const pair = z.strictObject({
  long: duration(60_000).describe('The window that makes sure it matters.'),
  short: duration(1000).describe('The window that makes sure it still goes on; a twelfth of the long one is usual.'),
  factor: z.number().gt(0).describe('How many times faster than allowed the budget may burn in both windows.'),
  severity: z.enum(severities).default('critical').describe('How bad that is.'),
});

/** How fast the error budget of an objective burns, in two windows at once. */
export const burnRateCondition = conditionKind({
  kind: 'burn_rate',
  source: 'series',
  // Severities stand with the windows; the value is compared with each window's factor.
  threshold: { op: 'above', at: 0, recoverAt: 0 },
  everyMs(when) {
    const longest = Math.max(...when.windows.map((each) => ms(each.long)));
    return longest > 21_600_000 ? 60_000 : longest > 3_600_000 ? 30_000 : 15_000;
  },
  schema: z
    .strictObject({
      kind: z
        .literal('burn_rate')
        .describe('How fast the error budget of an objective burns, in a long and a short window at once.'),
      ...failureSettings,
      objective: z
        .number()
        .gt(0)
        .lt(1)
        .describe('Share of events that must be good, e.g. 0.999: then one in a thousand is the budget.'),
      windows: z
        .array(pair)
        .min(1)
        .max(10)
        .default(workbook)
        .describe('Pairs of windows; both must burn faster than the factor. Default: those of the SRE Workbook.'),
      min_events: z.int().min(1).default(20).describe('With fewer events in a long window it says nothing.'),
    })
    .superRefine((value, context) => {
      for (const [index, each] of value.windows.entries()) {
        if (ms(each.short) < ms(each.long)) continue;
        context.addIssue({
          code: 'custom',
          path: ['windows', index, 'short'],
          message: `must be shorter than the long window (${each.long})`,
        });
      }
    }),
  plan(when) {
    const pairs = when.windows.map((each) => ({ ...each, longMs: ms(each.long), shortMs: ms(each.short) }));
    const budget = 1 - when.objective;
    return {
      sort: 'series',
      inputs: failureInputs(when, Math.max(...pairs.map((each) => each.longMs))),
      by: [],
      subject: `error budget of ${formatNumber(when.objective * 100)} %: ${pairs
        .map(
          (each) =>
            `${each.factor} x in ${formatDuration(each.longMs)} and ${formatDuration(each.shortMs)} (${each.severity})`,
        )
        .join(', ')}`,
      unit: 'times the budget',
      measure(group, end, slotMs) {
        const burn = (windowMs: number) => {
          const { errors, total } = failuresIn(group, end, Math.round(windowMs / slotMs));
          return { rate: total > 0 ? errors / total / budget : 0, total };
        };
        let found: { value: number; pair: (typeof pairs)[number] } | undefined;
        let most = 0;
        let enough = false;
        for (const each of pairs) {
          const long = burn(each.longMs);
          if (long.total < when.min_events) continue;
          enough = true;
          const value = Math.min(long.rate, burn(each.shortMs).rate);
          most = Math.max(most, value);
          if (value <= each.factor) continue;
          if (!found || isAtLeast(each.severity, found.pair.severity)) found = { value, pair: each };
        }
        if (!enough) {
          const slots = Math.round(pairs[0]!.longMs / slotMs);
          return tooFew(group, end, slots, failuresIn(group, end, slots).total, when.min_events);
        }
        if (!found) {
          return {
            value: most,
            severity: null,
            reason: () => `the budget burns ${formatNumber(most)} times as fast as allowed`,
          };
        }
        const { value, pair: worst } = found;
        return {
          value,
          severity: worst.severity,
          threshold: worst.factor,
          reason: () =>
            `the budget burns ${formatNumber(value)} times as fast as allowed over ${formatDuration(worst.longMs)} and ${formatDuration(worst.shortMs)} (limit ${worst.factor})`,
        };
      },
    };
  },
});
