import { describe, expect, it } from 'vitest';
import { chartSize, drawChart } from './chart.ts';
import { sampleEntry } from './notifier.contract.ts';
import { decodePng } from './png.contract.ts';
import { encodePng } from './png.ts';

const { facts } = sampleEntry();
const minutes = (values: number[]) => ({ at: values.map((_, n) => Date.UTC(2026, 0, 1) + n * 60_000), values });
const red = [231, 76, 60] as const;

/** The rows, from the top, in which a column of the picture has the line's colour. */
function rowsOfLine(png: Buffer, x: number): number[] {
  const { width, rgb } = decodePng(png);
  return Array.from({ length: chartSize.height }, (_, y) => y).filter((y) =>
    red.every((part, i) => Math.abs(rgb[(y * width + x) * 3 + i]! - part) < 3),
  );
}

describe('the picture file', () => {
  it('is a PNG with right lengths and checksums, and holds the points as they were', () => {
    const rgb = Uint8Array.from({ length: 7 * 5 * 3 }, (_, i) => (i * 37) % 256);
    expect(decodePng(encodePng({ width: 7, height: 5, rgb }))).toEqual({ width: 7, height: 5, rgb });
  });
});

describe('the chart', () => {
  it('rises where the values rise', () => {
    const png = drawChart(facts, minutes(Array.from({ length: 60 }, (_, n) => n)), red)!;
    const [left, middle, right] = [200, 600, 1000].map((x) => Math.min(...rowsOfLine(png, x)));
    expect(left).toBeGreaterThan(middle!);
    expect(middle).toBeGreaterThan(right!);
    expect(png.length).toBeLessThan(60_000);
  });

  it('leaves gaps out, and draws nothing from less than two points', () => {
    expect(drawChart(facts, minutes([1, Number.NaN, Number.NaN]), red)).toBeUndefined();
    expect(drawChart(facts, { at: [], values: [] }, red)).toBeUndefined();
    expect(drawChart(facts, minutes([1, Number.NaN, 3]), red)).toBeDefined();
  });

  it('draws a flat line, no threshold, and values of any size', () => {
    const { threshold: _, ...open } = facts;
    for (const value of [0, 5, -3, 1e12, 1e-9]) {
      const png = drawChart(open, minutes([value, value, value]), red)!;
      expect(rowsOfLine(png, 600).length).toBeGreaterThan(0);
    }
  });
});
