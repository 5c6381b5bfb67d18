import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfiguration } from '../configuration.ts';
import type { StoreView } from '../model/api.ts';
import { silentLog } from '../model/log.ts';
import { Sketch } from '../model/sketch.ts';
import { type Monitor, startMonitor } from '../monitor.ts';
import type { Io } from './io.ts';
import { runCli } from './program.ts';

let cwd: string;
const monitors: Monitor[] = [];
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'cli-store-'));
  for (const folder of ['one', 'other']) {
    const configuration = loadConfiguration({
      cwd,
      env: {},
      args: [],
      overrides: {
        monitoring: { monitoring_dir: join(cwd, folder), dashboard_port: 0 },
        system_monitoring: { enabled: false },
        store: { max_values_per_label: 100 },
      },
    });
    monitors.push(await startMonitor({ configuration, mode: 'standalone', log: silentLog }));
  }
});
afterAll(async () => {
  for (const monitor of monitors) await monitor.stop();
  rmSync(cwd, { recursive: true });
});

async function cryomon(folder: 'one' | 'other', args: readonly string[], input = '') {
  const out: string[] = [];
  const err: string[] = [];
  const io: Io = {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    pour: async (bytes) => void out.push(Buffer.from(bytes).toString()),
    lines: async function* () {
      yield* input.split('\n');
    },
    env: {},
    cwd,
    colour: false,
    width: 100,
    now: () => Date.now(),
    read: () => Promise.resolve(input),
    open: () => Promise.resolve(),
  };
  const code = await runCli(['--data-dir', join(cwd, folder), ...args], io);
  return { code, out: out.join(''), err: err.join('') };
}

const minute = Math.floor((Date.now() - 7_200_000) / 60_000) * 60_000;
const sketch = new Sketch();
for (const value of [0.001, 0.2, 0.2, 30]) sketch.record(value);
const lines = [
  { metric: { __name__: 'app_queue', queue: 'a"b' }, kind: 'gauge', values: [0, 5e-324, 1.5], timestamps: [1, 2, 3] },
  {
    metric: { __name__: 'app_seconds' },
    kind: 'sketch',
    sketches: [Buffer.from(sketch.encode()).toString('base64')],
    timestamps: [0],
  },
  {
    metric: { __name__: 'app_total', queue: 'x' },
    kind: 'counter',
    values: [1, null, 'Infinity', 12],
    timestamps: [1, 2, 3, 4],
  },
].map((line) =>
  JSON.stringify({ ...line, timestamps: line.timestamps.map((ms) => minute + ms) }).replace('[0,', '[-0,'),
);

test('what one monitor exports, another takes in and exports again, bit by bit', async () => {
  expect(await cryomon('one', ['store', 'import', '-'], `${lines.join('\n')}\n\n`)).toMatchObject({
    code: 0,
    out: 'Taken: 7 samples, 1 sketch.\n',
  });
  const ours = ['store', 'export', '--match', '__name__=~app_.*', '--since', '3h'];
  const first = await cryomon('one', ours);
  expect(first.out.trimEnd().split('\n')).toEqual(lines);
  await cryomon('one', [...ours, '-o', 'export.ndjson']);
  expect(readFileSync(join(cwd, 'export.ndjson'), 'utf8')).toBe(first.out);
  expect((await cryomon('other', ['store', 'import', 'export.ndjson'])).code).toBe(0);
  expect((await cryomon('other', ours)).out).toBe(first.out);
});

test('exports only what was asked for, also as text for Prometheus', async () => {
  const { out } = await cryomon('one', [
    'store',
    'export',
    '-n',
    'app_total',
    '--since',
    '3h',
    '--format',
    'prometheus',
  ]);
  expect(out).toContain('# TYPE app counter\napp_total{queue="x"} 1 ');
  expect(out.endsWith('# EOF\n')).toBe(true);
  expect((await cryomon('one', ['store', 'export', '-n', 'app_total', '--until', '3h'])).out).toBe('');
});

test('names the lines that cannot be taken, and takes the others', async () => {
  const bad = ['not json', '{"metric":{"__name__":"app_queue"},"values":[1],"timestamps":[]}', lines[0]];
  writeFileSync(join(cwd, 'bad.ndjson'), bad.join('\n'));
  const { code, out } = await cryomon('one', ['store', 'import', 'bad.ndjson']);
  expect(code).toBe(1);
  expect(out).toContain('Taken: 3 samples, 0 sketches.\nNot taken: 2 lines.\n');
  expect(out).toContain('line 1: is not JSON');
  expect(out).toContain('line 2: values: 1 of them for 0 timestamps');
  expect(await cryomon('one', ['store', 'import', 'missing'])).toMatchObject({ code: 2 });
});

test('tells size, tiers and what went into other', async () => {
  const many = Array.from({ length: 150 }, (_, i) =>
    JSON.stringify({ metric: { __name__: 'app_users', user: `u${i}` }, values: [i], timestamps: [minute] }),
  );
  await cryomon('one', ['store', 'import', '-'], many.join('\n'));
  const { out } = await cryomon('one', ['store', 'stats']);
  expect(out).toMatch(/Series +1\d\d/);
  expect(out).toContain('raw');
  expect(out).toMatch(/app_users: \d+ values of user went into "other"/);
  const store = JSON.parse((await cryomon('one', ['--json', 'store', 'stats'])).out) as StoreView;
  expect(store.tiers.map(({ tier }) => tier)).toContain('hour');
});
