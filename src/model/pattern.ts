import type { CharacterTest } from './pattern-classes.ts';
import { type PatternNode, parsePattern } from './pattern-syntax.ts';

/** Longest pattern, in characters. */
const MOST_PATTERN_LENGTH = 1000;
/** Most steps of a program: `(a{1000}){1000}` must not become a million. */
const MOST_INSTRUCTIONS = 2000;
/** Most states that are remembered; past it the memory begins anew. */
const MOST_STATES = 500;

/** Goes on at `next`; with a test it takes one character, with `other` it goes both ways. */
interface Instruction {
  readonly fits?: CharacterTest;
  readonly edge?: 'start' | 'end';
  next: number;
  other?: number;
}

/** A set of places in the program where the text so far may have led to. */
interface State {
  /** Instructions that take a character, ascending. */
  readonly places: readonly number[];
  /** Whether a text that ends here fits. */
  readonly accepts: boolean;
  /** Where a character leads, by code point. */
  readonly after: Map<number, State>;
}

/**
 * Makes a test of a regular expression that must fit the whole text, as in Prometheus. It follows all possibilities at once instead of trying
 * one after the other, so there is no pattern that takes for ever: a text costs time in proportion to its length.
 * Throws a SyntaxError when the pattern is not valid, too long or too large.
 */
export function compilePattern(source: string): (text: string) => boolean {
  if (source.length > MOST_PATTERN_LENGTH) {
    throw new SyntaxError(`it has ${source.length} characters, more than ${MOST_PATTERN_LENGTH}`);
  }
  // Most patterns of people are a list of plain texts.
  if (/^[\w:/ @%&=;,~#!"'-]*(\|[\w:/ @%&=;,~#!"'-]*)*$/.test(source)) {
    const texts = new Set(source.split('|'));
    return (text) => texts.has(text);
  }
  const automaton = new Automaton(compile(parsePattern(source)));
  return (text) => automaton.fits(text);
}

class Automaton {
  readonly #program: readonly Instruction[];
  readonly #states = new Map<string, State>();
  readonly #start: State;
  /** For which round an instruction was visited last. */
  readonly #visited: Uint32Array;
  #round = 0;

  constructor(program: readonly Instruction[]) {
    this.#program = program;
    this.#visited = new Uint32Array(program.length + 1);
    this.#start = this.#state([0], true);
  }

  fits(text: string): boolean {
    let state = this.#start;
    for (const character of text) {
      const point = character.codePointAt(0)!;
      let next = state.after.get(point);
      if (!next) {
        next = this.#step(state, point);
        state.after.set(point, next);
      }
      if (next.places.length === 0 && !next.accepts) return false;
      state = next;
    }
    return state.accepts;
  }

  #step(state: State, point: number): State {
    const reached: number[] = [];
    for (const place of state.places) {
      const { fits, next } = this.#program[place]!;
      if (fits!(point)) reached.push(next);
    }
    return this.#state(reached, false);
  }

  /** The state of everything that can be reached from these instructions without a further character. */
  #state(from: readonly number[], atStart: boolean): State {
    const places = this.#closure(from, atStart, false).filter((place) => place < this.#program.length);
    const key = `${atStart}${from.length === 0 ? '' : places.join()}${this.#ends(from, atStart)}`;
    const known = this.#states.get(key);
    if (known) return known;
    if (this.#states.size >= MOST_STATES) {
      this.#states.clear();
      this.#start.after.clear();
    }
    const state: State = { places, accepts: this.#ends(from, atStart), after: new Map() };
    this.#states.set(key, state);
    return state;
  }

  #ends(from: readonly number[], atStart: boolean): boolean {
    return this.#closure(from, atStart, true).includes(this.#program.length);
  }

  #closure(from: readonly number[], atStart: boolean, atEnd: boolean): number[] {
    const round = ++this.#round;
    const found: number[] = [];
    const waiting = [...from];
    while (waiting.length > 0) {
      const place = waiting.pop()!;
      if (this.#visited[place] === round) continue;
      this.#visited[place] = round;
      const instruction = this.#program[place];
      if (!instruction || instruction.fits) {
        found.push(place);
        continue;
      }
      if (instruction.edge === 'start' && !atStart) continue;
      if (instruction.edge === 'end' && !atEnd) continue;
      waiting.push(instruction.next);
      if (instruction.other !== undefined) waiting.push(instruction.other);
    }
    return found.sort((a, b) => a - b);
  }
}

/** The instructions of a pattern; what leads behind the last one is the end. */
function compile(pattern: PatternNode): Instruction[] {
  const program: Instruction[] = [];
  const add = (instruction: Partial<Instruction>): Instruction => {
    if (program.length >= MOST_INSTRUCTIONS) throw new SyntaxError('its repetitions make it too large');
    const made = { next: program.length + 1, ...instruction };
    program.push(made);
    return made;
  };
  const emit = (node: PatternNode): void => {
    if (node.kind === 'character') add({ fits: node.fits });
    else if (node.kind === 'edge') add({ edge: node.edge });
    else if (node.kind === 'sequence') node.parts.forEach(emit);
    else if (node.kind === 'choice') emitChoice(node.options);
    else emitRepeat(node);
  };
  const emitChoice = (options: readonly PatternNode[]): void => {
    const ends: Instruction[] = [];
    for (const [i, option] of options.entries()) {
      const fork = i < options.length - 1 ? add({}) : undefined;
      emit(option);
      if (!fork) continue;
      ends.push(add({}));
      fork.other = program.length;
    }
    for (const end of ends) end.next = program.length;
  };
  const emitRepeat = ({ of, min, max }: PatternNode & { kind: 'repeat' }): void => {
    for (let i = 0; i < min; i++) emit(of);
    if (max === Number.POSITIVE_INFINITY) {
      const fork = add({});
      const start = program.length - 1;
      emit(of);
      add({ next: start });
      fork.other = program.length;
      return;
    }
    const forks: Instruction[] = [];
    for (let i = min; i < max; i++) {
      forks.push(add({}));
      emit(of);
    }
    for (const fork of forks) fork.other = program.length;
  };
  emit(pattern);
  return program;
}
