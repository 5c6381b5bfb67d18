import { describe, expect, it } from 'vitest';
import { createSchedule, openingOf, parseWindow } from './schedule.ts';

const berlin = (text: string) => Date.parse(text);

describe('a schedule', () => {
  it.each([
    ['mon-fri 08:00-18:00', { days: [1, 2, 3, 4, 5], start: 480, end: 1080 }],
    ['sat,sun 10:00-14:30', { days: [6, 0], start: 600, end: 870 }],
    ['fri-mon 0:00-24:00', { days: [5, 6, 0, 1], start: 0, end: 1440 }],
    ['22:00-06:00', { days: [0, 1, 2, 3, 4, 5, 6], start: 1320, end: 1800 }],
    ['mon 25:00-26:00', undefined],
    ['someday 08:00-09:00', undefined],
    ['08:00', undefined],
    ['mon-fri 08:60-09:00', undefined],
  ])('reads %s', (text, window) => {
    expect(parseWindow(text)).toEqual(window);
  });

  it.each([
    // Wednesday.
    ['2026-11-25T09:00:00+01:00', '2026-11-25T09:00:00+01:00'],
    ['2026-11-25T08:00:00+01:00', '2026-11-25T08:00:00+01:00'],
    ['2026-11-25T18:00:00+01:00', '2026-11-26T08:00:00+01:00'],
    ['2026-11-27T20:00:00+01:00', '2026-11-30T08:00:00+01:00'],
  ])('of working hours opens at %s -> %s', (at, opens) => {
    const schedule = createSchedule(['mon-fri 08:00-18:00'], 'Europe/Berlin');
    expect(new Date(schedule.opensAt(berlin(at))).toISOString()).toBe(new Date(berlin(opens)).toISOString());
  });

  it('that crosses midnight is open on both sides of it', () => {
    const schedule = createSchedule(['fri 22:00-06:00'], 'UTC');
    for (const at of ['2026-11-27T23:00:00Z', '2026-11-28T05:59:00Z'])
      expect(schedule.opensAt(berlin(at))).toBe(berlin(at));
    expect(schedule.opensAt(berlin('2026-11-28T06:00:00Z'))).toBe(berlin('2026-12-04T22:00:00Z'));
  });

  it('keeps its wall times over a change of the clock', () => {
    const schedule = createSchedule(['00:00-08:00'], 'Europe/Berlin');
    // On 25 October 2026 the night is an hour longer: 08:00 is 07:00 UTC.
    expect(schedule.opensAt(berlin('2026-10-25T06:59:00Z'))).toBe(berlin('2026-10-25T06:59:00Z'));
    expect(schedule.opensAt(berlin('2026-10-25T07:00:00Z'))).toBe(berlin('2026-10-25T23:00:00Z'));
  });

  it('is always open when the window is the whole day, and lets the worst pass any other', () => {
    const always = createSchedule(['00:00-24:00'], 'UTC');
    expect(always.opensAt(berlin('2026-11-25T00:00:00Z'))).toBe(berlin('2026-11-25T00:00:00Z'));
    const day = openingOf(createSchedule(['08:00-18:00'], 'UTC'), 'error');
    const night = berlin('2026-11-25T03:00:00Z');
    expect(day(night, 'critical')).toBe(night);
    expect(day(night, 'error')).toBe(night);
    expect(day(night, 'warning')).toBe(berlin('2026-11-25T08:00:00Z'));
  });
});
