import { Script } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern } from './pattern.ts';

const asking = new Script('texts.map((text) => expression.test(text))');

/** What the expressions of JavaScript say to each text; undefined when they need more than a tenth of a second. */
function answersOfJavaScript(source: string, texts: readonly string[]): boolean[] | undefined {
  const expression = new RegExp(`^(?:${source})$`, 'su');
  try {
    return asking.runInNewContext({ texts, expression }, { timeout: 100 }) as boolean[];
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  }
}

describe('patterns', () => {
  test.each([
    ['', '', true],
    ['abc', 'abc', true],
    ['abc', 'abcd', false],
    ['a|b|', '', true],
    ['database:.*', 'database:pooler', true],
    ['.*', 'line\nbreak', true],
    ['(?i)error|Warn', 'WARN', true],
    ['(?i:a)b', 'AB', false],
    ['a(?i)b|c', 'aC', false],
    ['(a|(?i)b)c', 'BC', false],
    ['^a$', 'a', true],
    ['(^a|b$)+', 'ab', true],
    ['a^b', 'ab', false],
    ['[^a-c]+', 'xyz', true],
    ['[]a]+', 'a]', true],
    ['[a-]+', '-a', true],
    ['[[:alpha:]]+', 'Abc', true],
    ['\\p{L}+', 'Größe', true],
    ['\\p{Greek}', 'π', true],
    ['\\x41\\x{1F600}', 'A😀', true],
    ['.', '😀', true],
    ['(?P<host>db-\\d{2,3})', 'db-42', true],
    ['(?P<host>db-\\d{2,3})', 'db-4', false],
    ['a{2}{', 'aa{', true],
    ['5..', '503', true],
    ['(a?){3}a{3}', 'aaa', true],
    ['(|a)+', 'aaa', true],
  ])('%s fits %j: %s', (pattern, text, fits) => {
    expect(compilePattern(pattern)(text)).toBe(fits);
  });

  test.each([
    ['(', /not closed \(at character 1\)/],
    ['a)', /no opening one/],
    ['[a', /class is not closed/],
    ['[b-a]', /ends before it begins/],
    ['*a', /nothing to repeat/],
    ['a**', /repetition is repeated/],
    ['a{2000}', /between 0 and 1000/],
    ['(a{1000}){1000}', /too large/],
    ['(?=a)', /are supported/],
    ['(?<=a)b', /look-behind/],
    ['(a)\\1', /\\1 is not supported/],
    ['\\bword', /\\b is not supported/],
    ['a\\', /ends too early/],
    ['x'.repeat(1001), /1001 characters, more than 1000/],
    [`${'('.repeat(200)}a${')'.repeat(200)}`, /nested too deeply/],
  ])('%s is refused', (pattern, reason) => {
    expect(() => compilePattern(pattern)).toThrow(reason);
  });

  test('patterns that would keep a backtracking matcher busy for years are answered', () => {
    const text = `${'a'.repeat(5000)}!`;
    for (const pattern of ['(a+)+', '(a|a)*', '(a*)*b', '(.*a){20}', '(a|aa)+', '.*.*.*.*=.*'])
      expect(compilePattern(pattern)(text)).toBe(false);
  });

  test('say the same as the regular expressions of JavaScript', () => {
    const atom = fc.constantFrom('a', 'b', 'c', '.', '[ab]', '[^a]', '\\w', '\\d', '1', '\\.', '(?:b|)', '-');
    const quantifier = fc.constantFrom('', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '*?', '+?');
    const { pattern } = fc.letrec<{ pattern: string; piece: string }>((tie) => ({
      piece: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        fc.tuple(atom, quantifier).map((parts) => parts.join('')),
        fc.tuple(tie('pattern'), quantifier).map(([inside, times]) => `(${inside})${times}`),
      ),
      pattern: fc
        .array(fc.array(tie('piece'), { maxLength: 3 }), { minLength: 1, maxLength: 3 })
        .map((options) => options.map((pieces) => pieces.join('')).join('|')),
    }));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '.', '-', '\n', 'ä'), maxLength: 8 });
    fc.assert(
      fc.property(
        pattern.filter((source) => source.length < 80),
        fc.array(text, { minLength: 1, maxLength: 8 }),
        (source, texts) => {
          const theirs = answersOfJavaScript(source, texts);
          // Where theirs is lost in its own backtracking there is nothing to compare with: another pattern takes its place.
          fc.pre(theirs !== undefined);
          const ours = compilePattern(source);
          expect(texts.map((one) => [one, ours(one)])).toEqual(texts.map((one, i) => [one, theirs[i]]));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
