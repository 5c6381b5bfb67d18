import { Cron } from 'croner';
import type { Recurrence } from '../model/alert.ts';
import { MonitorError } from '../model/problem.ts';

/** A stretch of time, epoch ms; `to` is no longer part of it. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** When something that comes again is open. */
export interface Windows {
  /** The stretch that is open at `now`, if one is. */
  openAt(now: number): Stretch | undefined;
}

/** What is wrong with a recurrence, in words; undefined when it is usable. */
export function recurrenceProblem({ cron, durationMs, timeZone }: Recurrence): string | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    return `${JSON.stringify(timeZone)} is no time zone; expected a name such as Europe/Berlin or UTC`;
  }
  try {
    if (!new Cron(cron, { paused: true, mode: '5-part', timezone: timeZone }).nextRun(new Date(0)))
      return `${JSON.stringify(cron)} never comes: no date fits it`;
  } catch (error) {
    const said = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    return `${JSON.stringify(cron)} is no cron pattern of five fields such as "30 2 * * *" (${said.slice(0, 160)})`;
  }
  return durationMs > 0 ? undefined : `it must be open for more than ${durationMs} ms`;
}

/**
 * Windows that begin by a cron pattern and last so long. Answers are kept while they hold, so that asking costs two comparisons.
 * Throws MonitorError `bad-argument` for a pattern or a time zone that is none.
 */
export function cronWindows(recurrence: Recurrence): Windows {
  const problem = recurrenceProblem(recurrence);
  if (problem) throw new MonitorError('bad-argument', `The schedule cannot be used: ${problem}.`);
  const { cron, durationMs, timeZone } = recurrence;
  const begin = new Cron(cron, { paused: true, mode: '5-part', timezone: timeZone });
  return remembering((now) => {
    const from = lastRun(begin, now);
    const open = from !== undefined && now < from + durationMs ? { from, to: from + durationMs } : undefined;
    return { open, until: open?.to ?? nextRun(begin, now) };
  });
}

/**
 * Windows from one wall time to another, e.g. 22:00 to 07:00 on Mondays to Fridays (the days on which they begin, 0 = Sunday). In the
 * nights in which the clock is changed they keep their wall times and last an hour more or less.
 */
export function dailyWindows(from: string, to: string, days: readonly number[], timeZone: string): Windows {
  const pattern = (time: string, on: string) => {
    const [hour, minute] = time.split(':').map(Number);
    return new Cron(`${minute} ${hour} * * ${on}`, { paused: true, mode: '5-part', timezone: timeZone });
  };
  const begin = pattern(from, days.length === 0 ? '*' : days.join(','));
  const end = pattern(to, '*');
  return remembering((now) => {
    const start = lastRun(begin, now);
    const over = start === undefined ? Number.NEGATIVE_INFINITY : nextRun(end, start);
    const open = start !== undefined && now < over ? { from: start, to: over } : undefined;
    return { open, until: open?.to ?? nextRun(begin, now) };
  });
}

/** One stretch that does not come again. */
export function onceWindow(from: number, to: number): Windows {
  return { openAt: (now) => (now >= from && now < to ? { from, to } : undefined) };
}

function remembering(look: (now: number) => { open: Stretch | undefined; until: number }): Windows {
  let since = Number.POSITIVE_INFINITY;
  let answer: ReturnType<typeof look> = { open: undefined, until: Number.NEGATIVE_INFINITY };
  return {
    openAt(now) {
      if (now < since || now >= answer.until) {
        answer = look(now);
        since = answer.open?.from ?? now;
      }
      return answer.open;
    },
  };
}

/** The last run at or before `now`; croner leaves out the reference itself, so it is asked from the next second. */
function lastRun(cron: Cron, now: number): number | undefined {
  return cron
    .previousRuns(2, new Date(Math.floor(now / 1000) * 1000 + 1000))
    .find((run) => run.getTime() <= now)
    ?.getTime();
}

function nextRun(cron: Cron, now: number): number {
  return cron.nextRun(new Date(now))?.getTime() ?? Number.POSITIVE_INFINITY;
}
