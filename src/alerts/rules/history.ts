import type { Labels } from '../../model/sample.ts';
import { Sketch } from '../../model/sketch.ts';
import type { Aggregate, RangeAnswer, SeriesStore } from '../../model/store.ts';
import type { SeriesInput } from './series-group.ts';
import type { SlotFigures } from './slot-ring.ts';

/** What one stored series did, slot by slot, oldest first. */
export interface StoredLine {
  readonly labels: Labels;
  /** Numbers of the slots that have points. */
  readonly slots: readonly number[];
  readonly figures: readonly SlotFigures[];
}

export interface StoredHistory {
  readonly lines: readonly StoredLine[];
  readonly tier: RangeAnswer['tier'];
  /** Width of a slot of the answer; wider than asked for where only coarser data is left. */
  readonly slotMs: number;
  /** True when there were more series than are read. */
  readonly truncated: boolean;
}

const aggregates: readonly Aggregate[] = ['count', 'sum', 'min', 'max', 'last'];
const minute = 60_000;
/** Most values in one question to the store; longer histories are asked piece by piece. */
const mostValues = 2_000_000;

/** Reads what an input would have been told, from the store. */
export async function readHistory(
  store: SeriesStore,
  input: Pick<SeriesInput, 'name' | 'matchers' | 'columns'>,
  span: { readonly from: number; readonly to: number; readonly slotMs: number; readonly mostSeries: number },
  signal?: AbortSignal,
): Promise<StoredHistory> {
  const lines = new Map<string, { labels: Labels; slots: number[]; figures: SlotFigures[] }>();
  const wantsGrowth = input.columns.includes('increase');
  const steps = Math.max(1, Math.floor(mostValues / (span.mostSeries * 6)));
  let tier: RangeAnswer['tier'] = 'raw';
  let truncated = false;
  let { slotMs } = span;
  for (let from = span.from; from < span.to; ) {
    const to = Math.min(span.to, from + steps * slotMs);
    const answer = await store.query(
      {
        name: input.name,
        matchers: input.matchers,
        from,
        to,
        stepMs: slotMs,
        aggregates: wantsGrowth ? [...aggregates, 'increase'] : aggregates,
        limit: span.mostSeries,
      },
      signal,
    );
    if (coarser(answer.tier, tier)) tier = answer.tier;
    slotMs = Math.max(slotMs, answer.stepMs);
    truncated ||= answer.truncated;
    for (const one of answer.series) addLine(lines, one, answer.stepMs);
    from = to;
  }
  const list = [...lines.values()];
  if (input.columns.includes('sketch')) await addSketches(store, input, list, span, signal);
  return { lines: list, tier, slotMs, truncated };
}

function addLine(
  lines: Map<string, { labels: Labels; slots: number[]; figures: SlotFigures[] }>,
  one: RangeAnswer['series'][number],
  slotMs: number,
): void {
  const key = JSON.stringify(Object.entries(one.labels).sort());
  let line = lines.get(key);
  if (!line) {
    line = { labels: one.labels, slots: [], figures: [] };
    lines.set(key, line);
  }
  for (const [i, at] of one.at.entries()) {
    const number = (aggregate: string) => one.values[aggregate]?.[i] ?? Number.NaN;
    line.slots.push(Math.floor(at / slotMs));
    line.figures.push({
      count: number('count'),
      sum: number('sum'),
      min: number('min'),
      max: number('max'),
      last: number('last'),
      increase: number('increase'),
    });
  }
}

/** Puts to each slot the distribution of its minutes. */
async function addSketches(
  store: SeriesStore,
  input: Pick<SeriesInput, 'name' | 'matchers'>,
  lines: { labels: Labels; slots: number[]; figures: SlotFigures[] }[],
  span: { readonly slotMs: number },
  signal: AbortSignal | undefined,
): Promise<void> {
  const byLabels = new Map(lines.map((line) => [JSON.stringify(Object.entries(line.labels).sort()), line]));
  const wanted = [...new Set(lines.flatMap((line) => line.slots))].sort((a, b) => a - b);
  for (const slot of wanted) {
    const from = slot * span.slotMs;
    const found = await store.sketches(
      { name: input.name, matchers: input.matchers, from, to: from + Math.max(minute, span.slotMs) },
      signal,
    );
    for (const { labels, sketch } of found) {
      const line = byLabels.get(JSON.stringify(Object.entries(labels).sort()));
      const index = line?.slots.indexOf(slot) ?? -1;
      if (line && index >= 0) line.figures[index] = { ...line.figures[index]!, sketch: copyOf(sketch) };
    }
  }
}

function copyOf(sketch: Sketch): Sketch {
  const copy = new Sketch();
  copy.merge(sketch);
  return copy;
}

function coarser(a: RangeAnswer['tier'], b: RangeAnswer['tier']): boolean {
  const order = ['raw', 'minute', 'hour'];
  return order.indexOf(a) > order.indexOf(b);
}
