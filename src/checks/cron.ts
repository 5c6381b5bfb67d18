import { Cron } from 'croner';

/** The moments of a cron pattern in a time zone, epoch ms. */
export interface CronSchedule {
  /** The first moment after `at`; undefined when there is none (30 February). */
  next(at: number): number | undefined;
  /** The last moment at or before `at`. */
  previous(at: number): number | undefined;
}

/**
 * Reads a pattern of five fields (or `@daily` and the like). Where the clock of the zone is put forward, a time of day that does not
 * exist happens right after the gap; where it is put back, a time of day that comes twice happens once, the first time.
 * Patterns with a wildcard, list or step in hour or minute go by real time instead: they skip the gap and run through both hours.
 * @throws TypeError with the problem in words.
 */
export function cronSchedule(pattern: string, timeZone: string): CronSchedule {
  const problem = cronProblem(pattern) ?? timeZoneProblem(timeZone);
  if (problem) throw new TypeError(problem);
  const cron = new Cron(pattern, { timezone: timeZone, paused: true, mode: '5-part' });
  return {
    next: (at) => cron.nextRun(new Date(at))?.getTime(),
    // A run in the same second as the reference is included; the second after makes it so for every millisecond.
    previous: (at) =>
      cron
        .previousRuns(2, new Date(Math.floor(at / 1000) * 1000 + 1000))
        .find((one) => one.getTime() <= at)
        ?.getTime(),
  };
}

/** What is wrong with a pattern; undefined when it is fine. */
export function cronProblem(pattern: string): string | undefined {
  try {
    const cron = new Cron(pattern, { paused: true, mode: '5-part', timezone: 'UTC' });
    if (cron.nextRun(new Date(0))) return undefined;
    return 'never comes: no date fits it';
  } catch (error) {
    const said = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    return `is no cron pattern of five fields such as "30 2 * * *" (${said.slice(0, 160)})`;
  }
}

/** What is wrong with the name of a time zone; undefined when it is fine. */
export function timeZoneProblem(name: string): string | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return undefined;
  } catch {
    return 'is no time zone; expected a name such as Europe/Berlin or UTC';
  }
}

/** The time zone of this machine. */
export function ownTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
