import type { MixSeries } from './mix.ts';
import { createMix } from './mix.ts';

/** Ten seconds: how often each series has a value. */
export const STEP_MS = 10_000;

/** Many series over the same moments, tick by tick, made before anything is measured. */
export interface Dataset {
  readonly series: readonly MixSeries[];
  /** Moment of the first tick, epoch ms, the start of a UTC day. */
  readonly from: number;
  readonly ticks: number;
  /** Tick by tick, all series of a tick beside each other. */
  readonly values: Float64Array;
}

/** The values of the mix: `count` series, one value every ten seconds, `ticks` times. Ends within the last three days. */
export function createDataset(count: number, ticks: number, seed = 1): Dataset {
  const series = createMix(count, seed);
  const values = new Float64Array(count * ticks);
  // Series by series: each generator stays hot.
  series.forEach((one, i) => {
    for (let tick = 0; tick < ticks; tick++) values[tick * count + i] = one.next();
  });
  const day = 86_400_000;
  const from = Math.floor((Date.now() - ticks * STEP_MS) / day) * day;
  return { series, from, ticks, values };
}

export const timeOf = (data: Dataset, tick: number): number => data.from + tick * STEP_MS;
