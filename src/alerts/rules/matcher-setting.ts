import { z } from 'zod';
import { parseMatchers } from '../../model/matcher.ts';
import type { Matcher } from '../../model/sample.ts';

/** Label matchers as people write them: `category="database", operation!~"internal.*"`, or an object of labels that must be equal. */
export const matchSetting = z
  .union([z.string(), z.record(z.string(), z.string())])
  .superRefine((value, context) => {
    try {
      matchersOf(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    }
  })
  .describe(
    'Which series: label matchers like `category="database", operation!~"internal.*"`, or an object of equal labels.',
  );

/** The matchers of a setting; none when it is left out. */
export function matchersOf(value: string | Readonly<Record<string, string>> | undefined): readonly Matcher[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return parseMatchers(value);
  return Object.entries(value).map(([name, wanted]) => ({ name, op: '=', value: wanted }));
}

/** A name of a metric. */
export const metricName = z
  .string()
  .regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/, 'must be the name of a metric, e.g. operation_total');
