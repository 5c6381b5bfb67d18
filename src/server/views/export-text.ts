import type { Sketch } from '../../model/sketch.ts';
import type { SeriesPart } from '../../model/store.ts';
import { labelText, valueText } from './prometheus-words.ts';

/** Longest line in points, so that every line fits into a request of an import. */
const MOST_POINTS = 5000;
const quantiles = [0.5, 0.95, 0.99] as const;

/**
 * One JSON object a line, as VictoriaMetrics exports them: `metric`, `values`, `timestamps`; NaN is null, infinities are texts. Beyond that
 * `kind`, and for distributions `sketches` (base64) instead of `values`. Nothing is lost: `importLine` reads it back bit for bit.
 */
export async function* ndjson(parts: AsyncIterable<SeriesPart>): AsyncGenerator<string> {
  for await (const part of parts) {
    const head = JSON.stringify({ metric: { __name__: part.name, ...part.labels }, kind: part.kind }).slice(0, -1);
    for (let from = 0; from < part.at.length; from += MOST_POINTS) {
      const to = from + MOST_POINTS;
      const column =
        'values' in part
          ? `"values":[${part.values.slice(from, to).map(jsonNumber).join(',')}]`
          : `"sketches":[${part.sketches.slice(from, to).map(base64).join(',')}]`;
      yield `${head},${column},"timestamps":[${part.at.slice(from, to).join(',')}]}\n`;
    }
  }
}

function jsonNumber(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  return Number.isNaN(value) ? 'null' : `"${value}"`;
}

const base64 = (sketch: Sketch): string => `"${Buffer.from(sketch.encode()).toString('base64')}"`;

/**
 * OpenMetrics text with timestamps, for `promtool tsdb create-blocks-from openmetrics`. A distribution becomes a summary: percentiles of each
 * minute, and a sum and a count that grow from the start of the export.
 */
export async function* openMetrics(parts: AsyncIterable<SeriesPart>): AsyncGenerator<string> {
  let family = '';
  let series: SeriesPart['labels'] | undefined;
  let sum = 0;
  let count = 0;
  for await (const part of parts) {
    const own = familyOf(part);
    if (family !== own) yield `# TYPE ${own}\n`;
    if (family !== own || series !== part.labels) {
      sum = 0;
      count = 0;
    }
    family = own;
    series = part.labels;
    if ('values' in part) {
      const name = `${part.name}${labelText(part.labels)}`;
      yield part.at.map((at, i) => `${name} ${valueText(part.values[i]!)} ${at / 1000}\n`).join('');
      continue;
    }
    for (const [i, sketch] of part.sketches.entries()) {
      sum += sketch.sum;
      count += sketch.count;
      yield summaryLines(part, sketch, sum, count, part.at[i]! / 1000);
    }
  }
  yield '# EOF\n';
}

/** Name and type of a family. OpenMetrics takes the `_total` of a counter's samples off its name, and knows no counter without it. */
function familyOf({ name, kind }: SeriesPart): string {
  if (kind === 'sketch') return `${name} summary`;
  if (kind !== 'counter') return `${name} gauge`;
  return name.endsWith('_total') ? `${name.slice(0, -'_total'.length)} counter` : `${name} unknown`;
}

function summaryLines({ name, labels }: SeriesPart, sketch: Sketch, sum: number, count: number, at: number): string {
  const percentiles = quantiles.map(
    (q) => `${name}${labelText({ ...labels, quantile: String(q) })} ${valueText(sketch.quantile(q))} ${at}\n`,
  );
  const own = labelText(labels);
  return `${percentiles.join('')}${name}_sum${own} ${valueText(sum)} ${at}\n${name}_count${own} ${count} ${at}\n`;
}
