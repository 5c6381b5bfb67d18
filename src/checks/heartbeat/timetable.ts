import { formatDuration } from '../../model/duration.ts';
import { cronSchedule, ownTimeZone } from '../cron.ts';
import type { HeartbeatSettings } from './settings.ts';

/** When a job must report. */
export interface Timetable {
  /** When the report after one that came at `at` is expected; infinite when there will be none. */
  next(at: number): number;
  /** In words. */
  readonly words: string;
  /** The time zone people read its times in. */
  readonly zone: string;
}

/** A clock that is a little fast reports a little early: that report is the one that is due. */
const mostEarlyMs = 60_000;

/** The timetable of a heartbeat. */
export function timetableOf({ schedule, time_zone, interval_seconds, grace_seconds }: HeartbeatSettings): Timetable {
  const zone = time_zone ?? ownTimeZone();
  if (schedule === undefined) {
    const everyMs = (interval_seconds ?? 0) * 1000;
    return { next: (at) => at + everyMs, words: `every ${formatDuration(everyMs)}`, zone };
  }
  const cron = cronSchedule(schedule, zone);
  return {
    words: `${schedule} (${zone})`,
    zone,
    next(at) {
      const first = cron.next(at) ?? Number.POSITIVE_INFINITY;
      const second = cron.next(first) ?? Number.POSITIVE_INFINITY;
      const earlyMs = Math.min(mostEarlyMs, grace_seconds * 1000, (second - first) / 4);
      return first - at <= earlyMs ? second : first;
    },
  };
}
