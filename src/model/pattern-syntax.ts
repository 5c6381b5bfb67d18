import { type CharacterTest, controls, letterClasses, not, posixClass, propertyClass } from './pattern-classes.ts';

/** The parts of a regular expression; `parsePattern` makes them. */
export type PatternNode =
  | { readonly kind: 'character'; readonly fits: CharacterTest }
  | { readonly kind: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly of: PatternNode; readonly min: number; readonly max: number }
  | { readonly kind: 'edge'; readonly edge: 'start' | 'end' };

const MOST_REPETITIONS = 1000;
const MOST_DEPTH = 100;

/**
 * Reads a regular expression in the syntax of Prometheus (RE2): no look-around and no back references, and `.` is any character.
 * Throws a SyntaxError that says what is wrong and where.
 */
export function parsePattern(source: string): PatternNode {
  const parser = new Parser(source);
  const node = parser.choice(0);
  parser.expectEnd();
  return node;
}

class Parser {
  readonly #text: readonly string[];
  #at = 0;
  #anyCase = false;

  constructor(source: string) {
    // By code points, so that an emoji is one character.
    this.#text = [...source];
  }

  choice(depth: number): PatternNode {
    if (depth > MOST_DEPTH) throw this.#wrong('groups are nested too deeply');
    // Flags hold to the end of their group.
    const anyCase = this.#anyCase;
    const options = [this.#sequence(depth)];
    while (this.#take('|')) options.push(this.#sequence(depth));
    this.#anyCase = anyCase;
    return options.length === 1 ? options[0]! : { kind: 'choice', options };
  }

  expectEnd(): void {
    if (this.#at < this.#text.length) throw this.#wrong('a closing parenthesis has no opening one');
  }

  #sequence(depth: number): PatternNode {
    const parts: PatternNode[] = [];
    while (this.#at < this.#text.length && this.#peek() !== '|' && this.#peek() !== ')') {
      const part = this.#piece(depth);
      if (part) parts.push(this.#repeated(part));
    }
    return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts };
  }

  /** One character, class or group; undefined for a change of flags. */
  #piece(depth: number): PatternNode | undefined {
    const character = this.#next();
    if (character === '(') return this.#group(depth);
    if (character === '[') return { kind: 'character', fits: this.#class() };
    if (character === '.') return { kind: 'character', fits: () => true };
    if (character === '^') return { kind: 'edge', edge: 'start' };
    if (character === '$') return { kind: 'edge', edge: 'end' };
    if (character === '*' || character === '+' || character === '?')
      throw this.#wrong(`nothing to repeat with ${character}`);
    if (character !== '\\') return this.#literal(character.codePointAt(0)!);
    if (this.#take('A')) return { kind: 'edge', edge: 'start' };
    if (this.#take('z')) return { kind: 'edge', edge: 'end' };
    const escaped = this.#escape();
    return typeof escaped === 'number' ? this.#literal(escaped) : { kind: 'character', fits: escaped };
  }

  #literal(point: number): PatternNode {
    return { kind: 'character', fits: this.#caseless((p) => p === point) };
  }

  #caseless(test: CharacterTest): CharacterTest {
    if (!this.#anyCase) return test;
    return (p) => {
      const character = String.fromCodePoint(p);
      return test(p) || test(character.toLowerCase().codePointAt(0)!) || test(character.toUpperCase().codePointAt(0)!);
    };
  }

  #group(depth: number): PatternNode | undefined {
    if (this.#take('?')) {
      if (this.#take('P') || this.#peek() === '<') {
        const name = /^<[A-Za-z_]\w*>/.exec(this.#rest(64))?.[0];
        if (name === undefined) throw this.#wrong('look-behind and odd group names are not supported');
        this.#at += name.length;
      } else {
        const flags = /^([a-zA-Z-]*)([:)])/.exec(this.#rest(16));
        if (!flags || !/^[is]*(-[is]+)?$/.test(flags[1]!)) {
          throw this.#wrong('only groups such as (a|b), (?:a|b), (?P<name>a) and (?i) are supported');
        }
        const before = this.#anyCase;
        this.#at += flags[0].length;
        const [on = '', off = ''] = flags[1]!.split('-');
        if (on.includes('i')) this.#anyCase = true;
        if (off.includes('i')) this.#anyCase = false;
        if (flags[2] === ')') return undefined;
        const inside = this.#closed(depth);
        this.#anyCase = before;
        return inside;
      }
    }
    return this.#closed(depth);
  }

  #closed(depth: number): PatternNode {
    const inside = this.choice(depth + 1);
    if (!this.#take(')')) throw this.#wrong('a group is not closed');
    return inside;
  }

  #repeated(part: PatternNode): PatternNode {
    const range = this.#range();
    if (!range) return part;
    // Lazy or greedy makes no difference to whether the whole text fits.
    this.#take('?');
    if (this.#range()) throw this.#wrong('a repetition is repeated');
    if (part.kind === 'edge') throw this.#wrong('^ and $ cannot be repeated');
    return { kind: 'repeat', of: part, ...range };
  }

  #range(): { min: number; max: number } | undefined {
    if (this.#take('*')) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.#take('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#take('?')) return { min: 0, max: 1 };
    const found = /^\{(\d+)(,(\d*))?\}/.exec(this.#rest(24));
    if (!found) return undefined;
    const min = Number(found[1]);
    const max = found[2] === undefined ? min : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (min > max || min > MOST_REPETITIONS || (max > MOST_REPETITIONS && Number.isFinite(max))) {
      throw this.#wrong(`${found[0]} is no repetition between 0 and ${MOST_REPETITIONS}`);
    }
    this.#at += found[0].length;
    return { min, max };
  }

  #class(): CharacterTest {
    const negated = this.#take('^');
    const tests: CharacterTest[] = [];
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      if (this.#at >= this.#text.length) throw this.#wrong('a class is not closed');
      const from = this.#member();
      if (typeof from !== 'number') {
        tests.push(from);
        continue;
      }
      const isRange =
        this.#peek() === '-' && this.#text[this.#at + 1] !== undefined && this.#text[this.#at + 1] !== ']';
      if (!isRange) {
        tests.push((p) => p === from);
        continue;
      }
      this.#at++;
      const to = this.#member();
      if (typeof to !== 'number' || to < from) throw this.#wrong('a range in a class ends before it begins');
      tests.push((p) => p >= from && p <= to);
    }
    this.#at++;
    const any = this.#caseless((p) => tests.some((test) => test(p)));
    return negated ? not(any) : any;
  }

  /** One character of a class, or a class inside it. */
  #member(): number | CharacterTest {
    const named = /^\[:(\^?)(\w+):\]/.exec(this.#rest(16));
    if (named) {
      const test = posixClass(named[2]!);
      if (!test) throw this.#wrong(`the class ${named[0]} is not known`);
      this.#at += named[0].length;
      return named[1] === '^' ? not(test) : test;
    }
    const character = this.#next();
    return character === '\\' ? this.#escape() : character.codePointAt(0)!;
  }

  /** What follows a backslash. */
  #escape(): number | CharacterTest {
    const character = this.#next();
    const set = letterClasses[character];
    if (set) return set;
    if (character === 'p' || character === 'P') return this.#property(character === 'P');
    if (character === 'x' || character === 'u') return this.#hexadecimal(character);
    const control = controls[character];
    if (control !== undefined) return control;
    if (/[0-9A-Za-z]/.test(character)) throw this.#wrong(`\\${character} is not supported`);
    return character.codePointAt(0)!;
  }

  #property(negated: boolean): CharacterTest {
    const name = /^(?:\{(\^?)(\w+)\}|([A-Z]))/.exec(this.#rest(40));
    if (!name) throw this.#wrong('\\p needs a name, such as \\p{L}');
    this.#at += name[0].length;
    const property = name[2] ?? name[3]!;
    const test = propertyClass(property);
    if (!test) throw this.#wrong(`the property ${property} is not known`);
    return negated !== (name[1] === '^') ? not(test) : test;
  }

  #hexadecimal(kind: string): number {
    const found = (kind === 'x' ? /^(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2}))/ : /^([0-9A-Fa-f]{4})/).exec(
      this.#rest(8),
    );
    const point = found ? Number.parseInt(found[1] ?? found[2]!, 16) : Number.NaN;
    if (!found || point > 0x10ffff) throw this.#wrong(`\\${kind} needs hexadecimal digits, such as \\x41`);
    this.#at += found[0].length;
    return point;
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  #rest(most: number): string {
    return this.#text.slice(this.#at, this.#at + most).join('');
  }

  #next(): string {
    const character = this.#text[this.#at];
    if (character === undefined) throw this.#wrong('it ends too early');
    this.#at++;
    return character;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #wrong(what: string): SyntaxError {
    return new SyntaxError(`${what} (at character ${this.#at})`);
  }
}
