/** A place in a JSON text, counted from 1, and what is wrong there. */
export interface JsonFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface JsonReading {
  /** The first thing that is not JSON; undefined for good JSON. */
  readonly fault?: JsonFault;
  /** Dotted paths of keys that stand twice in one object (the last one counts). */
  readonly duplicates: readonly string[];
}

class Stop extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/**
 * Reads a JSON text only to say what is wrong with it and where. The engine's own messages quote the text around the fault,
 * which may be a password, and do not see keys that stand twice.
 */
export function inspectJson(text: string): JsonReading {
  const duplicates: string[] = [];
  try {
    const reader = createReader(text, duplicates);
    reader.value('');
    reader.end();
    return { duplicates };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const before = text.slice(0, error.at).split('\n');
    return { duplicates, fault: { line: before.length, column: before.at(-1)!.length + 1, message: error.message } };
  }
}

function createReader(text: string, duplicates: string[]) {
  let at = 0;
  let depth = 0;

  function fail(expected: string): never {
    const here = text[at];
    if (here === undefined) throw new Stop(at, `the file ends where ${expected} is expected`);
    if (here === '/' || here === '#') throw new Stop(at, 'JSON has no comments');
    if (here === "'") throw new Stop(at, 'texts need double quotes');
    throw new Stop(at, `${expected} is expected`);
  }

  function space(): void {
    while (at < text.length && ' \t\r\n'.includes(text[at]!)) at++;
  }

  function string(expected = 'a text'): string {
    if (text[at] !== '"') fail(expected);
    const match = /"(?:[^"\\\p{Cc}\x7f-\x9f]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
    match.lastIndex = at;
    const found = match.exec(text);
    if (!found) throw new Stop(at, 'this text has no end, a line break or a wrong \\ in it');
    at = match.lastIndex;
    return JSON.parse(found[0]) as string;
  }

  function list(close: string, item: (index: number) => void, expected: string): void {
    if (++depth > 200) throw new Stop(at, 'nested too deeply');
    at++;
    space();
    for (let index = 0; text[at] !== close || index > 0; index++) {
      if (index > 0 && text[at] === close) throw new Stop(at, `the last comma before ${close} is one too many`);
      item(index);
      space();
      if (text[at] === close) break;
      if (text[at] !== ',') fail(expected);
      at++;
      space();
    }
    at++;
    depth--;
  }

  function object(path: string): void {
    const seen = new Set<string>();
    list(
      '}',
      () => {
        const key = string('a key in double quotes');
        const place = path === '' ? key : `${path}.${key}`;
        if (seen.has(key)) duplicates.push(place);
        seen.add(key);
        space();
        if (text[at] !== ':') fail('a colon');
        at++;
        value(place);
      },
      'a comma or }',
    );
  }

  function value(path: string): void {
    space();
    const here = text[at];
    if (here === '{') object(path);
    else if (here === '[') list(']', (index) => value(`${path}[${index}]`), 'a comma or ]');
    else if (here === '"') string();
    else {
      const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
      scalar.lastIndex = at;
      if (!scalar.test(text)) fail('a value');
      at = scalar.lastIndex;
    }
  }

  return {
    value,
    end(): void {
      space();
      if (at < text.length) fail('the end of the file');
    },
  };
}
