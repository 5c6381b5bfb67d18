import type { Labels, Sample, SketchPoint } from '../../model/sample.ts';
import { Sketch } from '../../model/sketch.ts';

/** Clocks differ a little; what lies further ahead would be a mistake. */
const AHEAD_MS = 3_600_000;
const MOST_LABELS = 64;
const MOST_LABEL_LENGTH = 1024;
const MOST_POINTS = 100_000;

/** What one line holds, or why it is left out. */
export type ImportedLine =
  | { readonly samples: readonly Sample[]; readonly sketches: readonly SketchPoint[] }
  | { readonly reason: string };

/** Reads one line of an export of ours, or of VictoriaMetrics. A line with anything wrong in it is left out as a whole. */
export function importLine(line: string, now: number): ImportedLine {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return { reason: 'is not JSON' };
  }
  try {
    return read(record(parsed, 'the line'), now);
  } catch (error) {
    if (error instanceof Wrong || error instanceof RangeError) return { reason: error.message };
    throw error;
  }
}

/** What is wrong with a line, in words. */
class Wrong extends Error {}

function read(line: Record<string, unknown>, now: number): ImportedLine {
  const { __name__: name, ...rest } = record(line['metric'], 'metric');
  if (typeof name !== 'string' || name.length > 200 || !/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name))
    throw new Wrong(`metric.__name__: ${shown(name)} is not a metric name`);
  const labels = labelsOf(rest);
  const times = list(line['timestamps'], 'timestamps').map((at, i) => timeOf(at, i, now));
  const { kind } = line;
  if (kind !== undefined && kind !== 'gauge' && kind !== 'counter' && kind !== 'sketch')
    throw new Wrong(`kind: ${shown(kind)} is none; allowed: gauge, counter, sketch`);
  if (kind === 'sketch') {
    const sketches = list(line['sketches'], 'sketches', times.length).map(sketchOf);
    return { samples: [], sketches: sketches.map((sketch, i) => ({ name, labels, at: times[i]!, sketch })) };
  }
  // Others do not say what a series is; the name does.
  const known = kind ?? (name.endsWith('_total') ? 'counter' : 'gauge');
  const values = list(line['values'], 'values', times.length).map(numberOf);
  return { samples: values.map((value, i) => ({ name, labels, at: times[i]!, value, kind: known })), sketches: [] };
}

function labelsOf(labels: Record<string, unknown>): Labels {
  const entries = Object.entries(labels);
  if (entries.length > MOST_LABELS) throw new Wrong(`metric: ${entries.length} labels are more than ${MOST_LABELS}`);
  for (const [name, value] of entries) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) || name === '__proto__' || name.length > 200)
      throw new Wrong(`metric: ${shown(name)} is not a label name`);
    if (typeof value !== 'string' || value.length > MOST_LABEL_LENGTH)
      throw new Wrong(`metric.${name}: must be a text of at most ${MOST_LABEL_LENGTH} characters`);
  }
  return labels as Labels;
}

function timeOf(at: unknown, i: number, now: number): number {
  if (typeof at !== 'number' || !Number.isInteger(at) || at < 0)
    throw new Wrong(`timestamps.${i}: ${shown(at)} is not epoch milliseconds`);
  if (at > now + AHEAD_MS) throw new Wrong(`timestamps.${i}: ${at} lies in the future`);
  return at;
}

function numberOf(value: unknown, i: number): number {
  if (typeof value === 'number') return value;
  if (value === null || value === 'NaN') return Number.NaN;
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY;
  throw new Wrong(`values.${i}: ${shown(value)} is not a number, null, "Infinity" or "-Infinity"`);
}

function sketchOf(text: unknown, i: number): Sketch {
  if (typeof text !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(text))
    throw new Wrong(`sketches.${i}: must be base64`);
  return Sketch.decode(Buffer.from(text, 'base64'));
}

function record(value: unknown, place: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Wrong(`${place}: must be an object`);
  return value as Record<string, unknown>;
}

function list(value: unknown, place: string, length?: number): readonly unknown[] {
  if (!Array.isArray(value)) throw new Wrong(`${place}: must be a list`);
  if (value.length > MOST_POINTS) throw new Wrong(`${place}: ${value.length} are more than ${MOST_POINTS} in one line`);
  if (length !== undefined && value.length !== length)
    throw new Wrong(`${place}: ${value.length} of them for ${length} timestamps`);
  return value;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
