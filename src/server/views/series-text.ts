import type { SeriesAnswer } from '../../model/api.ts';
import type { RangeAnswer } from '../../model/store.ts';

/** How many numbers are written before others get a turn: about 5 ms. */
const AT_ONCE = 40_000;
/** Times are written in two halves: the upper one is mostly the same as before, and small integers are written quickest. */
const HALF = 1_000_000;

type Series = RangeAnswer['series'][number];

/** True when the JSON of an answer is so long that it should be sent in pieces. */
export function isLong({ series }: RangeAnswer): boolean {
  return series.reduce((sum, one) => sum + one.at.length * (1 + Object.keys(one.values).length), 0) > AT_ONCE;
}

/**
 * The JSON of a `SeriesAnswer` in pieces. Written by hand and series by series: a hundred series of a day are megabytes, and the thread that
 * writes them is the one that takes samples in. Most series of an answer have the same steps, so these are written once.
 */
export function* seriesText(answer: RangeAnswer, from: number, to: number): Generator<string> {
  const { stepMs, tier, tiers, truncated, series } = answer;
  const head: Omit<SeriesAnswer, 'series'> = { from, to, step_ms: stepMs, tier, tiers: [...tiers], truncated };
  let piece = `${JSON.stringify(head).slice(0, -1)},"series":[`;
  let written = 0;
  let times: { readonly at: readonly number[]; readonly text: string } = { at: [], text: '[]' };
  for (const [i, one] of series.entries()) {
    if (!sameTimes(times.at, one.at)) times = { at: one.at, text: timesText(one.at) };
    piece += (i > 0 ? ',' : '') + seriesPart(one, times.text);
    written += one.at.length * Object.keys(one.values).length;
    if (written < AT_ONCE) continue;
    yield piece;
    piece = '';
    written = 0;
  }
  yield `${piece}]}`;
}

/** The same pieces, each in a turn of the event loop of its own. */
export async function* seriesTextSlowly(answer: RangeAnswer, from: number, to: number): AsyncGenerator<string> {
  for (const piece of seriesText(answer, from, to)) {
    yield piece;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

function seriesPart({ name, labels, kind, values }: Series, times: string): string {
  // What is no finite number becomes null, as JSON has it.
  const columns = Object.entries(values).map(([aggregate, column]) => `"${aggregate}":${JSON.stringify(column)}`);
  return `${JSON.stringify({ name, labels, kind }).slice(0, -1)},"at":${times},"values":{${columns.join(',')}}}`;
}

function timesText(at: readonly number[]): string {
  let text = '[';
  let upper = Number.NaN;
  let upperText = '';
  for (let i = 0; i < at.length; i++) {
    const time = at[i]!;
    const high = Math.floor(time / HALF);
    if (high !== upper) {
      upper = high;
      upperText = String(high);
    }
    if (i > 0) text += ',';
    // 1 in front keeps the zeros, and is cut off again.
    text += high > 0 ? upperText + String(HALF + time - high * HALF).slice(1) : String(time);
  }
  return `${text}]`;
}

function sameTimes(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
