import { stripVTControlCharacters } from 'node:util';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** Characters that a terminal draws over two columns: East Asian wide ones and emoji. */
const wide =
  /[\u1100-\u115f\u231a-\u231b\u2329-\u232a\u23e9-\u23f3\u25fd-\u25fe\u2614-\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa-\u26ab\u26bd-\u26be\u26c4-\u26c5\u26ce\u26d4\u26ea\u26f2-\u26f3\u26f5\u26fa\u26fd\u2705\u270a-\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b-\u2b1c\u2b50\u2b55\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const invisible = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/** How many columns a text takes on a terminal; colours take none. */
export function widthOf(text: string): number {
  const plain = stripVTControlCharacters(text);
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(plain)) {
    if (invisible.test(segment)) continue;
    columns += wide.test(segment) || segment.includes('\ufe0f') ? 2 : 1;
  }
  return columns;
}

/** Fills a text up to a width with spaces. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + fill : fill + text;
}

/** Cuts a text without colours to a width, with an ellipsis. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let result = '';
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) {
    const next = widthOf(segment);
    if (columns + next > width - 1) break;
    result += segment;
    columns += next;
  }
  return `${result}…`;
}

/**
 * Text from outside on one line: what moves a terminal's cursor, changes its title or forges a line of ours is taken out.
 */
export function plain(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[\r\n\t]+/g, ' ')
    .replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '');
}

/** The same over several lines, e.g. a stack trace. */
export function plainLines(text: string): string[] {
  return text.split(/\r?\n/).map((line) => plain(line.replaceAll('\t', '    ')));
}
