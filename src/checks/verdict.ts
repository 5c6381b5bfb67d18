import type { CheckOutcome, ConditionResult } from '../model/check.ts';
import { formatDuration } from '../model/duration.ts';

/** Makes the outcome of conditions: the worst of those that are not met. `seen` may depend on the status, e.g. to add evidence. */
export function verdictOf(
  conditions: readonly ConditionResult[],
  okReason: string,
  phases: CheckOutcome['phases'],
  seen: (status: 'ok' | 'warning' | 'error') => CheckOutcome['seen'],
): CheckOutcome {
  const unmet = conditions.filter((one) => !one.met);
  const status = unmet.some((one) => one.severity === 'error') ? 'error' : unmet.length > 0 ? 'warning' : 'ok';
  const reason = unmet.length > 0 ? unmet.map((one) => `${one.seen} (${one.condition})`).join('; ') : okReason;
  return { status, reason, seen: seen(status), conditions, ...(phases ? { phases } : {}) };
}

/** Judges how long an answer took against both thresholds. */
export function timeCondition(
  { warningMs, errorMs }: { readonly warningMs: number; readonly errorMs: number },
  durationMs: number,
): ConditionResult {
  const limit = durationMs > errorMs ? errorMs : Math.min(warningMs, errorMs);
  return {
    condition: `the answer takes at most ${formatDuration(limit)}`,
    met: durationMs <= limit,
    seen: `answered in ${formatDuration(durationMs)}`,
    severity: durationMs > errorMs ? 'error' : 'warning',
    id: 'response-time',
    levels: { warning: Math.min(warningMs, errorMs), error: errorMs },
  };
}
