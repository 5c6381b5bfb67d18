/** When many alerts are too many, and how long a summary waits for more. */
export interface StormSettings {
  /** Alerts within half a second that make a storm. */
  readonly atOnce: number;
  /** Messages about single alerts in a minute that make a storm. */
  readonly perMinute: number;
  readonly firstSummaryMs: number;
  readonly summaryIntervalMs: number;
}

/** After one message about a single alert the next ones are collected for so long, to see whether they are many. */
export const collectMs = 500;
/** A storm that brought nothing for so long is calm enough for its summary. */
export const calmMs = 1000;
const minute = 60_000;

/**
 * The pace of messages about single alerts: one goes at once, what follows within half a second is looked at together. It remembers
 * nothing that a crash could lose: whoever waits carries that in the episode.
 */
export interface Pace {
  /** True when a message may be owed now; it counts then. False: it has to be collected. */
  admits(now: number): boolean;
  /** Notes that something is collected; gives when it is looked at. */
  collect(now: number): number;
  /** Says that nothing is collected any more. */
  collected(): void;
  /** True when telling so many more one by one would be too many. */
  isStorm(count: number, now: number): boolean;
  /** Notes messages about single alerts that are owed now. */
  note(count: number, now: number): void;
  /** Epoch ms of the newest alert that came into the storm. */
  lastJoinAt: number;
}

/** Makes the pace. */
export function createPace(settings: StormSettings): Pace {
  let recent: number[] = [];
  let lastAt = Number.NEGATIVE_INFINITY;
  const note = (count: number, now: number): void => {
    if (count === 0) return;
    lastAt = now;
    recent = recent.filter((at) => at > now - minute && at <= now);
    for (let i = 0; i < count; i++) recent.push(now);
  };
  const inMinute = (now: number) => recent.filter((at) => at > now - minute && at <= now).length;
  let collecting: number | undefined;
  return {
    lastJoinAt: Number.NEGATIVE_INFINITY,
    admits(now) {
      // A wall clock that was set back must not hold anything up.
      if (lastAt > now) lastAt = Number.NEGATIVE_INFINITY;
      if (collecting !== undefined || now - lastAt < collectMs || inMinute(now) >= settings.perMinute) return false;
      note(1, now);
      return true;
    },
    collect(now) {
      collecting ??= lastAt + collectMs > now ? lastAt + collectMs : now + collectMs;
      return collecting;
    },
    collected() {
      collecting = undefined;
    },
    isStorm: (count, now) => count >= settings.atOnce || inMinute(now) + count > settings.perMinute,
    note,
  };
}
