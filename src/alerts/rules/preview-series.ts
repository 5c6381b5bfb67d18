import type { SeriesStore } from '../../model/store.ts';
import type { AwakeTimes } from './awake-times.ts';
import type { CompiledRule } from './compiled.ts';
import type { SeriesPlan } from './condition.ts';
import { readHistory, type StoredHistory, type StoredLine } from './history.ts';
import type { Rehearsal } from './rehearsal.ts';
import type { SeriesGroup, SeriesGroups } from './series-group.ts';
import { createSeriesRule, type SeriesRule } from './series-rule.ts';
import type { SlotRing } from './slot-ring.ts';
import type { Turns } from './turns.ts';

/** Series of one input that are read. */
const mostSeries = 500;

/** A series rule with the history it is to be run over. */
export interface SeriesHistory {
  readonly rule: SeriesRule;
  readonly histories: readonly StoredHistory[];
}

/** Reads what every input of a rule would have heard. Where only coarse data is left, the rule is made coarser with it. */
export async function readSeriesHistory(
  compiled: CompiledRule & { readonly plan: SeriesPlan },
  store: SeriesStore,
  span: { readonly from: number; readonly to: number },
  signal: AbortSignal | undefined,
): Promise<SeriesHistory> {
  let slotMs = compiled.everyMs;
  for (;;) {
    const histories: StoredHistory[] = [];
    for (const input of compiled.plan.inputs) {
      const from = Math.floor((span.from - input.windowMs) / slotMs) * slotMs - slotMs;
      histories.push(await readHistory(store, input, { from, to: span.to, slotMs, mostSeries }, signal));
    }
    const widest = Math.max(slotMs, ...histories.map((each) => each.slotMs));
    if (widest === slotMs) return { rule: createSeriesRule({ ...compiled, everyMs: slotMs }), histories };
    slotMs = Math.ceil(widest / slotMs) * slotMs;
  }
}

/** Runs a rule over its history: each time, it is given the slots that are over, and looks. Gives how many times it looked. */
export async function replaySeries(options: {
  readonly history: SeriesHistory;
  readonly span: { readonly from: number; readonly to: number };
  readonly awake: AwakeTimes;
  readonly rehearsal: Rehearsal;
  readonly turns: Turns;
}): Promise<{ looked: number; expected: number }> {
  const { history, span, awake, rehearsal, turns } = options;
  const { rule, histories } = history;
  const { slotMs } = rule;
  const feeders = histories.flatMap((each, input) => each.lines.map((line) => new Feeder(rule.groups, input, line)));
  let looked = 0;
  let expected = 0;
  for (let at = (Math.floor(span.from / slotMs) + 1) * slotMs; at <= span.to; at += slotMs) {
    const end = at / slotMs;
    for (const feeder of feeders) feeder.feedUntil(end);
    expected += 1;
    const since = awake.since(at);
    if (since !== undefined) {
      looked += 1;
      rehearsal.play(rule.byClock!.look(at, rehearsal.desk(at, since)), at);
    }
    await turns.yield();
  }
  return { looked, expected };
}

/** Gives one stored series to the rule, slot by slot. */
class Feeder {
  readonly #groups: SeriesGroups;
  readonly #input: number;
  readonly #line: StoredLine;
  #next = 0;
  #ring: SlotRing | undefined;
  #group: SeriesGroup | undefined;

  constructor(groups: SeriesGroups, input: number, line: StoredLine) {
    this.#groups = groups;
    this.#input = input;
    this.#line = line;
  }

  feedUntil(end: number): void {
    const { slots, figures, labels } = this.#line;
    for (; this.#next < slots.length && slots[this.#next]! < end; this.#next++) {
      if (!this.#group || !this.#groups.has(this.#group)) {
        this.#ring = this.#groups.ring(this.#input, labels);
        this.#group = this.#groups.group(labels);
      }
      this.#ring?.put(slots[this.#next]!, figures[this.#next]!);
    }
  }
}
