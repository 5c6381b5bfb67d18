import type { Episode } from '../../model/alert.ts';
import type { Log } from '../../model/log.ts';
import type { SeriesStore } from '../../model/store.ts';
import { readHistory } from './history.ts';
import { ringOf, type WantedMetric } from './series-feed.ts';
import type { SeriesRule } from './series-rule.ts';
import { labelText } from './series-tap.ts';

/** Series of one metric that are looked for when rules begin. */
const mostSeries = 2000;

/**
 * Gives rules the points that were stored before they began, so that a restart does not empty their windows. Rules with the same
 * metric and width of slots share one question to the store. What cannot be read is said once and costs nothing but the past.
 */
export async function warmUp(options: {
  readonly rules: readonly SeriesRule[];
  readonly metrics: ReadonlyMap<string, WantedMetric>;
  readonly store: SeriesStore;
  readonly now: number;
  readonly open: readonly Episode[];
  readonly log: Log;
}): Promise<void> {
  const { rules, metrics, store, now, log } = options;
  for (const { name, slotMs, windowMs, columns } of questions(rules)) {
    const from = Math.floor((now - windowMs) / slotMs) * slotMs;
    try {
      const history = await readHistory(store, { name, matchers: [], columns }, { from, to: now, slotMs, mostSeries });
      if (history.slotMs !== slotMs) continue;
      for (const line of history.lines) {
        for (const wanted of metrics.get(name)?.of(line.labels, 'sketch') ?? []) {
          if (wanted.rule.slotMs !== slotMs) continue;
          const ring = ringOf(wanted, line.labels, labelText(line.labels));
          for (const [i, slot] of line.slots.entries()) ring?.put(slot, line.figures[i]!);
        }
      }
    } catch (error) {
      log.warn({ metric: name, error: String(error) }, 'Rules begin without the history of their series.');
    }
  }
  rememberOpen(rules, options.open);
}

interface Question {
  readonly name: string;
  readonly slotMs: number;
  windowMs: number;
  columns: SeriesRule['plan']['inputs'][number]['columns'];
}

function questions(rules: readonly SeriesRule[]): Question[] {
  const found = new Map<string, Question>();
  for (const { plan, slotMs } of rules) {
    for (const input of plan.inputs) {
      const key = `${input.name} ${slotMs}`;
      // For absence the newest point counts, however long ago it was.
      const windowMs = plan.absent ? Math.min(plan.forgetAfterMs ?? 0, 10_000 * slotMs) : input.windowMs;
      const known = found.get(key);
      if (!known) found.set(key, { name: input.name, slotMs, windowMs, columns: input.columns });
      else {
        known.windowMs = Math.max(known.windowMs, windowMs);
        known.columns = [...new Set([...known.columns, ...input.columns])];
      }
    }
  }
  return [...found.values()];
}

/** Alerts that are open belong to groups, also when their series have been silent for longer than the window. */
function rememberOpen(rules: readonly SeriesRule[], open: readonly Episode[]): void {
  const byId = new Map(rules.map((rule) => [rule.info.id, rule]));
  for (const episode of open) {
    const rule = byId.get(episode.rule);
    if (!rule) continue;
    const own = rule.compiled.definition.labels;
    const labels = Object.fromEntries(Object.entries(episode.labels).filter(([name, value]) => own[name] !== value));
    const before = rule.groups.size;
    const group = rule.groups.group(labels);
    if (!group || rule.groups.size === before) continue;
    // It gets a ring only to remember when it was last heard of.
    rule.groups.ring(0, labels)?.note(Math.floor(episode.lastSeenAt / rule.slotMs) - 1);
  }
}
