import type { NotificationFacts } from '../model/notification.ts';
import { type Canvas, type Colour, createCanvas, widthOf } from './canvas.ts';
import type { History } from './notifier-parts.ts';
import { encodePng } from './png.ts';
import { formattedTime } from './words.ts';

/** Points of the picture; a mail shows it at half the size, so that it is sharp on good screens. */
export const chartSize = { width: 1120, height: 320 };
const edge = { left: 120, right: 24, top: 24, bottom: 52 };
const ink: Colour = [60, 60, 60];
const faint: Colour = [225, 225, 225];
const limitColour: Colour = [192, 57, 43];

/** Draws what the alert's series did and where its threshold lies, as a PNG file; undefined when there is nothing to draw. */
export function drawChart(facts: NotificationFacts, history: History, colour: Colour): Buffer | undefined {
  const points = history.at
    .map((at, index) => ({ at, value: history.values[index]! }))
    .filter(({ value }) => Number.isFinite(value));
  if (points.length < 2) return undefined;
  const canvas = createCanvas(chartSize.width, chartSize.height);
  const [from, to] = [points[0]!.at, points.at(-1)!.at];
  const values = points.map(({ value }) => value);
  const all = facts.threshold === undefined ? values : [...values, facts.threshold];
  const [low, high] = roomy(Math.min(...all), Math.max(...all));
  const x = (at: number) =>
    edge.left + ((at - from) / Math.max(1, to - from)) * (canvas.width - edge.left - edge.right);
  const y = (value: number) =>
    canvas.height - edge.bottom - ((value - low) / (high - low)) * (canvas.height - edge.top - edge.bottom);

  for (const value of [low, (low + high) / 2, high]) {
    canvas.fill(edge.left, y(value), canvas.width - edge.left - edge.right, 2, faint, 1);
    label(canvas, y(value), labelOf(value, facts.unit), ink);
  }
  for (const [index, { at, value }] of points.entries()) {
    const before = points[index - 1];
    if (before) canvas.line(x(before.at), y(before.value), x(at), y(value), 4, colour);
  }
  if (facts.threshold !== undefined) {
    for (let left = edge.left; left < canvas.width - edge.right; left += 24)
      canvas.fill(left, y(facts.threshold) - 1, 14, 3, limitColour, 1);
  }
  const time = (at: number) => formattedTime(at).slice(11, 16);
  canvas.write(edge.left, canvas.height - 30, time(from), 3, ink);
  canvas.write(canvas.width - edge.right - widthOf(time(to), 3), canvas.height - 30, time(to), 3, ink);
  return encodePng(canvas);
}

/** A little air above and below; a flat line lies in the middle. */
function roomy(low: number, high: number): [number, number] {
  const span = high - low || Math.abs(high) || 1;
  return [low >= 0 && low - span * 0.1 < 0 ? 0 : low - span * 0.1, high + span * 0.1];
}

function label(canvas: Canvas, y: number, text: string, colour: Colour): void {
  canvas.write(edge.left - 12 - widthOf(text, 3), y - 10, text, 3, colour);
}

/** A short number: `95`, `1.4k`, `2.1M`, with `%` or `ms` where that is the unit. */
function labelOf(value: number, unit: string | undefined): string {
  const size = Math.abs(value);
  const [divisor, letter] = size >= 1e9 ? [1e9, 'G'] : size >= 1e6 ? [1e6, 'M'] : size >= 10_000 ? [1e3, 'k'] : [1, ''];
  const short = value / divisor;
  const digits = Math.abs(short) >= 100 ? 0 : Math.abs(short) >= 10 ? 1 : 2;
  const tail = letter || (unit === 'percent' ? '%' : unit === 'ms' ? 'ms' : '');
  return `${Number(short.toFixed(digits))}${tail}`;
}
