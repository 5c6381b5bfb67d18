import { z } from 'zod';
import { formatDuration, parseDuration } from '../../model/duration.ts';

const year = 366 * 86_400_000;

/** A duration as people write it: `"5m"`, `"1h30m"`, or a number of seconds. It stays as written; `durationMs` reads it. */
export function duration(least = 0, most = year) {
  return z.union([z.string(), z.number()]).superRefine((value, context) => {
    const ms = durationMs(value);
    if (ms === undefined) {
      context.addIssue({
        code: 'custom',
        message: 'must be a duration like "90s", "5m", "1h30m", or a number of seconds',
      });
    } else if (ms < least || ms > most) {
      context.addIssue({
        code: 'custom',
        message: `must be a duration from ${formatDuration(least)} to ${formatDuration(most)}`,
      });
    }
  });
}

/** Milliseconds of a duration setting; undefined when it is none. */
export function durationMs(value: string | number): number | undefined {
  return typeof value === 'number' ? (value >= 0 ? value * 1000 : undefined) : parseDuration(value);
}

/** Milliseconds of a duration that the schema has accepted. */
export function ms(value: string | number): number {
  return durationMs(value) ?? 0;
}
