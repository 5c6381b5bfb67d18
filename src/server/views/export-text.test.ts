import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { Sketch } from '../../model/sketch.ts';
import type { SeriesPart } from '../../model/store.ts';
import { ndjson, openMetrics } from './export-text.ts';
import { importLine } from './import-line.ts';

const run = promisify(execFile);
let dir: string | undefined;
afterEach(() => {
  if (dir) rmSync(dir, { recursive: true });
  dir = undefined;
});

async function* only(...parts: SeriesPart[]): AsyncGenerator<SeriesPart> {
  yield* parts;
}

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

test('every number, time and label survives the way out and in', async () => {
  const now = Date.now();
  const point = fc.tuple(fc.nat(), fc.oneof(fc.double(), fc.constantFrom(-0, Number.NaN, 5e-324)));
  const labels = fc.dictionary(fc.stringMatching(/^[a-z][a-zA-Z0-9_]{0,9}$/), fc.string({ unit: 'binary' }));
  const kinds = fc.constantFrom('gauge' as const, 'counter' as const);
  await fc.assert(
    fc.asyncProperty(fc.array(point, { minLength: 1 }), labels, kinds, async (points, own, kind) => {
      const [at, values] = [points.map(([time]) => time), points.map(([, value]) => value)];
      const line = await textOf(ndjson(only({ name: 'a:b_c', labels: own, kind, at, values })));
      const back = importLine(line, now);
      const samples = points.map(([time, value]) => ({ name: 'a:b_c', labels: own, kind, at: time, value }));
      expect(back).toEqual({ samples, sketches: [] });
    }),
  );
});

test('what is written for Prometheus is taken by promtool, value by value', async () => {
  dir = mkdtempSync(join(tmpdir(), 'export-'));
  const sketch = new Sketch();
  sketch.record(0.25);
  const at = [1_700_000_000_000, 1_700_000_010_500];
  const text = openMetrics(
    only(
      { name: 'requests_total', labels: { path: 'a"b\\c\nd' }, kind: 'counter', at, values: [1, 7] },
      { name: 'temperature', labels: {}, kind: 'gauge', at, values: [Number.NEGATIVE_INFINITY, -0.5] },
      { name: 'wait_seconds', labels: { pool: 'x' }, kind: 'sketch', at: [1_700_000_040_000], sketches: [sketch] },
    ),
  );
  writeFileSync(join(dir, 'export.txt'), await textOf(text));
  await run('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', 'export.txt', 'blocks'], { cwd: dir });
  // The dump wants to see the log of a running server too, also an empty one.
  mkdirSync(join(dir, 'blocks', 'wal'));
  const { stdout } = await run('promtool', ['tsdb', 'dump', 'blocks'], { cwd: dir });
  const quantiles = ['0.5', '0.95', '0.99'].map(
    (quantile) => `{__name__="wait_seconds", pool="x", quantile="${quantile}"} 0.25 1700000040000`,
  );
  expect(stdout.trim().split('\n').sort()).toEqual(
    [
      '{__name__="requests_total", path="a\\"b\\\\c\\nd"} 1 1700000000000',
      '{__name__="requests_total", path="a\\"b\\\\c\\nd"} 7 1700000010500',
      '{__name__="temperature"} -Inf 1700000000000',
      '{__name__="temperature"} -0.5 1700000010500',
      ...quantiles,
      '{__name__="wait_seconds_sum", pool="x"} 0.25 1700000040000',
      '{__name__="wait_seconds_count", pool="x"} 1 1700000040000',
    ].sort(),
  );
});
