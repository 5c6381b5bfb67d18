import { describe, expect, test } from 'vitest';
import { ago, span, text, uptime } from './format.ts';
import { scaleTop, withGaps } from './plot.ts';

describe('numbers for people', () => {
  test.each([
    [0.0004, 'seconds', '400\u202fµs'],
    [0.0183, 'seconds', '18\u202fms'],
    [1.48, 'seconds', '1.48\u202fs'],
    [230, 'seconds', '3 m 50 s'],
    [0.996, 'ratio', '100\u202f%'],
    [0.0061, 'ratio', '0.6\u202f%'],
    [231_000_000, 'bytes', '220\u202fMB'],
    [1397, 'count', '1,397'],
    [null, 'seconds', '–'],
    [Number.NaN, 'ratio', '–'],
  ] as const)('%s in %s is %s', (value, unit, expected) => {
    expect(text(value, unit)).toBe(expected);
  });

  test('uptime is never rounded up to 100 %', () => {
    expect(uptime(0.999996)).toBe('99.999\u202f%');
    expect(uptime(1)).toBe('100\u202f%');
    expect(uptime(null)).toBe('–');
  });

  test('times are coarse when they are long ago', () => {
    expect([ago(null, 0), ago(0, 4000), ago(0, 40_000), ago(0, 200_000), ago(0, 7_300_000)]).toEqual([
      'never',
      'just now',
      '40 s ago',
      '3 min ago',
      '2 h ago',
    ]);
    expect(span(252_000)).toBe('4 m 12 s');
  });
});

describe('charts', () => {
  test('break the line where several points are missing, and not where one is', () => {
    const [times, values] = withGaps([0, 5000, 10_000, 20_000, 60_000, 65_000], [1, 2, 3, 4, 5, 6]);
    expect(values).toEqual([1, 2, 3, 4, null, 5, 6]);
    expect(times).toEqual([0, 5, 10, 20, 25, 60, 65]);
  });

  test('show a threshold that is near and are not flattened by one that is far', () => {
    expect(scaleTop(0.15, 'seconds', [0.2, 2])).toBeCloseTo(0.224);
    expect(scaleTop(0.01, 'seconds', [2])).toBeCloseTo(0.0112);
    expect(scaleTop(0.1, 'ratio', [0.8])).toBe(1);
  });
});
