import { z } from 'zod';
import { patternText, searchFor } from './search.ts';

/** What is expected of a text: a plain text must be equal, `true` = it is there, `false` = it is not. */
export const textExpectation = z.union([
  z.string(),
  z.boolean(),
  z.strictObject({
    equals: z.string().optional().describe('The whole text.'),
    contains: z.string().min(1).optional().describe('A part of it.'),
    matches: patternText.optional().describe('A regular expression that fits somewhere in it.'),
    not: z.string().min(1).optional().describe('A part it must not have.'),
  }),
]);
export type TextExpectation = z.output<typeof textExpectation>;

/** One expectation, ready to be asked. */
export interface TextRule {
  /** In words, to follow the name of the text: `is "gzip"`, `matches /^v\d/`. */
  readonly words: string;
  met(text: string | undefined): boolean;
}

/** The rules of an expectation: one for each part of it. */
export function textRules(expectation: TextExpectation): TextRule[] {
  if (typeof expectation === 'string') return [equal(expectation)];
  if (expectation === true) return [{ words: 'is there', met: (text) => text !== undefined }];
  if (expectation === false) return [{ words: 'is not there', met: (text) => text === undefined }];
  const { equals, contains, matches, not } = expectation;
  return [
    ...(equals === undefined ? [] : [equal(equals)]),
    ...(contains === undefined ? [] : [containing(contains)]),
    ...(matches === undefined ? [] : [matching(matches)]),
    ...(not === undefined ? [] : [lacking(not)]),
  ];
}

function equal(wanted: string): TextRule {
  return { words: `is ${quoted(wanted)}`, met: (text) => text === wanted };
}

/** The text has this part. */
export function containing(part: string): TextRule {
  return { words: `contains ${quoted(part)}`, met: (text) => text?.includes(part) === true };
}

/** The text is there and does not have this part. */
export function lacking(part: string): TextRule {
  return { words: `does not contain ${quoted(part)}`, met: (text) => text !== undefined && !text.includes(part) };
}

/** The pattern fits somewhere in the text, or with `wanted` false nowhere. */
export function matching(pattern: string, wanted = true): TextRule {
  const search = searchFor(pattern);
  return {
    words: `${wanted ? 'matches' : 'does not match'} /${short(pattern)}/`,
    met: (text) => text !== undefined && search(text) === wanted,
  };
}

function quoted(text: string): string {
  return JSON.stringify(short(text));
}

function short(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
