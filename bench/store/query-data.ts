/** What the questions of the benchmark are asked about: a thousand series of one metric, and one series of a month before them. */
import { createDataset, type Dataset } from './dataset.ts';
import { createMix } from './mix.ts';

const DAY = 86_400_000;
const TICKS_PER_DAY = 8640;
const MONTH_DAYS = 30;

/** One metric, so that a ranking of a thousand series is one question for everybody. */
export function thousandSeries(): Dataset {
  const data = createDataset(1000, 10_000);
  return { ...data, series: data.series.map((one) => ({ ...one, name: 'bench_value' })) };
}

/** A percentage every ten seconds for thirty days, up to the start of the other data. */
export function monthSeries(until: number): Dataset {
  const ticks = MONTH_DAYS * TICKS_PER_DAY;
  const one = createMix(100, 7).find(({ kind }) => kind === 'percent')!;
  const values = Float64Array.from({ length: ticks }, () => one.next());
  return { series: [{ ...one, name: 'bench_month' }], from: until - MONTH_DAYS * DAY, ticks, values };
}
