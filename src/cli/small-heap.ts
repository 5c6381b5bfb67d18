import { setFlagsFromString } from 'node:v8';

/**
 * Makes this process take less memory: a monitor is a guest on the machine that it watches. Must be called before the heap grows.
 * A small nursery, a heap that grows slowly, and no top-tier compiler, whose code and profiles cost more than an idle monitor gains;
 * the mid-tier one stays. `docs/decisions/005-small-heap.md` has the measurements.
 */
export function keepHeapSmall(): void {
  for (const flag of ['--max-semi-space-size=1', '--semi-space-growth-factor=1', '--optimize-for-size', '--no-opt']) {
    setFlagsFromString(flag);
  }
}
