/**
 * Statements of databases without their values: what `pg_stat_statements` calls a normalised query. Used wherever a statement is shown,
 * kept or counted, so that no literal of the application's data (names, card numbers, passwords) leaves the place where it was seen.
 */

/** In MySQL `"x"` is a text unless told otherwise; everywhere else it is a name. */
export type Dialect = 'standard' | 'mysql';

/** How much of a statement is looked at, and how much of the result is kept, in characters. */
const mostRead = 20_000;
const mostKept = 1000;

const closed = /'(?:[^']|'')*(?:'|$)/.source;
const escaped = /'(?:[^'\\]|''|\\[\s\S])*(?:'|\\?$)/.source;

/** A comment, and comments in it, as PostgreSQL reads them; what is within an inner one must not be read as code. */
const inner = /\/\*(?:(?!\/\*|\*\/)[\s\S]){0,500}\*\//.source;
const nested = `\\/\\*(?:${inner}|(?!\\*\\/)[\\s\\S])*(?:\\*\\/|$)`;

/** What a statement is made of. The order matters: the first that fits at a place is taken. What is not closed goes to the end. */
function tokens(text: string, hashComments: string): RegExp {
  const kinds = [
    `(?<comment>--[^\\n]*|${hashComments}${nested})`,
    /(?<dollar>\$(?<tag>[A-Za-z_\u0080-\uffff]?[\w\u0080-\uffff]*)\$[\s\S]*?(?:\$\k<tag>\$|$))/.source,
    `(?<escaped>\\b[eE]${escaped})`,
    `(?<text>(?:\\b[bBnNxX]|\\b[uU]&)?${text})`,
    `(?<double>${text.replaceAll("'", '"')})`,
    /(?<tick>`[^`]*(?:`|$))/.source,
    /(?<parameter>\$\d+|\?|(?<!:):[A-Za-z_]\w*)/.source,
    /(?<number>(?<![\w\u0080-\uffff])(?:0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w\u0080-\uffff]))/
      .source,
    /(?<rest>[\w\u0080-\uffff]+|\s+|[\s\S])/.source,
  ];
  return new RegExp(kinds.join('|'), 'g');
}

const patterns: Readonly<Record<Dialect, RegExp>> = {
  standard: tokens(closed, ''),
  mysql: tokens(escaped, '#[^\\n]*|'),
};

/**
 * The statement with `?` for every value: texts, numbers, parameters; comments gone, white space folded, lists of values folded to one.
 * Total: anything is accepted, and a text that ends in the middle of a value (cut by the server) does not show that value.
 */
export function normalizeStatement(sql: string, dialect: Dialect = 'standard'): string {
  let out = '';
  for (const match of sql.slice(0, mostRead).matchAll(patterns[dialect])) out += replacement(match, dialect);
  const folded = out
    .replace(/\s+/g, ' ')
    .replace(/\(\s*\?(?:\s*,\s*\?)+\s*\)/g, '(?)')
    .replace(/(\((?:\?)\))(?:\s*,\s*\(\?\))+/g, '$1')
    .replace(/\s*;\s*$/, '')
    .trim();
  return folded.length <= mostKept ? folded : `${folded.slice(0, mostKept)}…`;
}

function replacement(match: RegExpExecArray, dialect: Dialect): string {
  const groups = match.groups ?? {};
  const found = match[0];
  if (groups['comment'] !== undefined) return ' ';
  if (groups['double'] !== undefined) return dialect === 'mysql' ? '?' : found;
  const isValue = ['dollar', 'escaped', 'text', 'parameter', 'number'].some((kind) => groups[kind] !== undefined);
  return isValue ? '?' : found;
}
