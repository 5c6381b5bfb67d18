import type { Cause, CheckInfo, CheckResult, CheckState } from '../model/check.ts';
import type { Clock, Timer } from '../model/clock.ts';

/** What is asked of the other checks. */
export interface Family {
  one(id: string): CheckState | undefined;
  /** Runs a check now, or shares the run under way. */
  runNow(id: string): Promise<CheckResult | undefined>;
}

/** A parent's result of the last second is believed; an older one is asked for again before a child is blamed. */
const freshMs = 1000;
/** A child that used its deadline up waits so long for its parents' word at most, ms. */
const lastPatienceMs = 80;

/** Finds out whether a failure is only the consequence of a parent's. */
export interface Lineage {
  /**
   * The topmost parent that is down, undefined when none is. Parents whose last word is old are asked again, for as long as the
   * child's own deadline allows (`patienceMs`), because a database and the endpoint in front of it fail at the same moment.
   */
  causeOf(check: CheckInfo, patienceMs: number): Promise<Cause | undefined>;
  /** Lets the parents of a child that is slow be asked meanwhile; returns the timer to cancel. */
  askWhileWaiting(check: CheckInfo): Timer;
}

/** Makes the lineage of a scheduler's checks. Parents are known ids without circles: the configuration has been checked. */
export function createLineage(family: Family, clock: Clock): Lineage {
  function knownCause(check: CheckInfo): Cause | undefined {
    for (const id of check.parents ?? []) {
      const parent = family.one(id);
      if (parent?.status !== 'error') continue;
      const { last } = parent;
      return last?.becauseOf ?? { check: id, name: parent.check.name, reason: parent.reason };
    }
    return undefined;
  }

  /** Asks every parent whose last word is old. */
  async function ask(check: CheckInfo): Promise<void> {
    const old = (check.parents ?? []).filter((id) => {
      const at = family.one(id)?.last?.at;
      return at === undefined || Math.abs(clock.now() - at) > freshMs;
    });
    await Promise.all(old.map((id) => family.runNow(id)));
  }

  return {
    async causeOf(check, patienceMs) {
      const known = knownCause(check);
      if (known || !check.parents?.length) return known;
      let timer: Timer | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = clock.after(Math.max(lastPatienceMs, patienceMs), resolve);
      });
      await Promise.race([ask(check).catch(() => {}), patience]);
      timer?.cancel();
      return knownCause(check);
    },
    askWhileWaiting: (check) => clock.after(check.timeoutMs / 2, () => void ask(check).catch(() => {})),
  };
}
