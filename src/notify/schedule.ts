import { Cron } from 'croner';
import { isAtLeast, type Severity } from '../model/severity.ts';

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** A time of the week that comes again: on these days (0 = Sunday) from `start` to `end`, minutes after midnight; `end` may be next day. */
export interface Window {
  readonly days: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** Reads `mon-fri 08:00-18:00`, `sat,sun 10:00-14:00` or `22:00-06:00`; undefined when it is something else. */
export function parseWindow(text: string): Window | undefined {
  const found = /^\s*(?:([a-z,-]+)\s+)?(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)\s*$/i.exec(text);
  if (!found) return undefined;
  const [, names, startHour, startMinute, endHour, endMinute] = found;
  const start = Number(startHour) * 60 + Number(startMinute);
  const end = Number(endHour) * 60 + Number(endMinute);
  const chosen = names === undefined ? days.map((_, day) => day) : parseDays(names.toLowerCase());
  if (!chosen || start >= 1440 || end > 1440 || Number(startMinute) > 59 || Number(endMinute) > 59) return undefined;
  return { days: chosen, start, end: end <= start ? end + 1440 : end };
}

function parseDays(names: string): number[] | undefined {
  const chosen = new Set<number>();
  for (const part of names.split(',')) {
    const [first, last = first, ...rest] = part.split('-').map((name) => days.indexOf(name.slice(0, 3)));
    if (first === undefined || last === undefined || first < 0 || last < 0 || rest.length > 0) return undefined;
    for (let day = first; ; day = (day + 1) % 7) {
      chosen.add(day);
      if (day === last) break;
    }
  }
  return [...chosen];
}

/** Says from when on something may happen. */
export interface Schedule {
  /** Epoch ms of the first moment from `at` on that is inside a window; `at` itself when it is. */
  opensAt(at: number): number;
}

/** Makes a schedule of windows in a time zone (empty: the machine's). Days with a change of the clock keep their wall times. */
export function createSchedule(windows: readonly string[], timezone: string): Schedule {
  const zone = timezone === '' ? {} : { timezone };
  const pairs = windows.flatMap((text) => {
    const window = parseWindow(text);
    if (!window) return [];
    const cron = (minutes: number): Cron => {
      const shifted = window.days.map((day) => (day + Math.floor(minutes / 1440)) % 7);
      const time = minutes % 1440;
      return new Cron(`0 ${time % 60} ${Math.floor(time / 60)} * * ${shifted.sort().join(',')}`, zone);
    };
    return [{ start: cron(window.start), end: cron(window.end) }];
  });
  return {
    opensAt(at) {
      let next = Number.POSITIVE_INFINITY;
      for (const { start, end } of pairs) {
        const opens = start.nextRun(new Date(at - 1000))?.getTime();
        // Whoever closes before it opens again is open now.
        const closes = end.nextRun(new Date(at))?.getTime();
        const opensNext = start.nextRun(new Date(at))?.getTime();
        if (opens === undefined || closes === undefined || opensNext === undefined) continue;
        if (opens <= at || closes <= opensNext) return at;
        next = Math.min(next, opensNext);
      }
      return Number.isFinite(next) ? next : at;
    },
  };
}

/** `opensAt` of a channel: its schedule, which the worst alerts pass at any time. */
export function openingOf(schedule: Schedule, alwaysFrom: Severity | undefined) {
  return (at: number, severity: Severity): number =>
    alwaysFrom !== undefined && isAtLeast(severity, alwaysFrom) ? at : schedule.opensAt(at);
}
