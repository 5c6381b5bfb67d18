import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../model/clock.ts';
import { silentLog } from '../model/log.ts';
import type { SeriesStore } from '../model/store.ts';
import { openSeriesStore } from './series.ts';
import { storeSettings } from './settings.ts';

const T0 = Date.UTC(2026, 0, 1);
const STEP = 10_000;
const HOURS = 2;
const TICKS = HOURS * 360 + 100;
const SERIES = 12;
/** Every series at every moment; no two values are the same, so that a mix-up shows. */
const original = (series: number, tick: number) => series * 10_000 + tick + 0.25;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'damage-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const open = (folder = dir) =>
  openSeriesStore({
    dir: folder,
    settings: { ...storeSettings.parse({}), retention_days: 7 },
    log: silentLog,
    clock: systemClock,
  });

/** The files of a store with four sealed hours and a journal, made once. */
let files: { name: string; bytes: Buffer }[];
let template: string;
beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), 'damage-template-'));
  const store = await open(template);
  const ids = Uint32Array.from({ length: SERIES }, (_, i) => store.seriesId('m', { i: String(i) }));
  for (let tick = 0; tick < TICKS; tick++) {
    store.appendColumns(
      T0 + tick * STEP,
      ids,
      Float64Array.from(ids, (_, i) => original(i, tick)),
    );
    if (tick % 20 === 0) await store.flush();
  }
  await store.maintain(T0 + TICKS * STEP);
  await store.close();
  files = readdirSync(template).map((name) => ({ name, bytes: readFileSync(join(template, name)) }));
});
afterAll(() => rmSync(template, { recursive: true, force: true }));

function lay(): void {
  for (const { name, bytes } of files) writeFileSync(join(dir, name), bytes);
}
const journal = () => files.find(({ name }) => name.endsWith('.journal'))!.name;

function overwrite(name: string, at: number, bytes: Uint8Array): void {
  const fd = openSync(join(dir, name), 'r+');
  writeSync(fd, bytes, 0, bytes.length, at);
  closeSync(fd);
}

/** Number of points that are there; fails at the first that is not what was stored. */
async function countRight(store: SeriesStore): Promise<number> {
  const answer = await store.query({ name: 'm', from: T0, to: T0 + TICKS * STEP, stepMs: STEP, aggregates: ['last'] });
  let right = 0;
  for (const { labels, at, values } of answer.series) {
    at.forEach((time, n) => {
      expect(values['last']![n]).toBe(original(Number(labels['i']), (time - T0) / STEP));
      right++;
    });
  }
  return right;
}

const said = (store: SeriesStore) => {
  const { problem, drops } = store.stats();
  return problem !== undefined || Object.keys(drops).length > 0;
};

/** What every store must do whatever has happened to its files: tell the truth, say what is missing, go on. */
async function expectToGoOn(least: number): Promise<void> {
  let store = await open();
  const right = await countRight(store);
  expect(right).toBeGreaterThanOrEqual(least);
  if (right < SERIES * TICKS) expect(said(store)).toBe(true);
  store.append([{ name: 'after', labels: {}, at: T0 + 5 * 3_600_000, value: 7 }]);
  await store.flush();
  await store.maintain(T0 + 6 * 3_600_000 + 120_000);
  await store.close();
  store = await open();
  const after = await store.query({ name: 'after', from: T0, to: T0 + 86_400_000, stepMs: STEP, aggregates: ['last'] });
  expect(after.series[0]?.values['last']).toEqual([7]);
  await store.close();
}

describe('a damaged store', { timeout: 60_000 }, () => {
  test('is whole when nothing is damaged', async () => {
    lay();
    await expectToGoOn(SERIES * TICKS);
  });

  test('tells the truth whichever bytes of the database are wrong, and says that something is missing', async () => {
    const size = files.find(({ name }) => name === 'series.db')!.bytes.length;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(size - 1), fc.uint8Array({ minLength: 1, maxLength: 8 })), {
          minLength: 1,
          maxLength: 4,
        }),
        async (spots) => {
          rmSync(dir, { recursive: true, force: true });
          dir = mkdtempSync(join(tmpdir(), 'damage-'));
          lay();
          for (const [at, bytes] of spots) overwrite('series.db', Math.min(at, size - bytes.length), bytes);
          await expectToGoOn(0);
        },
      ),
      { numRuns: 8, interruptAfterTimeLimit: 5000 },
    );
  });

  test('tells the truth whichever bytes of the journal are wrong, and keeps the frames behind them', async () => {
    const size = files.find(({ name }) => name === journal())!.bytes.length;
    await fc.assert(
      fc.asyncProperty(fc.nat(size - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), async (at, bytes) => {
        rmSync(dir, { recursive: true, force: true });
        dir = mkdtempSync(join(tmpdir(), 'damage-'));
        lay();
        overwrite(journal(), Math.min(at, size - bytes.length), bytes);
        await expectToGoOn(SERIES * HOURS * 360);
      }),
      { numRuns: 8, interruptAfterTimeLimit: 5000 },
    );
  });

  test('keeps what stands behind a damaged frame, sets a copy aside and says so', async () => {
    lay();
    const size = files.find(({ name }) => name === journal())!.bytes.length;
    overwrite(journal(), size >> 1, Uint8Array.of(1, 2, 3));
    const store = await open();
    const right = await countRight(store);
    expect(right).toBeGreaterThanOrEqual(SERIES * (TICKS - 21));
    expect(right).toBeLessThan(SERIES * TICKS);
    expect(store.stats().problem).toMatch(/bytes of a journal were damaged/);
    expect(store.stats().drops['journal_bytes_damaged']).toBeGreaterThan(0);
    expect(readdirSync(dir).some((name) => name.includes('.journal.corrupt-'))).toBe(true);
    await store.close();
  });

  test.each([0, 1, 100, 5000, 20_000, 60_000])('opens a database that was cut off at %i bytes', async (length) => {
    lay();
    truncateSync(
      join(dir, 'series.db'),
      Math.min(length, files.find(({ name }) => name === 'series.db')!.bytes.length),
    );
    let store = await open();
    await countRight(store);
    if (length > 0) {
      expect(store.stats().problem).toMatch(/series\.db was damaged .* set aside as/);
      expect(readdirSync(dir).some((name) => name.startsWith('series.db.corrupt-'))).toBe(true);
    }
    await store.close();
    store = await open();
    expect(store.stats().problem).toBeUndefined();
    await store.close();
  });

  test('opens beside a journal and a database of garbage', async () => {
    const garbage = Uint8Array.from({ length: 50_000 }, (_, i) => (i * 7919) % 251);
    writeFileSync(join(dir, 'series.db'), garbage);
    writeFileSync(join(dir, 'series-00000003.journal'), garbage);
    const store = await open();
    expect(store.stats().problem).toMatch(/series\.db was damaged .*journal were damaged/s);
    await store.close();
    await expectToGoOn(0);
  });
});
