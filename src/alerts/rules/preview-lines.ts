import type { RulePreview } from '../../model/alert.ts';
import type { Labels } from '../../model/sample.ts';

/** Label sets whose values are shown, and points of each. */
const mostLines = 8;
const mostPoints = 400;
/** Label sets that are followed while it runs. */
const mostFollowed = 200;

/** Gathers values over time, thinned out so that extremes stay: of each stretch of time the most extreme value. */
export function gatherLines(span: { from: number; to: number }, mostExtreme: (a: number, b: number) => number) {
  const width = Math.max(1, Math.ceil((span.to - span.from) / mostPoints));
  const lines = new Map<string, { labels: Labels; at: number[]; values: number[]; peak: number }>();
  return {
    add(key: string, labels: Labels, at: number, value: number): void {
      let line = lines.get(key);
      if (!line) {
        if (lines.size >= mostFollowed) return;
        line = { labels, at: [], values: [], peak: value };
        lines.set(key, line);
      }
      line.peak = mostExtreme(line.peak, value);
      const last = line.at.length - 1;
      if (last >= 0 && Math.floor((line.at[last]! - span.from) / width) === Math.floor((at - span.from) / width)) {
        line.values[last] = mostExtreme(line.values[last]!, value);
      } else {
        line.at.push(at);
        line.values.push(value);
      }
    },
    /** The label sets that were worst first. */
    lines(): RulePreview['lines'] {
      return [...lines.values()]
        .sort((a, b) => (a.peak === b.peak ? 0 : mostExtreme(a.peak, b.peak) === a.peak ? -1 : 1))
        .slice(0, mostLines)
        .map(({ labels, at, values }) => ({ labels, at, values }));
    },
  };
}
