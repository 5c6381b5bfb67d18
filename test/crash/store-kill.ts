/** Kills a process that appends to a store, again and again, and compares what is there afterwards with what it was promised. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/model/clock.ts';
import { silentLog } from '../../src/model/log.ts';
import { openSeriesStore } from '../../src/store/series.ts';
import { storeSettings } from '../../src/store/settings.ts';

const child = fileURLToPath(new URL('store-child.ts', import.meta.url));
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const FROM = Date.UTC(2026, 0, 1);

export interface KillReport {
  readonly kills: number;
  /** Steps that all series have at the end. */
  readonly steps: number;
  /** Steps that were promised and are missing. */
  readonly lost: number;
  /** Steps that are there more than once, or in some series only. */
  readonly doubled: number;
}

/** Ends it `kills` times, every `timerEvery`th time while nobody asks for durability and only the second's own promise counts. */
export async function killStore(kills: number, timerEvery: number, random: () => number): Promise<KillReport> {
  const dir = await mkdtemp(join(tmpdir(), 'store-kill-'));
  let next = 0;
  let lost = 0;
  let doubled = 0;
  try {
    for (let round = 0; round < kills; round++) {
      const timer = round % timerEvery === timerEvery - 1;
      const promised = await killOnce(
        dir,
        timer ? 'timer' : 'flush',
        next,
        timer ? 1300 + random() * 700 : random() * 250,
      );
      const found = await inspect(dir, next + 1_000_000);
      lost += Math.max(0, promised + 1 - found.steps);
      doubled += found.doubled;
      next = found.steps;
    }
    return { kills, steps: next, lost, doubled };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Runs it for a while after its first word. Resolves with the last step that must be there, -1 when there is none. */
function killOnce(dir: string, mode: 'flush' | 'timer', firstStep: number, afterMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const running = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', child, dir, mode, String(firstStep), String(FROM)],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let said = '';
    let complaint = '';
    let killedAt = 0;
    running.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    running.stdout.on('data', (chunk: Buffer) => {
      if (said === '')
        setTimeout(() => {
          killedAt = Date.now();
          running.kill('SIGKILL');
        }, afterMs);
      said += chunk.toString();
    });
    running.once('close', (code) => {
      if (killedAt === 0) return reject(new Error(`The process ended by itself with ${code}: ${complaint}`));
      const steps = said
        .split('\n')
        .slice(0, -1)
        .map((line) => line.split(' ').map(Number))
        .filter(([, at]) => at === undefined || at <= killedAt - 1000);
      resolve(steps.at(-1)?.[0] ?? firstStep - 1);
    });
  });
}

/** How many steps every series has, and how many of them do not fit. */
async function inspect(dir: string, most: number): Promise<{ steps: number; doubled: number }> {
  const settings = { ...storeSettings.parse({}), retention_days: 400 };
  const store = await openSeriesStore({ dir, settings, log: silentLog, clock: systemClock });
  try {
    const range = { from: FROM, to: FROM + most * MINUTE, stepMs: DAY } as const;
    const total = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
    const rows = await store.query({ ...range, name: 'rows', aggregates: ['count', 'last'] });
    const single = await store.query({ ...range, name: 'single', aggregates: ['count', 'last'] });
    const sketches = await store.sketches({ name: 'sketch', from: range.from, to: range.to });
    const all = [...rows.series, ...single.series].map(({ values }) => ({
      count: total(values['count']!),
      last: values['last']!.at(-1)!,
    }));
    const steps = all[0]?.count ?? 0;
    const sketched = sketches[0]?.sketch.count ?? 0;
    const wrong = all.filter(({ count, last }) => count !== last + 1 || count !== steps).length;
    return { steps, doubled: wrong + Math.abs(sketched - steps) };
  } finally {
    await store.close();
  }
}
