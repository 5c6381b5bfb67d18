import { cut, pad, widthOf } from './width.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** May be cut when the terminal is too narrow. */
  readonly flexible?: boolean;
}

/** Aligned columns with two spaces between them, no wider than `width`; flexible columns give way. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  colour: (title: string) => string = (title) => title,
): string {
  const widths = columns.map((column, index) =>
    Math.max(widthOf(column.title), ...rows.map((row) => widthOf(row[index] ?? ''))),
  );
  const flexible = columns.flatMap((column, index) => (column.flexible ? [index] : []));
  let excess = widths.reduce((sum, each) => sum + each + 2, -2) - width;
  while (excess > 0 && flexible.length > 0) {
    const widest = flexible.reduce((a, b) => (widths[a]! >= widths[b]! ? a : b));
    if (widths[widest]! <= 12) break;
    const less = Math.min(excess, widths[widest]! - 12);
    widths[widest]! -= less;
    excess -= less;
  }
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) =>
        pad(widthOf(cell) > widths[index]! ? cut(cell, widths[index]!) : cell, widths[index]!, columns[index]!.align),
      )
      .join('  ')
      .trimEnd();
  const head = line(columns.map((column) => column.title));
  return [colour(head), ...rows.map(line)].map((text) => `${text}\n`).join('');
}
