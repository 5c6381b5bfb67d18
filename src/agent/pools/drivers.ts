import type { PoolDriver } from './driver.ts';
import { pgDriver } from './drivers/pg.ts';

/** Every driver whose pools are known; the first that recognises one gets it. */
export const drivers: readonly PoolDriver[] = [pgDriver];
