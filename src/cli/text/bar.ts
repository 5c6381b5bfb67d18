/** Columns of a progress bar. */
export const barWidth = 40;

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of 40 columns between brackets; full only at 100 %, empty only at 0. A missing ratio is a dotted line. */
export function bar(ratio: number | null, width = barWidth, unicode = true): string {
  if (ratio === null) return `[${'·'.repeat(width)}]`;
  const share = Math.min(1, Math.max(0, ratio));
  if (!unicode) {
    const full = share === 1 ? width : Math.min(width - 1, Math.round(share * width));
    return `[${'#'.repeat(full)}${' '.repeat(width - full)}]`;
  }
  let steps = Math.round(share * width * 8);
  if (share > 0) steps = Math.max(1, steps);
  if (share < 1) steps = Math.min(width * 8 - 1, steps);
  const full = Math.floor(steps / 8);
  const part = eighths[steps % 8]!;
  return `[${'█'.repeat(full)}${part}${' '.repeat(width - full - (part === '' ? 0 : 1))}]`;
}
