import { z } from 'zod';
import { compilePattern } from '../../model/pattern.ts';

/** So much of a text is searched by a pattern: it costs a fraction of a microsecond a character, and the monitor has other things to do. */
export const mostSearched = 256 * 1024;

/** A regular expression of a condition, refused with what is wrong with it. */
export const patternText = z.string().superRefine((source, context) => {
  try {
    compilePattern(source);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    context.addIssue({ code: 'custom', message: `is no regular expression (RE2 syntax, no look-around): ${said}` });
  }
});

/**
 * Makes a search for a regular expression anywhere in a text (`^` and `$` are the ends of the text). The time is in proportion to the
 * text, whatever the pattern: no pattern and no answer can hold the monitor up.
 */
export function searchFor(source: string): (text: string) => boolean {
  const test = compilePattern(`.*(?:${source}).*`);
  return (text) => test(text.length > mostSearched ? text.slice(0, mostSearched) : text);
}
