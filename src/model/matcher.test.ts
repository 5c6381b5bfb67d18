import { describe, expect, test } from 'vitest';
import { compileMatchers, formatMatcher, parseMatcher, parseMatchers } from './matcher.ts';

const labels = { __name__: 'check_up', check: 'database:pooler', component: 'database' };

describe('matchers', () => {
  test.each([
    ['check="database:pooler"', true],
    ['check="database"', false],
    ['check!=database', true],
    ['check!="database:pooler"', false],
    ['check=~"database:.*"', true],
    ['check=~database', false],
    ['check=~".*pool.*|x"', true],
    ['check!~"api:.*"', true],
    ['check!~".*"', false],
    ['__name__="check_up"', true],
    ['missing=""', true],
    ['missing!=""', false],
    ['missing=~".*"', true],
    ['toString=""', true],
  ])('%s fits: %s', (text, fits) => {
    expect(compileMatchers([parseMatcher(text)])(labels)).toBe(fits);
  });

  test('all of several have to fit', () => {
    expect(compileMatchers(parseMatchers('component="database",check=~"database:.*"'))(labels)).toBe(true);
    expect(compileMatchers(parseMatchers('component="database",check="x"'))(labels)).toBe(false);
    expect(compileMatchers([])(labels)).toBe(true);
  });

  test('a list keeps commas inside quotes', () => {
    expect(parseMatchers('{a="x,y", b=~"p\\"q,"}')).toEqual([
      { name: 'a', op: '=', value: 'x,y' },
      { name: 'b', op: '=~', value: 'p"q,' },
    ]);
    expect(parseMatchers('{}')).toEqual([]);
  });

  test('a regular expression may be written with single backslashes', () => {
    expect(parseMatcher('path=~"/a\\.b\\d+"')).toEqual({ name: 'path', op: '=~', value: '/a\\.b\\d+' });
  });

  test('what is printed reads back the same', () => {
    for (const value of ['', 'a "b" c', 'x\\y', 'line\nbreak', 'ü,{}']) {
      const matcher = { name: 'a_1', op: '=' as const, value };
      expect(parseMatcher(formatMatcher(matcher))).toEqual(matcher);
    }
  });

  test('a bad regular expression is named with a hint', () => {
    expect(() => compileMatchers([{ name: 'a', op: '=~', value: '(' }])).toThrow(
      'The regular expression in a=~"(" is not valid.',
    );
    expect(() => parseMatcher('a=~"("')).toThrow(/not valid/);
  });

  test.each(['', 'x', '="a"', '1a=b', 'a b=c'])('%j is refused', (text) => {
    expect(() => parseMatcher(text)).toThrow(/is not a matcher/);
  });

  test('an open quote is refused', () => {
    expect(() => parseMatcher('a="b')).toThrow(/no closing quote/);
  });
});
