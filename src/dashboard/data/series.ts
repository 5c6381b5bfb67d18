import { useComputed } from '@preact/signals';
import type { SeriesAnswer } from '../../model/api.ts';
import { type Query, useQuery } from './query.ts';
import { bounds, range, rangeKey, refreshEvery, stepFor } from './range.ts';

/** One line of a chart as a page asks for it. */
export interface Line {
  readonly label: string;
  readonly metric: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** `avg`, `max`, `rate`, `p95`… */
  readonly aggregate: string;
}

/** A line with its numbers; times in epoch ms, oldest first. */
export interface DrawnLine {
  readonly label: string;
  readonly at: readonly number[];
  readonly values: readonly (number | null)[];
}

export interface Drawing {
  readonly from: number;
  readonly to: number;
  readonly lines: readonly DrawnLine[];
}

interface Group {
  readonly key: string;
  readonly query: string;
  readonly lines: readonly Line[];
}

/** Lines of the same series share one question. */
export function groupLines(lines: readonly Line[]): Group[] {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    const match = Object.entries(line.labels ?? {})
      .map(([name, value]) => `&match=${encodeURIComponent(`${name}=${value}`)}`)
      .join('');
    const key = `name=${encodeURIComponent(line.metric)}${match}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups].map(([query, members]) => {
    const aggregates = [...new Set(members.map(({ aggregate }) => aggregate))].join(',');
    return { key: query, query: `${query}&aggregate=${encodeURIComponent(aggregates)}`, lines: members };
  });
}

/** Names series of one metric by the labels in which they differ. */
export function distinguish(all: readonly Record<string, string>[]): string[] {
  const names = [...new Set(all.flatMap((labels) => Object.keys(labels)))];
  const differing = names.filter((name) => new Set(all.map((labels) => labels[name])).size > 1);
  const texts = all.map((labels) => differing.map((name) => labels[name] ?? '–').join(' '));
  // `database:pooler`, `database:direct`: what they share says nothing.
  const prefix = /^[\w-]+:/.exec(texts[0] ?? '')?.[0] ?? '';
  return prefix && texts.every((text) => text.startsWith(prefix))
    ? texts.map((text) => text.slice(prefix.length))
    : texts;
}

/** A line that ended this many steps before the end of the range has no number now. */
const endsAfter = 6;

/** The number of a line at the end of the range; null when it ended before: a dead connection has no time to answer. */
export function newest({ at, values }: DrawnLine, to: number): number | null {
  const index = values.findLastIndex((value) => value !== null);
  if (index < 0) return null;
  const usual = at.length > 1 ? (at.at(-1)! - at[0]!) / (at.length - 1) : to - at[0]!;
  return to - at[index]! > Math.max(usual * endsAfter, 15_000) ? null : values[index]!;
}

/** When there are more series than lines fit, the highest ones now are drawn. */
function draw(group: Group, answer: SeriesAnswer, most: number): DrawnLine[] {
  const names = distinguish(answer.series.map(({ labels }) => labels));
  return group.lines.flatMap((line) => {
    const all = answer.series.map((series, index) => ({
      label: answer.series.length > 1 ? `${group.lines.length > 1 ? `${line.label} ` : ''}${names[index]}` : line.label,
      at: series.at,
      values: series.values[line.aggregate] ?? [],
    }));
    return all.length > most
      ? all.toSorted((a, b) => (newest(b, answer.to) ?? -1) - (newest(a, answer.to) ?? -1)).slice(0, most)
      : all;
  });
}

/**
 * The numbers of these lines in the chosen range, kept up to date.
 * The lines of one component must stay the same: give it a `key` made of them.
 */
export function useSeries(
  lines: readonly Line[],
  points: number,
  most: number,
): { drawing: { readonly value: Drawing | undefined }; failed: { readonly value: boolean } } {
  const groups = groupLines(lines);
  const of = range.value;
  const queries: Query<SeriesAnswer>[] = groups.map((group) =>
    useQuery<SeriesAnswer>(
      `series ${rangeKey.value} ${points} ${group.query}`,
      () => {
        const { from, to } = bounds(of);
        return `/series?${group.query}&from=${Math.floor(from)}&to=${Math.ceil(to)}&step=${stepFor(to - from, points)}`;
      },
      { every: refreshEvery(of) },
    ),
  );
  const drawing = useComputed<Drawing | undefined>(() => {
    const answers = queries.map(({ data }) => data.value);
    const first = answers.find((answer) => answer !== undefined);
    if (!first || answers.some((answer, index) => answer === undefined && !queries[index]!.failure.value))
      return undefined;
    return {
      from: Math.min(...answers.flatMap((answer) => (answer ? [answer.from] : []))),
      to: Math.max(...answers.flatMap((answer) => (answer ? [answer.to] : []))),
      lines: answers.flatMap((answer, index) => (answer ? draw(groups[index]!, answer, most) : [])),
    };
  });
  const failed = useComputed(() => queries.length > 0 && queries.every(({ failure }) => failure.value !== undefined));
  return { drawing, failed };
}
