import type { Clock } from '../../model/clock.ts';
import type { Log } from '../../model/log.ts';
import type { StateStore } from '../../model/store.ts';
import { createMaintenancePlan, type MaintenancePlan, type Opening } from './plan.ts';
import type { MaintenanceWindowSettings } from './settings.ts';

const id = 'maintenance';

/** Makes the plan of the settings with what earlier lives remember, so that uptime leaves the same time out after a restart. */
export async function openMaintenancePlan(options: {
  readonly windows: readonly MaintenanceWindowSettings[];
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Hears of each beginning. */
  readonly onOpen: (opening: Opening) => void;
}): Promise<MaintenancePlan> {
  const { windows, state, clock, log } = options;
  let remembered: readonly Opening[] = [];
  try {
    remembered = asOpenings((await state.get('memory', id))?.value);
  } catch (error) {
    log.warn({ error }, 'the maintenance of the past could not be read; uptime counts it as unobserved');
  }
  return createMaintenancePlan({
    windows,
    remembered,
    now: clock.now(),
    opened(opening, all) {
      state
        .commit([{ in: 'memory', put: { id, at: clock.now(), value: { v: 1, openings: structuredClone(all) } } }])
        .catch((error: unknown) => log.warn({ error }, 'a maintenance window could not be written down'));
      options.onOpen(opening);
    },
  });
}

/** What was written by this version or another; leaves out what it cannot read. */
function asOpenings(value: unknown): Opening[] {
  const list = (value as { openings?: unknown } | null | undefined)?.openings;
  if (!Array.isArray(list)) return [];
  return list.filter((one: Partial<Opening> | null): one is Opening => {
    const texts = (given: unknown) => Array.isArray(given) && given.every((text) => typeof text === 'string');
    return (
      typeof one?.name === 'string' &&
      texts(one.checks) &&
      texts(one.tags) &&
      Number.isFinite(one.from) &&
      Number.isFinite(one.to)
    );
  });
}
