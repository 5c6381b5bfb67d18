import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { cut, isSecretName, redactText } from '../../model/redact.ts';
import { findJson, hasStar, parseJsonPath } from './json-path.ts';
import { patternText, searchFor } from './search.ts';

const pathText = z.string().superRefine((text, context) => {
  try {
    parseJsonPath(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: `is no path: ${error instanceof Error ? error.message : ''}` });
  }
});

/** One condition on a value in a JSON answer. */
export const jsonCondition = z
  .strictObject({
    path: pathText.describe('Where the value is: $.status, $.services.database, $.items[0].id, $.items[*].state.'),
    exists: z.boolean().optional().describe('true: something is there, false: nothing is.'),
    equals: z.json().optional().describe('The value, of any kind.'),
    not_equals: z.json().optional().describe('A value it must not have.'),
    one_of: z.array(z.json()).min(1).optional().describe('The values it may have.'),
    above: z.number().optional().describe('A number that is greater.'),
    at_least: z.number().optional().describe('A number that is not smaller.'),
    below: z.number().optional().describe('A number that is smaller.'),
    at_most: z.number().optional().describe('A number that is not greater.'),
    contains: z
      .union([z.string(), z.number(), z.boolean()])
      .optional()
      .describe('A part of a text, or an element of a list.'),
    matches: patternText.optional().describe('A regular expression that fits somewhere in the text.'),
    min_length: z.int().min(0).optional().describe('Fewest characters, elements or members.'),
    max_length: z.int().min(0).optional().describe('Most characters, elements or members.'),
    severity: z.enum(['warning', 'error']).default('error').describe('What it means when it is not met.'),
  })
  .refine((given) => Object.keys(given).some((key) => key !== 'path' && key !== 'severity'), {
    error: 'says nothing about the value; add equals, exists, at_least, matches or another comparison',
  });
export type JsonCondition = z.output<typeof jsonCondition>;

/** A comparison, ready to be asked about a value that was found. */
interface Comparison {
  readonly words: string;
  met(value: unknown): boolean;
}

/** What a condition says about a document. */
export interface JsonVerdict {
  readonly condition: string;
  readonly met: boolean;
  readonly seen: string;
  readonly severity: 'warning' | 'error';
}

type Maker<K extends keyof JsonCondition> = (wanted: NonNullable<JsonCondition[K]>) => Comparison;

const number = (words: string, test: (value: number) => boolean): Comparison => ({
  words,
  met: (value) => typeof value === 'number' && test(value),
});

/** How many characters, elements or members a value has. */
function lengthOf(value: unknown): number | undefined {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : undefined;
}

const makers: { readonly [K in keyof JsonCondition]?: Maker<K> } = {
  equals: (wanted) => ({ words: `is ${shown(wanted)}`, met: (value) => isDeepStrictEqual(value, wanted) }),
  not_equals: (wanted) => ({ words: `is not ${shown(wanted)}`, met: (value) => !isDeepStrictEqual(value, wanted) }),
  one_of: (wanted) => ({
    words: `is one of ${wanted.map(shown).join(', ')}`,
    met: (value) => wanted.some((one) => isDeepStrictEqual(value, one)),
  }),
  above: (limit) => number(`is above ${limit}`, (value) => value > limit),
  at_least: (limit) => number(`is at least ${limit}`, (value) => value >= limit),
  below: (limit) => number(`is below ${limit}`, (value) => value < limit),
  at_most: (limit) => number(`is at most ${limit}`, (value) => value <= limit),
  contains: (part) => ({
    words: `contains ${shown(part)}`,
    met: (value) =>
      Array.isArray(value) ? value.includes(part) : typeof value === 'string' && value.includes(String(part)),
  }),
  matches: (pattern) => {
    const search = searchFor(pattern);
    return { words: `matches /${cut(pattern, 80)}/`, met: (value) => typeof value === 'string' && search(value) };
  },
  min_length: (least) => ({ words: `has at least ${least}`, met: (value) => (lengthOf(value) ?? -1) >= least }),
  max_length: (most) => ({ words: `has at most ${most}`, met: (value) => (lengthOf(value) ?? Infinity) <= most }),
};

/** Makes the judge of one condition. With a star in the path the comparison must hold for every value, of which there must be one. */
export function jsonJudge(given: JsonCondition): (document: unknown) => JsonVerdict {
  const path = parseJsonPath(given.path);
  const star = hasStar(path);
  // The name of a secret in the path must not show its value.
  const secret = path.some((step) => 'name' in step && isSecretName(step.name));
  const comparisons = (Object.keys(makers) as (keyof typeof makers)[]).flatMap((key) => {
    const wanted = given[key];
    return wanted === undefined ? [] : [(makers[key] as Maker<typeof key>)(wanted as never)];
  });
  const existence = given.exists === undefined ? [] : [given.exists ? 'is there' : 'is not there'];
  const condition = `${star ? 'every ' : ''}${given.path} ${[...existence, ...comparisons.map(({ words }) => words)].join(' and ')}`;
  return (document) => {
    const found = findJson(document, path);
    const wrong = found.find((value) => comparisons.some((one) => !one.met(value)));
    const missing = found.length === 0;
    const met =
      given.exists === false
        ? missing
        : missing
          ? false
          : !found.some((value) => comparisons.some((one) => !one.met(value)));
    const example = wrong === undefined ? found[0] : wrong;
    const count = star ? ` (${found.length} values)` : '';
    const seen = missing ? `nothing at ${given.path}` : `${secret ? '[masked]' : shown(example)}${count}`;
    return { condition: cut(redactText(condition), 300), met, seen, severity: given.severity };
  };
}

function shown(value: unknown): string {
  return cut(redactText(JSON.stringify(value) ?? 'undefined'), 120);
}
