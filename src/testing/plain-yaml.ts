/** Any value of a document. */
type Value = string | number | boolean | Value[] | { [key: string]: Value };

interface Line {
  readonly indent: number;
  readonly text: string;
}

/** Reads the plain part of YAML that the contract files use: nested maps, lists with `-`, scalars, `['a', 'b']`. Anything else throws. */
export function readPlainYaml(text: string): Value {
  const lines = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*(#|---)/.test(line))
    .map((line) => ({ indent: line.search(/\S/), text: line.trim() }));
  return block(lines, lines[0]?.indent ?? 0);
}

/** Takes the lines of one block off the front. */
function block(lines: Line[], indent: number): Value {
  return lines[0]?.text.startsWith('- ') ? list(lines, indent) : map(lines, indent);
}

function list(lines: Line[], indent: number): Value[] {
  const out: Value[] = [];
  while (lines[0]?.indent === indent && lines[0].text.startsWith('- ')) {
    const rest = lines[0].text.slice(2).trim();
    if (/^[\w$'/{}-]+:(\s|$)/.test(rest)) {
      // A map begins behind the dash: its first key stands two places further in.
      lines[0] = { indent: indent + 2, text: rest };
      out.push(map(lines, indent + 2));
    } else {
      lines.shift();
      out.push(scalar(rest));
    }
  }
  return out;
}

function map(lines: Line[], indent: number): { [key: string]: Value } {
  const out: { [key: string]: Value } = {};
  while (lines[0]?.indent === indent) {
    const { text } = lines.shift()!;
    const found = /^('[^']*'|[^\s:]+):(?:\s+(.*))?$/.exec(text);
    if (!found) throw new Error(`cannot read ${text}`);
    const key = found[1]!.replaceAll("'", '');
    const next = lines[0];
    const nested = next && (next.indent > indent || (next.indent === indent && next.text.startsWith('- ')));
    if (found[2] !== undefined) out[key] = scalar(found[2]);
    else out[key] = nested ? block(lines, next.indent) : {};
  }
  return out;
}

function scalar(text: string): Value {
  if (text.startsWith('['))
    return text
      .slice(1, -1)
      .split(',')
      .map((part) => scalar(part.trim()));
  if (/^(['"]).*\1$/.test(text)) return text.slice(1, -1);
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
