import type { Paint } from './paint.ts';
import { pad, widthOf } from './width.ts';

/** A heading with a line of space above. */
export function heading(paint: Paint, text: string): string {
  return `\n${paint.title(text)}`;
}

/** Lines `  name   value`, the values aligned. */
export function pairs(entries: readonly (readonly [string, string])[], indent = 2): string[] {
  const width = Math.max(0, ...entries.map(([name]) => widthOf(name)));
  return entries.map(([name, value]) => `${' '.repeat(indent)}${pad(name, width)}  ${value}`.trimEnd());
}
