import type { ConditionResult } from '../../model/check.ts';
import { type Certificate, daysLeft } from './certificate.ts';

/** How many days a certificate must have left. */
export interface DaysLeftRules {
  readonly certificateWarningDays: number;
  /** Undefined: only verification makes an error of an expired certificate. */
  readonly certificateErrorDays: number | undefined;
}

/** Judges how long a certificate is still valid. `whose` names it where there are several. */
export function certificateCondition(
  found: Pick<Certificate, 'validTo'>,
  { certificateWarningDays: warning, certificateErrorDays: error }: DaysLeftRules,
  now: number,
  whose = 'the certificate',
): ConditionResult {
  const days = daysLeft(found, now);
  const tooLate = error !== undefined && days < error;
  const limit = tooLate ? error : Math.max(warning, error ?? 0);
  return {
    condition: `${whose} is valid for at least ${limit} days`,
    met: days >= limit,
    seen: days < 0 ? `${whose} expired ${-days} days ago` : `${whose} expires in ${days} days`,
    severity: tooLate ? 'error' : 'warning',
  };
}
