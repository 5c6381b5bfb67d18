import { isAtLeast, type Severity } from '../../model/severity.ts';

/** One level of a rule: from which value on it is how bad, and when it is over. */
export interface Threshold {
  readonly severity: Severity;
  readonly op: 'above' | 'below' | 'equal';
  readonly at: number;
  /** Once there, it stays until the value is back at this or better. Equal to `at` without hysteresis. */
  readonly recoverAt: number;
}

/**
 * The worst threshold that a value has crossed, given the severity that fires already; undefined when it has crossed none.
 * Between `recoverAt` and `at` a level is kept and never begun.
 */
export function crossed(
  value: number,
  thresholds: readonly Threshold[],
  before: Severity | undefined,
): Threshold | undefined {
  let found: Threshold | undefined;
  for (const threshold of thresholds) {
    const held = before !== undefined && isAtLeast(before, threshold.severity);
    if (!isBeyond(value, threshold, held ? threshold.recoverAt : threshold.at)) continue;
    if (!found || isAtLeast(threshold.severity, found.severity)) found = threshold;
  }
  return found;
}

function isBeyond(value: number, { op }: Threshold, limit: number): boolean {
  if (op === 'above') return value > limit;
  if (op === 'below') return value < limit;
  return value === limit;
}

/** `above 0.9 (error), above 0.8 (warning)`, worst first. */
export function describeThresholds(thresholds: readonly Threshold[], unit: string): string {
  return [...thresholds]
    .sort((a, b) => Number(isAtLeast(b.severity, a.severity)) - Number(isAtLeast(a.severity, b.severity)))
    .map(({ op, at, severity }) => `${op} ${formatNumber(at)}${unit === '' ? '' : ` ${unit}`} (${severity})`)
    .join(', ');
}

/** A number with at most four significant digits; whole numbers as they are. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return 'nothing';
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
