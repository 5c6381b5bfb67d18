/** Runs one of the cases of `memory.ts` and prints its figures as JSON. Needs `--expose-gc`. */

import { rssMb } from '../monitor/process.ts';
import { createMix } from './mix.ts';
import { openOurs } from './ours.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** Resident memory after everything that is garbage has gone. */
async function settledRss(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return rssMb(process.pid);
}

interface Load {
  readonly series: number;
  readonly stepMs: number;
  readonly from: number;
}

/** A function that appends everything up to a moment, and lets the store tidy up every half hour of the data's time. */
async function createLoad({ series, stepMs, from }: Load, rawDays?: number) {
  const ours = await openOurs({}, undefined, rawDays);
  const mix = createMix(series);
  const values = new Float64Array(series);
  let ids: Uint32Array | undefined;
  let at = from;
  return {
    ours,
    async until(end: number) {
      ids ??= Uint32Array.from(mix, ({ name, labels }) => ours.store.seriesId(name, labels));
      for (; at < end; at += stepMs) {
        for (let i = 0; i < series; i++) values[i] = mix[i]!.next();
        ours.store.appendColumns(at, ids, values);
        await ours.store.flush();
        if (Math.floor(at / (HOUR / 2)) !== Math.floor((at - stepMs) / (HOUR / 2))) await ours.store.maintain(at);
      }
    },
  };
}

const cases: Record<string, () => Promise<Record<string, number>>> = {
  /** Two and a half hours of 10,000 series, one value every ten seconds. */
  async active() {
    const from = Math.floor(Date.now() / DAY - 2) * DAY;
    const load = await createLoad({ series: 10_000, stepMs: 10_000, from });
    const before = await settledRss();
    await load.until(from + 2.5 * HOUR);
    const after = await settledRss();
    await load.ours.stop();
    return { rss_mb_10000_series: after - before };
  },
  /** Ten days of 500 series by the minute, raw values kept for two. */
  async soak() {
    const from = Math.floor(Date.now() / DAY - 12) * DAY;
    const load = await createLoad({ series: 500, stepMs: 60_000, from }, 2);
    await load.until(from + 4 * DAY);
    const before = await settledRss();
    await load.until(from + 10 * DAY);
    const after = await settledRss();
    await load.ours.stop();
    return { soak_rss_growth_mb: after - before };
  },
  /** A million samples of a hundred values of one label within an hour. */
  calm: () => manyValues(100),
  /** The same with a million different values. */
  flood: () => manyValues(1_000_000),
};

async function manyValues(different: number): Promise<Record<string, number>> {
  const from = Math.floor(Date.now() / DAY - 1) * DAY;
  const { store, stop } = await openOurs();
  const before = await settledRss();
  const started = process.cpuUsage();
  for (let i = 0; i < 1_000_000; i++) {
    store.append([{ name: 'bench_requests', labels: { url: `/item/${i % different}` }, at: from + i * 3.6, value: i }]);
    if (i % 1000 === 999) await store.flush();
  }
  const used = process.cpuUsage(started);
  const after = await settledRss();
  await stop();
  return { rss_mb: after - before, ns_per_sample: (used.user + used.system) / 1000 };
}

const chosen = cases[process.argv[2] ?? ''];
if (!chosen) throw new Error(`There is no case ${process.argv[2]}; there are ${Object.keys(cases).join(', ')}.`);
process.stdout.write(`${JSON.stringify(await chosen())}\n`);
