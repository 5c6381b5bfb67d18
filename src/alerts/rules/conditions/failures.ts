import { z } from 'zod';
import { matchersOf, matchSetting, metricName } from '../matcher-setting.ts';
import type { Measured, SeriesGroup, SeriesInput } from '../series-group.ts';

/** Names of counters of errors and of everything, with the operations of the applications as default. */
export const failureSettings = {
  errors: z
    .strictObject({ series: metricName, match: matchSetting.optional() })
    .default({ series: 'operation_errors_total' })
    .describe('The counter of what failed.'),
  total: z
    .strictObject({ series: metricName, match: matchSetting.optional() })
    .default({ series: 'operation_total' })
    .describe('The counter of everything, failed or not.'),
  match: matchSetting.optional(),
} as const;

interface FailureSettings {
  readonly errors: { readonly series: string; readonly match?: string | Record<string, string> | undefined };
  readonly total: { readonly series: string; readonly match?: string | Record<string, string> | undefined };
  readonly match?: string | Record<string, string> | undefined;
}

/** The two inputs of a condition on a share of failures: errors first. */
export function failureInputs(when: FailureSettings, windowMs: number): SeriesInput[] {
  const shared = matchersOf(when.match);
  return [when.errors, when.total].map(({ series, match }) => ({
    name: series,
    matchers: [...shared, ...matchersOf(match)],
    columns: ['increase'],
    windowMs,
  }));
}

/** How many failed and how many there were within the `slots` before `end`. */
export function failuresIn(group: SeriesGroup, end: number, slots: number): { errors: number; total: number } {
  const grown = (input: number) => group.rings[input]!.reduce((sum, ring) => sum + ring.sum('increase', end, slots), 0);
  return { errors: grown(0), total: grown(1) };
}

/** With little traffic nothing is wrong; without any sign of the counters nothing is known. */
export function tooFew(
  group: SeriesGroup,
  end: number,
  slots: number,
  total: number,
  least: number,
): Measured | undefined {
  if (group.newest(end) < end - slots) return undefined;
  return { value: 0, severity: null, reason: () => `only ${total} events; fewer than ${least} say nothing` };
}
