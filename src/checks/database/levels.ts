import type { ConditionResult } from '../../model/check.ts';
import { formatDuration } from '../../model/duration.ts';

/** Two thresholds of one figure; null switches one off. */
export interface Level {
  readonly warning: number | null;
  readonly error: number | null;
}

/** When a server's figures are worth a warning, or an alert of severity error. Names and units of `database_monitoring.thresholds`. */
export interface Levels {
  readonly connections_used_percent: Level;
  readonly blocked_seconds: Level;
  readonly long_query_seconds: Level;
  readonly idle_in_transaction_seconds: Level;
  readonly replication_lag_seconds: Level;
  readonly memory_used_percent: Level;
  readonly wal_size_mb: Level;
}

/** Judges a figure; undefined when it is not known or nobody wants it judged. A figure above a threshold makes the check warn. */
export function judge(
  id: string,
  words: {
    readonly condition: (limit: string) => string;
    readonly seen: string;
    readonly show: (limit: number) => string;
  },
  value: number | null | undefined,
  level: Level,
): ConditionResult | undefined {
  if (value === null || value === undefined || !Number.isFinite(value)) return undefined;
  const { warning, error } = level;
  const limit = error !== null && (warning === null || value > error) ? error : warning;
  if (limit === null) return undefined;
  return {
    id,
    condition: words.condition(words.show(limit)),
    met: value <= limit,
    seen: words.seen,
    severity: error !== null && value > error ? 'error' : 'warning',
    ...(warning !== null && error !== null ? { levels: { warning, error } } : {}),
  };
}

/** Judges a length of time, given in seconds. What was seen is a sentence, because it becomes the reason. */
export function judgeSeconds(
  id: string,
  what: string,
  seconds: number | null | undefined,
  level: Level,
): ConditionResult | undefined {
  return judge(
    id,
    {
      condition: (limit) => `${what} for at most ${limit}`,
      seen: seconds ? `${what} for ${formatDuration(seconds * 1000)}` : 'none',
      show: (limit) => formatDuration(limit * 1000),
    },
    seconds,
    level,
  );
}

/** Judges how much of something is used. */
export function judgeShare(
  id: string,
  what: string,
  used: number | null | undefined,
  most: number | null | undefined,
  level: Level,
): ConditionResult | undefined {
  if (!used || !most || used < 0 || most <= 0) return undefined;
  const percent = (used / most) * 100;
  return judge(
    id,
    {
      condition: (limit) => `at most ${limit} of the ${what} are in use`,
      seen: `${used} of ${most} ${what} are in use (${Math.round(percent)} %)`,
      show: (limit) => `${limit} %`,
    },
    percent,
    level,
  );
}

/** The conditions that are there. */
export function known(...conditions: readonly (ConditionResult | undefined)[]): ConditionResult[] {
  return conditions.filter((one) => one !== undefined);
}
