import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CheckInfo } from '../../model/check.ts';
import { segmentsOfResults, uptime } from '../../model/uptime.ts';
import { momentOf } from './moment.ts';
import { concerns, createMaintenancePlan, type Opening } from './plan.ts';
import { maintenanceWindowsSettings } from './settings.ts';

const orders: CheckInfo = {
  id: 'api:/orders',
  kind: 'http',
  component: 'api',
  name: '/orders',
  target: '',
  intervalMs: 1000,
  timeoutMs: 1000,
  tags: ['shop'],
  explanation: '',
};
const at = (text: string) => Date.parse(text);
const windows = (...list: object[]) => maintenanceWindowsSettings.parse(list);
const problems = (window: object) =>
  maintenanceWindowsSettings
    .safeParse([window])
    .error?.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);

describe('a window by cron', () => {
  const plan = createMaintenancePlan({
    windows: windows({ name: 'backup', cron: '30 2 * * *', duration_minutes: 60, time_zone: 'Europe/Berlin' }),
    now: 0,
  });

  test.each([
    ['a winter night', '2026-01-10T01:29:59.999Z', '2026-01-10T01:30:00Z', '2026-01-10T02:30:00Z'],
    ['a summer night', '2026-07-10T00:29:59.999Z', '2026-07-10T00:30:00Z', '2026-07-10T01:30:00Z'],
    // 02:30 does not exist that night: it begins when the clock has jumped.
    ['the night the clock is put forward', '2026-03-29T00:59:59.999Z', '2026-03-29T01:00:00Z', '2026-03-29T02:00:00Z'],
    // 02:30 comes twice: it begins the first time, lasts an hour of real time, and does not begin again.
    ['the night the clock is put back', '2026-10-25T00:29:59.999Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'],
  ])('is open for its length in %s', (_, before, begin, end) => {
    expect(plan.at(orders, at(before))).toBeUndefined();
    expect(plan.at(orders, at(begin))).toEqual({ name: 'backup', until: at(end) });
    expect(plan.at(orders, at(end) - 1)).toEqual({ name: 'backup', until: at(end) });
    expect(plan.at(orders, at(end))).toBeUndefined();
  });

  test('answers right when the clock goes back', () => {
    expect(plan.at(orders, at('2026-01-10T02:00:00Z'))).toBeDefined();
    expect(plan.at(orders, at('2026-01-09T12:00:00Z'))).toBeUndefined();
    expect(plan.at(orders, at('2026-01-10T02:00:00Z'))).toBeDefined();
  });
});

test('a window from and to is read in its own zone, and with an offset as written', () => {
  expect(momentOf('2026-12-24T22:00', 'Europe/Berlin')).toBe(at('2026-12-24T21:00:00Z'));
  expect(momentOf('2026-07-01 08:30:15', 'America/New_York')).toBe(at('2026-07-01T12:30:15Z'));
  expect(momentOf('2026-07-01T08:30:00-02:00', 'America/New_York')).toBe(at('2026-07-01T10:30:00Z'));
  expect(momentOf('2026-03-29T02:30', 'Europe/Berlin')).toBe(at('2026-03-29T01:30:00Z'));
  for (const text of ['', 'tomorrow', '2026-02-31T10:00', '2026-12-24', '2026-12-24T25:00'])
    expect(momentOf(text, 'UTC'), text).toBeUndefined();
});

test('a window is for checks by id, name, part of it, or tag, and for all when it names none', () => {
  const given = (checks: string[], tags: string[] = []) => concerns({ checks, tags }, orders);
  expect(given([])).toBe(true);
  expect(given(['api:/orders'])).toBe(true);
  expect(given(['/orders'])).toBe(true);
  expect(given(['api:*'])).toBe(true);
  expect(given(['*:/ord*s'])).toBe(true);
  expect(given(['api:/orders*x'])).toBe(false);
  expect(given(['api:/order'])).toBe(false);
  expect(given([], ['shop'])).toBe(true);
  expect(given(['database:*'], ['warehouse'])).toBe(false);
});

test('what was open is remembered over a restart, and ends with a window that is taken out of the configuration', () => {
  const settings = windows(
    { name: 'long', from: '2026-01-01T00:00Z', to: '2026-01-03T00:00Z' },
    { name: 'other', from: '2026-01-01T00:00Z', to: '2026-01-03T00:00Z', checks: ['nobody'] },
  );
  let kept: readonly Opening[] = [];
  const noon = at('2026-01-01T12:00Z');
  const before = createMaintenancePlan({
    windows: settings,
    now: noon,
    opened: (_, all) => (kept = structuredClone(all)),
  });
  before.at(orders, noon);
  expect(kept).toHaveLength(1);
  const day = at('2026-01-02T00:00Z');
  const same = createMaintenancePlan({ windows: settings, now: day, remembered: kept });
  expect(same.stretches(orders, 0)).toEqual([{ from: at('2026-01-01T00:00Z'), to: at('2026-01-03T00:00Z') }]);
  const without = createMaintenancePlan({ windows: [], now: day, remembered: kept });
  expect(without.stretches(orders, 0)).toEqual([{ from: at('2026-01-01T00:00Z'), to: day }]);
});

test('what contradicts itself is refused with its place', () => {
  expect(problems({ name: 'a' })).toEqual(['0 needs either cron and duration_minutes, or from and to']);
  expect(problems({ name: 'a', cron: '0 2 * * *' })).toEqual(['0 needs duration_minutes beside cron']);
  expect(problems({ name: 'a', cron: '61 2 * * *', duration_minutes: 5 })?.[0]).toMatch(
    /^0.cron is no cron pattern of five fields such as "30 2 \* \* \*" \(Invalid value for minute: 61\)/,
  );
  expect(problems({ name: 'a', cron: '0 0 30 2 *', duration_minutes: 5 })).toEqual([
    '0.cron never comes: no date fits it',
  ]);
  expect(problems({ name: 'a', cron: '0 2 * * *', duration_minutes: 5, time_zone: 'Europe/Berln' })).toEqual([
    '0.time_zone is no time zone; expected a name such as Europe/Berlin or UTC',
  ]);
  expect(problems({ name: 'a', from: '2026-01-02T00:00', to: '2026-01-01T00:00' })).toEqual([
    '0.to must be after from',
  ]);
  expect(problems({ name: 'a', from: 'soon', to: '2026-01-01T00:00' })).toEqual([
    '0.from is no moment such as 2026-12-24T22:00 or 2026-12-24T22:00+01:00',
  ]);
});

test('uptime around a change of the clock leaves out as much time as the windows really lasted, whatever the zone', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Sao_Paulo'];
  const minute = 60_000;
  const results = fc.array(fc.record({ minute: fc.integer({ min: 0, max: 4320 }), up: fc.boolean() }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      // Two days before some change of the clock, in the north or the south.
      fc.constantFrom('2026-03-06', '2026-03-27', '2026-04-03', '2026-10-02', '2026-10-23', '2026-10-30'),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 1, max: 180 }),
      results,
      (zone, day, hour, lasts, list) => {
        const from = at(`${day}T00:00Z`);
        const to = from + 4320 * minute;
        const plan = createMaintenancePlan({
          windows: windows({ name: 'n', cron: `0 ${hour} * * *`, duration_minutes: lasts, time_zone: zone }),
          now: from,
        });
        let planned = 0;
        for (let moment = from; moment < to; moment += minute) if (plan.at(orders, moment)) planned += minute;
        const found = list.map(({ minute: at, up }) => ({
          at: from + at * minute,
          status: up ? ('ok' as const) : ('error' as const),
        }));
        const seen = uptime(segmentsOfResults(found, 10 * minute, to), {
          from,
          to,
          excluded: plan.stretches(orders, from),
        });
        // Real time, not wall time: a night of 23 or 25 hours changes nothing.
        expect(seen.upMs + seen.downMs + seen.unknownMs).toBe(to - from - planned);
        expect(seen.coverageRatio).toBeGreaterThanOrEqual(0);
        expect(seen.coverageRatio).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 60 },
  );
});
