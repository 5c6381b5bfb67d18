import { createHash } from 'node:crypto';
import type { Labels } from '../model/sample.ts';

/** Identity of a problem: 16 hex digits of the rule, type, source and labels. The order of the labels and the value play no part. */
export function fingerprintOf(rule: string, alertType: string, source: string, labels: Labels): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return createHash('sha256')
    .update(JSON.stringify([rule, alertType, source, sorted]))
    .digest('hex')
    .slice(0, 16);
}
