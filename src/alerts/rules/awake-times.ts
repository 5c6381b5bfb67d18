import type { SeriesStore } from '../../model/store.ts';

/** The monitor writes its own figures so often, ms. */
const pulseMs = 15_000;

/** When the monitor was running, as its own figures show; known to half a minute. */
export interface AwakeTimes {
  /** Since when it had been running without a break at this moment; undefined when it did not run. */
  since(at: number): number | undefined;
}

/** Reads from the store when the monitor was running. */
export async function readAwakeTimes(store: SeriesStore, from: number, to: number): Promise<AwakeTimes> {
  const answer = await store.query({
    name: 'monitor_store_size_bytes',
    from: Math.floor(from / pulseMs) * pulseMs,
    to,
    stepMs: pulseMs,
    aggregates: ['count'],
  });
  const width = answer.stepMs;
  const slots = new Set(answer.series.flatMap((one) => one.at.map((at) => Math.floor(at / width))));
  const starts = new Map<number, number>();
  // Figures that come a little late leave a slot empty now and then.
  const near = (slot: number) => starts.get(slot) ?? starts.get(slot - 1);
  for (const slot of [...slots].sort((a, b) => a - b)) starts.set(slot, near(slot - 1) ?? slot);
  return {
    since(at) {
      const start = near(Math.floor((at - 1) / width));
      return start === undefined ? undefined : start * width;
    },
  };
}
