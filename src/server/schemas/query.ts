import { z } from 'zod';
import { parseDuration } from '../../model/duration.ts';
import { parseMatcher } from '../../model/matcher.ts';
import { isMonitorError } from '../../model/problem.ts';

/** A moment in a query: epoch ms, ISO 8601, `now` or `now-6h`. Absent: undefined. */
export const moment = z.string().transform((value, context): ((now: number) => number) => {
  const text = value.trim();
  const back = /^now(?:-(.+))?$/.exec(text);
  if (back) {
    const ms = back[1] === undefined ? 0 : parseDuration(back[1]);
    if (ms !== undefined) return (now) => now - ms;
  }
  const fixed = /^\d{1,15}$/.test(text) ? Number(text) : /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(fixed)) {
    context.addIssue({
      code: 'custom',
      message: 'must be epoch milliseconds, an ISO 8601 time, `now` or e.g. `now-6h`',
    });
    return z.NEVER;
  }
  return () => fixed;
});

/** A duration in a query: a number of milliseconds or e.g. `30s`, `5m`, `1h`. */
export const stepMs = z.string().transform((value, context): number => {
  const ms = parseDuration(value, 1);
  if (ms === undefined || ms < 1 || ms > 366 * 86_400_000) {
    context.addIssue({ code: 'custom', message: 'must be a number of milliseconds or a duration such as 30s, 5m, 1h' });
    return z.NEVER;
  }
  return Math.round(ms);
});

/** The longest an answer may take to be found: 10 ms to 60 s, `5s` or milliseconds. */
export const deadlineMs = z.string().transform((value, context): number => {
  const ms = parseDuration(value, 1);
  if (ms === undefined || ms < 10 || ms > 60_000) {
    context.addIssue({ code: 'custom', message: 'must be a duration between 10 ms and 60 s, e.g. 5s' });
    return z.NEVER;
  }
  return ms;
});

/** Which tier may be read: the coarsest that fits (`auto`), or nothing but values as they came (`raw`). */
export const tierChoice = z.enum(['auto', 'raw']).default('auto');

/** A whole number between 1 and `max`. */
export function limit(fallback: number, max: number) {
  return z.coerce.number().int().min(1).max(max).default(fallback);
}

/** Texts separated by commas, each one of `allowed`. */
export function listOf<const T extends readonly [string, ...string[]]>(allowed: T) {
  return z
    .string()
    .transform((value) =>
      value
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    )
    .pipe(z.array(z.enum(allowed)));
}

/** Label matchers, `match=check=database:pooler` (also `!=`, `=~`, `!~`), any number of them. */
export const matchers = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (Array.isArray(value) ? value : [value]))
  .pipe(
    z
      .array(
        z
          .string()
          .max(500)
          .transform((value, context) => {
            try {
              return parseMatcher(value);
            } catch (error) {
              const hint = isMonitorError(error) ? `${error.message} ${error.hint ?? ''}` : 'is not a matcher';
              context.addIssue({ code: 'custom', message: hint.trim() });
              return z.NEVER;
            }
          }),
      )
      .max(20),
  )
  .optional();

/** Metric names as Prometheus allows them. */
export const metricName = z
  .string()
  .max(200)
  .regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/, 'must be a metric name, e.g. system_cpu_usage_ratio');

export const aggregate = z
  .string()
  .regex(
    /^(avg|min|max|sum|count|last|rate|increase|p\d{1,2}(\.\d{1,4})?|p100)$/,
    'must be avg, min, max, sum, count, last, rate, increase or a percentile such as p99',
  );
