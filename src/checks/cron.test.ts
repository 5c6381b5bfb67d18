import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cronSchedule } from './cron.ts';

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/Sao_Paulo',
];
const number = (max: number, min = 0) => fc.integer({ min, max }).map(String);
const field = (max: number, min = 0) =>
  fc.oneof(
    fc.constant('*'),
    number(max, min),
    fc.integer({ min: 2, max: 20 }).map((step) => `*/${step}`),
    fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
  );
const pattern = fc
  .tuple(
    field(59),
    field(23),
    fc.oneof(fc.constant('*'), number(28, 1)),
    fc.constant('*'),
    fc.oneof(fc.constant('*'), number(6)),
  )
  .map((fields) => fields.join(' '));
/** Years with changes of the clock in every zone of the list. */
const moment = fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2031, 0, 1) });

test('every moment has the one before it as its previous, and nothing lies between two that follow each other', () => {
  fc.assert(
    fc.property(
      pattern,
      fc.constantFrom(...zones),
      moment,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (text, zone, at, share) => {
        const schedule = cronSchedule(text, zone);
        const first = schedule.next(at);
        if (first === undefined) return;
        expect(first).toBeGreaterThan(at);
        const second = schedule.next(first)!;
        expect(second).toBeGreaterThan(first);
        expect(schedule.previous(first)).toBe(first);
        expect(schedule.previous(second - 1)).toBe(first);
        // A moment anywhere between the two sees the same two.
        const between = Math.floor(first + share * (second - first - 1));
        expect(schedule.next(between)).toBe(second);
        expect(schedule.previous(between)).toBe(first);
      },
    ),
    { numRuns: 300 },
  );
});

test('a time of day comes exactly once on every day, also on those on which the clock is changed', () => {
  fc.assert(
    fc.property(fc.constantFrom(...zones), number(59), number(23), moment, (zone, minute, hour, at) => {
      const schedule = cronSchedule(`${minute} ${hour} * * *`, zone);
      const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
      const days: string[] = [];
      let last = at;
      for (let i = 0; i < 10; i++) {
        last = schedule.next(last)!;
        days.push(day.format(last));
      }
      expect(new Set(days).size).toBe(10);
      expect((Date.parse(days[9]!) - Date.parse(days[0]!)) / 86_400_000).toBe(9);
    }),
    { numRuns: 100 },
  );
});

test('a step through the hour goes by real time through both hours that have the same name', () => {
  const schedule = cronSchedule('*/30 * * * *', 'Europe/Berlin');
  let at = Date.parse('2026-10-25T00:00:00Z');
  for (let i = 0; i < 6; i++) {
    const next = schedule.next(at)!;
    expect(next - at).toBe(30 * 60_000);
    at = next;
  }
});
