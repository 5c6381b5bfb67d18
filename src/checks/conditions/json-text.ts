/** Values a document may have: more than any health answer has, and few enough that parsing them costs little memory. */
const mostValues = 20_000;
/** How deep it may be nested. */
const mostDepth = 100;

/** A document, or why there is none. */
export type JsonRead = { readonly document: unknown } | { readonly problem: string };

/**
 * Parses a body that comes from a stranger. Its brackets and commas are counted first: a megabyte of `[],[],[],…` would become tens of
 * megabytes of objects.
 */
export function readJsonText(text: string): JsonRead {
  if (text.trim() === '') return { problem: 'the body is empty' };
  const tooMuch = excess(text);
  if (tooMuch) return { problem: tooMuch };
  try {
    return { document: JSON.parse(text) as unknown };
  } catch (error) {
    // The parser quotes the body; only the place is told.
    const place = error instanceof Error ? /position \d+/.exec(error.message)?.[0] : undefined;
    return { problem: `the body is not JSON${place ? ` (at ${place})` : ''}` };
  }
}

/** What a document has too much of; undefined when it may be parsed. Brackets and commas inside texts do not count. */
function excess(text: string): string | undefined {
  let values = 1;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfText(text, at);
    else if (code === 0x2c) values += 1;
    else if (code === 0x5b || code === 0x7b) {
      values += 1;
      depth += 1;
    } else if (code === 0x5d || code === 0x7d) depth -= 1;
    if (values > mostValues) return `the body has more than ${mostValues} JSON values, which are not judged`;
    if (depth > mostDepth) return `the body is JSON nested deeper than ${mostDepth}, which is not judged`;
  }
  return undefined;
}

/** Where the text that begins at a quote ends; behind the last character when it does not. */
function endOfText(text: string, start: number): number {
  let end = start;
  do end = text.indexOf('"', end + 1);
  while (end > 0 && isEscaped(text, end));
  return end < 0 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes += 1;
  return slashes % 2 === 1;
}
