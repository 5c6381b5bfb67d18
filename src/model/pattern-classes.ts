/** Takes a code point. */
export type CharacterTest = (point: number) => boolean;

const isDigit: CharacterTest = (p) => p >= 48 && p <= 57;
const isWord: CharacterTest = (p) => isDigit(p) || (p >= 65 && p <= 90) || p === 95 || (p >= 97 && p <= 122);
const isSpace: CharacterTest = (p) => p === 32 || (p >= 9 && p <= 13 && p !== 11);
export const not =
  (test: CharacterTest): CharacterTest =>
  (p) =>
    !test(p);
/** Classes of one letter behind a backslash. */
export const letterClasses: Readonly<Record<string, CharacterTest>> = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isSpace,
  S: not(isSpace),
};
const posix: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  digit: /[0-9]/,
  lower: /[a-z]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[\t-\r ]/,
  upper: /[A-Z]/,
  word: /\w/,
  xdigit: /[0-9A-Fa-f]/,
};
/** Control characters by their letter behind a backslash. */
export const controls: Readonly<Record<string, number>> = { a: 7, t: 9, n: 10, v: 11, f: 12, r: 13 };

/** A class such as `alpha` of `[[:alpha:]]`; undefined when there is none of that name. */
export function posixClass(name: string): CharacterTest | undefined {
  const set = Object.hasOwn(posix, name) ? posix[name]! : undefined;
  return set && ((point) => set.test(String.fromCodePoint(point)));
}

/** A category or script of Unicode, such as `L` or `Greek`; undefined when there is none of that name. */
export function propertyClass(name: string): CharacterTest | undefined {
  for (const property of [name, `Script=${name}`]) {
    try {
      const set = new RegExp(`\\p{${property}}`, 'u');
      return (point) => set.test(String.fromCodePoint(point));
    } catch {
      // Not a category: perhaps a script.
    }
  }
  return undefined;
}
