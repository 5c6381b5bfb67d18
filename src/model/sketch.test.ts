import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Sketch } from './sketch.ts';

function sketchOf(values: readonly number[]): Sketch {
  const sketch = new Sketch();
  for (const value of values) sketch.record(value);
  return sketch;
}

function nearestRank(sorted: readonly number[], q: number): number {
  return sorted[Math.max(1, Math.ceil(q * sorted.length - 1e-9)) - 1]!;
}

/** Magnitudes the sketch keeps apart, and zero. */
const value = fc.oneof(
  fc.double({ min: 1e-38, max: 1e38, noNaN: true }),
  fc.double({ min: -1e38, max: -1e-38, noNaN: true }),
  fc.double({ min: 0.000_01, max: 100, noNaN: true }),
  fc.constant(0),
);

describe('sketch', () => {
  test('every percentile is within the documented relative error of the true sample', () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, q) => {
          const sorted = [...values].sort((a, b) => a - b);
          const exact = nearestRank(sorted, q);
          const seen = sketchOf(values).quantile(q);
          expect(Math.abs(seen - exact)).toBeLessThanOrEqual(Math.abs(exact) * Sketch.relativeError * (1 + 1e-9));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('count, sum, minimum and maximum are exact', () => {
    const sketch = sketchOf([0.25, -3, 0, 17]);
    expect([sketch.count, sketch.sum, sketch.min, sketch.max]).toEqual([4, 14.25, -3, 17]);
    expect(sketch.quantile(0)).toBe(-3);
    expect(sketch.quantile(1)).toBe(17);
  });

  test('merging parts equals recording everything', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 200 }), fc.array(value, { maxLength: 200 }), (left, right) => {
        const merged = sketchOf(left);
        merged.merge(sketchOf(right));
        const whole = sketchOf([...left, ...right]);
        expect(merged.count).toBe(whole.count);
        for (const q of [0, 0.01, 0.5, 0.95, 0.99, 1]) expect(merged.quantile(q)).toBe(whole.quantile(q));
      }),
    );
  });

  test('encoding keeps everything', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(value, fc.double({ noNaN: true, noDefaultInfinity: true })), { maxLength: 300 }),
        (values) => {
          const sketch = sketchOf(values);
          const back = Sketch.decode(sketch.encode());
          expect([back.count, back.sum, back.min, back.max]).toEqual([
            sketch.count,
            sketch.sum,
            sketch.min,
            sketch.max,
          ]);
          for (let q = 0; q <= 1; q += 0.05) expect(back.quantile(q)).toBe(sketch.quantile(q));
          expect(back.encode()).toEqual(sketch.encode());
        },
      ),
    );
  });

  test('large counts in one bucket survive encoding', () => {
    let sketch = sketchOf([1, 2]);
    for (let i = 0; i < 30; i++) {
      const copy = Sketch.decode(sketch.encode());
      sketch.merge(copy);
    }
    sketch = Sketch.decode(sketch.encode());
    expect(sketch.count).toBe(2 ** 31);
    expect(sketch.quantile(0.5)).toBe(1 + 1 / 128);
  });

  test('a typical minute of an operation takes at most 100 bytes', () => {
    // 300 requests, median 40 ms, long tail: what one busy route does in a minute.
    let state = 42;
    const random = () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return (state + 0.5) / 2 ** 31;
    };
    const values = Array.from({ length: 300 }, () => {
      const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
      return 0.04 * Math.exp(0.35 * normal);
    });
    expect(sketchOf(values).encode().length).toBeLessThanOrEqual(100);
    expect(new Sketch().encode().length).toBe(1);
    expect(sketchOf([0.2]).encode().length).toBe(9);
  });

  test('not a number and infinities are ignored', () => {
    const sketch = sketchOf([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    expect(sketch.count).toBe(0);
    expect(sketch.quantile(0.5)).toBeNaN();
    expect(sketch.min).toBeNaN();
  });

  test('denormal and huge numbers stay within minimum and maximum', () => {
    const sketch = sketchOf([Number.MIN_VALUE, Number.MAX_VALUE]);
    expect(sketch.quantile(0.4)).toBeGreaterThanOrEqual(Number.MIN_VALUE);
    expect(sketch.quantile(0.9)).toBeLessThanOrEqual(Number.MAX_VALUE);
  });

  test('reset makes it empty and usable again', () => {
    const sketch = sketchOf([-1, 0, 1, 1e20]);
    sketch.reset();
    expect(sketch.count).toBe(0);
    sketch.record(5);
    expect(sketch.quantile(0.5)).toBeCloseTo(5, 0);
    expect(sketch.min).toBe(5);
  });

  test('counts values up to a bound', () => {
    const sketch = sketchOf([-1, 0, 0.1, 0.2, 0.4, 3]);
    expect([-2, -0.5, 0, 0.15, 0.3, 1, 10].map((bound) => sketch.countAtMost(bound))).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(sketch.buckets().map((bucket) => bucket.count)).toEqual([1, 1, 1, 1]);
  });

  test.each([[[]], [[0x20]], [[0x10, 1, 2]], [[0x11]]])('bytes %j are refused', (bytes) => {
    expect(() => Sketch.decode(new Uint8Array(bytes))).toThrow(RangeError);
  });

  test('random bytes never hang or break anything but a RangeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          Sketch.decode(Uint8Array.from([0x10 | ((bytes[0] ?? 0) & 3), ...bytes]));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});
