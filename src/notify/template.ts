import type { OutboxEntry } from '../model/notification.ts';
import { fieldsOf } from './fields.ts';
import type { Links } from './notifier-parts.ts';
import { cut } from './words.ts';

/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A sentence made from a template is not longer than this. */
const longestSentence = 10_000;

/**
 * Replaces `{{key}}` in every text of a template by the scalar of that name; `labels.host` and `context.step` reach one step into labels
 * and context. Unknown names and names of lists and objects stay as they are, so that a typing mistake is seen at the receiver and
 * nothing is sent that was not asked for. What is put in is never looked at again.
 */
export function fillTemplate(template: Json, fields: Readonly<Record<string, unknown>>): Json {
  if (typeof template === 'string') {
    return template.replaceAll(/\{\{\s*([\w.-]+)\s*\}\}/g, (whole, key: string) => {
      const value = lookUp(fields, key);
      return isScalar(value) ? String(value) : whole;
    });
  }
  if (Array.isArray(template)) return template.map((each) => fillTemplate(each, fields));
  if (typeof template === 'object' && template !== null) {
    return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, fillTemplate(value, fields)]));
  }
  return template;
}

/** The message with its sentence replaced by what the template makes of the facts. */
export function withTemplate(entry: OutboxEntry, template: string, links: Links): OutboxEntry {
  const sentence = cut(String(fillTemplate(template, fieldsOf(entry, true, links))), longestSentence);
  return { ...entry, facts: { ...entry.facts, message: sentence } };
}

function lookUp(fields: Readonly<Record<string, unknown>>, key: string): unknown {
  if (Object.hasOwn(fields, key)) return fields[key];
  const dot = key.indexOf('.');
  const inner = dot < 0 ? undefined : fields[key.slice(0, dot)];
  const name = key.slice(dot + 1);
  return typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
    ? (inner as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
