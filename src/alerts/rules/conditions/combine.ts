import { z } from 'zod';
import type { Measured } from '../series-group.ts';
import type { SlotRing } from '../slot-ring.ts';

const ways = ['max', 'min', 'sum', 'avg'] as const;
export type Combine = (typeof ways)[number];

export const combineSetting = z
  .enum(ways)
  .describe('How the values of several series under the same `by` labels become one.');

/** One value of several series; those without a value are left out. undefined when none has one. */
export function combine(
  how: Combine,
  rings: readonly SlotRing[],
  read: (ring: SlotRing) => number,
): Measured | undefined {
  let count = 0;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const ring of rings) {
    const value = read(ring);
    if (!Number.isFinite(value)) continue;
    count += 1;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (count === 0) return undefined;
  return { value: how === 'sum' ? sum : how === 'avg' ? sum / count : how === 'min' ? min : max };
}
