import type { z } from 'zod';
import { Refusal } from './refusal.ts';

/** Parses a part of a request; the refusal names place, value and what is allowed. */
export function validate<S extends z.ZodType>(schema: S, input: unknown, part: 'query' | 'body'): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const path = [part, ...issue.path.map(String)].join('.');
  const others = result.error.issues.length - 1;
  throw new Refusal('bad-request', `${path}: ${issue.message}${seen(input, issue.path)}${more(others)}`, {
    path,
    hint: allowed(issue) ?? 'GET /monitoring/api/openapi.json describes every request.',
  });
}

function more(others: number): string {
  return others > 0 ? ` (and ${others} more ${others === 1 ? 'problem' : 'problems'})` : '';
}

function seen(input: unknown, path: readonly PropertyKey[]): string {
  let value: unknown = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return '';
    // A password that is too short must not come back in an answer or a log.
    if (/password|token|secret/i.test(String(key))) return '';
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  if (value === undefined) return ', but it is missing';
  const text = JSON.stringify(value) ?? String(value);
  return `, seen: ${text.length > 120 ? `${text.slice(0, 117)}...` : text}`;
}

function allowed(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code === 'invalid_value') return `Allowed: ${issue.values.map(String).join(', ')}.`;
  if (issue.code === 'unrecognized_keys') return `Not known here: ${issue.keys.join(', ')}.`;
  if (issue.code === 'too_big') return `At most ${issue.maximum}.`;
  if (issue.code === 'too_small') return `At least ${issue.minimum}.`;
  if (issue.code === 'invalid_type') return `Expected: ${issue.expected}.`;
  return undefined;
}
