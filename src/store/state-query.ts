import type { CollectionName, Find } from '../model/store.ts';
import type { Param } from './sqlite.ts';
import { fieldsOf, orderOf, quote } from './state-schema.ts';

/** A value as SQLite keeps it in an indexed column. Objects have no place there. */
export function toParam(value: unknown): Param {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'bigint') return value;
  return JSON.stringify(value);
}

/** The WHERE part of a question and its parameters. */
export function condition<K extends CollectionName>(
  collection: K,
  query: Pick<Find<K>, 'where' | 'from' | 'to'>,
): { sql: string; params: Param[] } {
  const parts: string[] = [];
  const params: Param[] = [];
  const known = fieldsOf(collection);
  for (const [field, value] of Object.entries(query.where ?? {})) {
    // An absent choice must not turn into "everything" by accident of spelling.
    if (!known.includes(field)) throw new TypeError(`${collection} cannot be searched by ${field}.`);
    if (value === undefined) continue;
    if (Array.isArray(value)) {
      parts.push(value.length === 0 ? '0' : `${quote(field)} IN (${value.map(() => '?').join(', ')})`);
      params.push(...value.map(toParam));
    } else if (value === null) {
      parts.push(`${quote(field)} IS NULL`);
    } else {
      parts.push(`${quote(field)} = ?`);
      params.push(toParam(value));
    }
  }
  const order = quote(orderOf(collection));
  if (query.from !== undefined) {
    parts.push(`${order} >= ?`);
    params.push(query.from);
  }
  if (query.to !== undefined) {
    parts.push(`${order} < ?`);
    params.push(query.to);
  }
  return { sql: parts.length === 0 ? '' : ` WHERE ${parts.join(' AND ')}`, params };
}
