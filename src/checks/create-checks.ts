import type { Check } from '../model/check.ts';
import type { Clock } from '../model/clock.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { Log } from '../model/log.ts';
import type { PoolsView } from '../model/pool.ts';
import { poolLimitsOf } from '../model/pool-verdict.ts';
import type { AgentsView } from '../model/signal.ts';
import type { ApiMonitoringSettings } from './api-settings.ts';
import { applicationChecks, type RunInApplication } from './application-checks.ts';
import { assertServable } from './capacity.ts';
import { chainEntry } from './chain-entry.ts';
import { databaseChecks } from './database/from-settings.ts';
import type { DatabaseMonitoringSettings } from './database-settings.ts';
import { endpointChecks } from './endpoint-checks.ts';
import { eventLoopChecks } from './event-loop.ts';
import { createGuard } from './network/guard.ts';
import { withPoolEvidence } from './pool-evidence.ts';
import type { CheckSet } from './scheduler.ts';
import { systemCheck } from './system/system-check.ts';
import type { SystemMonitoringSettings } from './system-settings.ts';

export interface ChecksOptions {
  readonly database: DatabaseMonitoringSettings;
  readonly api: ApiMonitoringSettings;
  readonly system: SystemMonitoringSettings;
  /** `monitoring.health_check_intervals`, seconds. */
  readonly intervals: { readonly database: number; readonly api: number; readonly system: number };
  /** `server.forbid_private_targets`: no endpoint check connects to a private address. @default false */
  readonly forbidPrivateTargets?: boolean;
  /** The applications whose event loops are watched, and whose own checks are run. */
  readonly agents: AgentsView;
  /** The pools of the applications: evidence when a database check is not fine. */
  readonly pools?: Pick<PoolsView, 'pools'>;
  /** How an application's own check is run; without it they are not listed. */
  readonly runIn?: RunInApplication;
  /** Takes down what belongs into the journal: steps of circuit breakers. */
  readonly note?: (entry: Omit<JournalEntry, 'id' | 'at'>) => void;
  /** Checks of the user's own making. */
  readonly extra?: readonly Check[];
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Makes every check that the settings ask for. The result goes to `createScheduler`.
 * @throws MonitorError `configuration-invalid` when they are more than one monitor can serve.
 */
export function createChecks(options: ChecksOptions): CheckSet {
  const { database, api, system, intervals, agents, clock } = options;
  const databases = databaseChecks(database, intervals.database, clock, {
    onStep: (step) => options.note?.(chainEntry(step)),
  });
  const poolNames = new Map(database.connections.map(({ name, pool }) => [`database:${name}`, pool ?? name]));
  const fixed: Check[] = [
    ...databases.map((check) => {
      const pool = poolNames.get(check.info.id);
      return options.pools && pool !== undefined
        ? withPoolEvidence(check, pool, options.pools, poolLimitsOf(database))
        : check;
    }),
    ...endpointChecks(api, intervals.api, clock, options.forbidPrivateTargets ? createGuard() : undefined),
    ...(system.enabled ? [systemCheck({ settings: system, intervalMs: intervals.system * 1000, clock })] : []),
    ...(options.extra ?? []),
  ];
  assertServable(fixed);
  const eventLoops = eventLoopChecks({ agents, blockedMs: system.event_loop_blocked_seconds * 1000, clock });
  const applications = options.runIn ? applicationChecks({ agents, runIn: options.runIn }) : () => [];
  return { fixed, changing: () => [...eventLoops(), ...applications()] };
}
