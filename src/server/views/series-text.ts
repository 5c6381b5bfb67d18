import type { SeriesAnswer } from '../../model/api.ts';
import type { RangeAnswer } from '../../model/store.ts';

/** How many numbers are written before others get a turn: about 5 ms. */
const AT_ONCE = 40_000;

type Series = RangeAnswer['series'][number];

/**
 * The JSON of a `SeriesAnswer`. Written by hand and series by series: a hundred series of a day are megabytes, and the thread that writes them is
 * the one that takes samples in. Most series of an answer have the same steps, so these are written once.
 */
export async function seriesText(answer: RangeAnswer, from: number, to: number, signal: AbortSignal): Promise<string> {
  const { stepMs, tier, tiers, truncated } = answer;
  const head: Omit<SeriesAnswer, 'series'> = { from, to, step_ms: stepMs, tier, tiers: [...tiers], truncated };
  const parts: string[] = [];
  let written = 0;
  let times: { readonly at: readonly number[]; readonly text: string } = { at: [], text: '[]' };
  for (const one of answer.series) {
    if (!sameTimes(times.at, one.at)) times = { at: one.at, text: numbers(one.at) };
    parts.push(seriesPart(one, times.text));
    written += one.at.length * Object.keys(one.values).length;
    if (written < AT_ONCE) continue;
    written = 0;
    await new Promise<void>((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
  return `${JSON.stringify(head).slice(0, -1)},"series":[${parts.join(',')}]}`;
}

function seriesPart({ name, labels, kind, values }: Series, times: string): string {
  const columns = Object.entries(values).map(([aggregate, column]) => `"${aggregate}":${numbers(column)}`);
  return `${JSON.stringify({ name, labels, kind }).slice(0, -1)},"at":${times},"values":{${columns.join(',')}}}`;
}

/** What is no finite number becomes null, as JSON has it. */
const numbers = (list: readonly number[]): string => JSON.stringify(list);

function sameTimes(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
