import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorBudget, segmentsOfResults, segmentsOfSteps, type UptimeSegment, uptime } from './uptime.ts';

const minute = 60_000;

describe('uptime', () => {
  test('weighs by time and not by the number of results', () => {
    const results = [
      { at: 0, status: 'ok' as const },
      // Ten failures in one minute are still one minute.
      ...Array.from({ length: 10 }, (_, i) => ({ at: 9 * minute + i * 6000, status: 'error' as const })),
    ];
    const segments = segmentsOfResults(results, 60 * minute, 10 * minute);
    expect(uptime(segments, { from: 0, to: 10 * minute }).ratio).toBeCloseTo(0.9, 10);
  });

  test('counts warnings as up and unknown results as not observed', () => {
    const segments = segmentsOfResults(
      [
        { at: 0, status: 'warning' },
        { at: 5 * minute, status: 'unknown' },
      ],
      60 * minute,
      10 * minute,
    );
    expect(uptime(segments, { from: 0, to: 10 * minute })).toMatchObject({
      ratio: 1,
      coverageRatio: 0.5,
      unknownMs: 5 * minute,
    });
  });

  test('lets a result hold only until it is stale', () => {
    const segments = segmentsOfResults([{ at: 0, status: 'error' }], 2 * minute, 10 * minute);
    expect(uptime(segments, { from: 0, to: 10 * minute })).toMatchObject({
      ratio: 0,
      coverageRatio: 0.2,
      downMs: 2 * minute,
    });
  });

  test('passes over inconclusive results', () => {
    const results = [
      { at: 0, status: 'ok' as const },
      { at: minute, status: 'error' as const, inconclusive: true },
      { at: 2 * minute, status: 'ok' as const },
    ];
    const segments = segmentsOfResults(results, 3 * minute, 4 * minute);
    expect(uptime(segments, { from: 0, to: 4 * minute })).toMatchObject({ ratio: 1, coverageRatio: 1 });
  });

  test('leaves maintenance out of the ratio and of the coverage', () => {
    const segments: UptimeSegment[] = [
      { from: 0, to: 4 * minute, up: 1 },
      { from: 4 * minute, to: 6 * minute, up: 0 },
      { from: 6 * minute, to: 8 * minute, up: 1 },
    ];
    const excluded = [
      { from: 4 * minute, to: 5 * minute },
      { from: 4.5 * minute, to: 6 * minute },
    ];
    expect(uptime(segments, { from: 0, to: 10 * minute, excluded })).toMatchObject({ ratio: 1, coverageRatio: 0.75 });
  });

  test('has no ratio without observations', () => {
    expect(uptime([], { from: 0, to: minute })).toMatchObject({ ratio: null, coverageRatio: 0 });
    expect(uptime([], { from: minute, to: minute })).toMatchObject({ ratio: null, coverageRatio: 0 });
  });

  test('bridges steps without a point when checks run more rarely than there are steps', () => {
    const steps = { at: [0, 5 * minute], values: [1, 0.5], stepMs: minute };
    const segments = segmentsOfSteps(steps, 11 * minute, 10 * minute);
    expect(uptime(segments, { from: 0, to: 10 * minute })).toMatchObject({ ratio: 0.75, coverageRatio: 1 });
    const short = segmentsOfSteps({ ...steps, values: [1, null] }, 0, 10 * minute);
    expect(uptime(short, { from: 0, to: 10 * minute })).toMatchObject({ ratio: 1, coverageRatio: 0.1 });
  });
});

describe('error budget', () => {
  const window = { from: 0, to: 1000 * minute };

  test('says how much of the allowed down time is left', () => {
    const segments = segmentsOfResults(
      [
        { at: 0, status: 'ok' },
        { at: 999.5 * minute, status: 'error' },
      ],
      2000 * minute,
      1000 * minute,
    );
    const budget = errorBudget(uptime(segments, window), 0.999);
    expect(budget.allowedMs).toBeCloseTo(minute, 3);
    expect(budget.leftRatio).toBeCloseTo(0.5, 6);
  });

  test('knows nothing when nothing was observed', () => {
    expect(errorBudget(uptime([], window), 0.99).leftRatio).toBeNull();
  });
});

describe('for any results', () => {
  const results = fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 100_000 }),
      status: fc.constantFrom('ok' as const, 'warning' as const, 'error' as const, 'unknown' as const),
      inconclusive: fc.boolean(),
    }),
    { maxLength: 40 },
  );
  const hold = fc.integer({ min: 1, max: 30_000 });

  test('ratios lie between 0 and 1, and the parts make the whole', () => {
    fc.assert(
      fc.property(results, hold, fc.integer({ min: 1, max: 120_000 }), (list, holdMs, to) => {
        const found = uptime(segmentsOfResults(list, holdMs, to), { from: 0, to });
        expect(found.coverageRatio).toBeGreaterThanOrEqual(0);
        expect(found.coverageRatio).toBeLessThanOrEqual(1);
        if (found.ratio !== null) expect(found.ratio >= 0 && found.ratio <= 1).toBe(true);
        expect(found.upMs + found.downMs + found.unknownMs).toBeCloseTo(to, 6);
      }),
    );
  });

  test('two halves of a window add up to it, and the order of results does not matter', () => {
    fc.assert(
      fc.property(results, hold, fc.integer({ min: 1, max: 99_999 }), (list, holdMs, middle) => {
        const distinct = [...new Map(list.map((one) => [one.at, one])).values()];
        const segments = segmentsOfResults(distinct, holdMs, 100_000);
        const whole = uptime(segments, { from: 0, to: 100_000 });
        const left = uptime(segments, { from: 0, to: middle });
        const right = uptime(segmentsOfResults(distinct.toReversed(), holdMs, 100_000), { from: middle, to: 100_000 });
        expect(left.upMs + right.upMs).toBeCloseTo(whole.upMs, 6);
        expect(left.downMs + right.downMs).toBeCloseTo(whole.downMs, 6);
      }),
    );
  });
});
