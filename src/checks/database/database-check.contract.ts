import type { Check, CheckOutcome } from '../../model/check.ts';
import { systemClock } from '../../model/clock.ts';
import { databaseMonitoringSettings } from '../settings.ts';
import { databaseCheck } from './database-check.ts';
import { databaseKinds } from './kinds.ts';
import { type Place, placeOfUrl } from './place.ts';

/** What tests of databases change in a check; the rest is as the settings have it. */
export interface CheckWish {
  readonly timeoutMs?: number;
  readonly query?: string | undefined;
  readonly slowQueryMs?: number;
  readonly freshEvery?: number;
  /** @default 0: statistics in every run */
  readonly factsEveryMs?: number | undefined;
  readonly expectWritable?: boolean;
  readonly thresholds?: Record<string, unknown>;
}

/** A check of one database, as the settings would make it. */
export function makeCheck(where: string | Place, wish: CheckWish = {}): Check {
  const place = typeof where === 'string' ? placeOfUrl(where) : where;
  return databaseCheck({
    info: {
      id: 'database:test',
      kind: place.kind,
      name: 'test',
      intervalMs: 60_000,
      timeoutMs: wish.timeoutMs ?? 4000,
    },
    kind: databaseKinds[place.kind]!,
    place,
    query: wish.query,
    slowQueryMs: wish.slowQueryMs ?? 2000,
    freshEvery: wish.freshEvery ?? 10,
    factsEveryMs: 'factsEveryMs' in wish ? wish.factsEveryMs : 0,
    withStatements: true,
    levels: databaseMonitoringSettings.parse({ thresholds: wish.thresholds ?? {} }).thresholds,
    expectWritable: wish.expectWritable ?? false,
    clock: systemClock,
  });
}

/** Runs a check under its deadline. */
export const runCheck = (check: Check): Promise<CheckOutcome> => check.run(AbortSignal.timeout(check.info.timeoutMs));

/** Runs a check once and lets go of it. */
export async function runOnceAndClose(check: Check): Promise<CheckOutcome> {
  try {
    return await runCheck(check);
  } finally {
    await check.close?.();
  }
}
