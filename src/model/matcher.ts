import { compilePattern } from './pattern.ts';
import { MonitorError } from './problem.ts';
import type { Labels, Matcher } from './sample.ts';

/** True when the labels fit. A missing label counts as the empty text, as in Prometheus. */
export type LabelPredicate = (labels: Labels) => boolean;

const operators = ['=~', '!~', '!=', '='] as const;

/**
 * Makes one test of several matchers; all of them must fit. No matchers fit everything.
 * Regular expressions match the whole value, in time proportional to its length. Throws MonitorError `bad-argument` when one is not valid.
 */
export function compileMatchers(matchers: readonly Matcher[]): LabelPredicate {
  const tests = matchers.map(compileMatcher);
  if (tests.length === 0) return () => true;
  if (tests.length === 1) return tests[0]!;
  return (labels) => tests.every((test) => test(labels));
}

function compileMatcher(matcher: Matcher): LabelPredicate {
  const { name, op, value } = matcher;
  const of = (labels: Labels) => (Object.hasOwn(labels, name) ? labels[name]! : '');
  if (op === '=') return (labels) => of(labels) === value;
  if (op === '!=') return (labels) => of(labels) !== value;
  const pattern = wholeValue(matcher);
  return op === '=~' ? (labels) => pattern(of(labels)) : (labels) => !pattern(of(labels));
}

function wholeValue(matcher: Matcher): (text: string) => boolean {
  try {
    return compilePattern(matcher.value);
  } catch (cause) {
    const shown = matcher.value.length > 80 ? { ...matcher, value: `${matcher.value.slice(0, 77)}...` } : matcher;
    throw new MonitorError('bad-argument', `The regular expression in ${formatMatcher(shown)} is not valid.`, {
      cause,
      hint: `What is wrong: ${(cause as Error).message}. Use the syntax of Prometheus (RE2) and escape special characters like ( [ { * + ? with a backslash.`,
    });
  }
}

/** The text of a matcher, e.g. `check=~"database:.*"`; `parseMatcher` reads it back. */
export function formatMatcher(matcher: Matcher): string {
  return `${matcher.name}${matcher.op}${JSON.stringify(matcher.value)}`;
}

/**
 * Reads one matcher like `source="database"`, `check=~database:.*` or `severity!=info`; the quotes may be left out.
 * Throws MonitorError `bad-argument` naming what is wrong.
 */
export function parseMatcher(text: string): Matcher {
  const found = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*([\s\S]*?)\s*$/.exec(text);
  if (!found) {
    throw new MonitorError('bad-argument', `"${text}" is not a matcher.`, {
      hint: `Write a label, one of ${operators.join(' ')} and a value, e.g. source="database" or check=~"api:.*".`,
    });
  }
  const matcher: Matcher = { name: found[1]!, op: found[2] as Matcher['op'], value: unquote(found[3]!, text) };
  if (matcher.op === '=~' || matcher.op === '!~') wholeValue(matcher);
  return matcher;
}

/**
 * Reads a list of matchers separated by commas, with or without braces: `{source="database",severity=~"warning|error"}`.
 * Commas inside quotes belong to the value. An empty text is an empty list.
 */
export function parseMatchers(text: string): Matcher[] {
  const inner = text.trim().replace(/^\{([\s\S]*)\}$/, '$1');
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i < inner.length; i++) {
    const character = inner[i];
    if (quoted && character === '\\') i++;
    else if (character === '"') quoted = !quoted;
    else if (character === ',' && !quoted) {
      parts.push(inner.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(inner.slice(start));
  return parts.filter((part) => part.trim() !== '').map(parseMatcher);
}

function unquote(value: string, text: string): string {
  if (!value.startsWith('"')) return value;
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === 'string') return parsed;
  } catch {
    // Regular expressions are often written with single backslashes, which JSON does not allow: take them as they are.
    const raw = /^"((?:[^"\\]|\\.)*)"$/s.exec(value);
    if (raw) return raw[1]!.replaceAll('\\"', '"');
  }
  throw new MonitorError('bad-argument', `The value in "${text}" has no closing quote.`, {
    hint: 'Put the value between double quotes, or leave both away.',
  });
}
