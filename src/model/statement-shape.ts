/**
 * The shape of a statement without its values: what statistics are kept by, and all that ever leaves the application.
 * Total and bounded: whatever comes in, nothing throws, and the time taken does not depend on what was written behind the first 8,000 characters.
 */
import { hash } from './hash.ts';
import { normalizeStatement } from './statement.ts';

/** What language a statement is in. `mysql` reads double quotes as texts and backslashes as escapes, `sql` does not. */
export type StatementLanguage = 'sql' | 'mysql' | 'redis' | 'mongodb';

/** A statement as it is counted. */
export interface StatementShape {
  /** 16 hex digits; the same for the same shape in every process. */
  readonly id: string;
  /** The statement with `?` for every value, at most 1,000 characters. */
  readonly text: string;
  /** Operation and target, e.g. `SELECT molecules`; the name of its span. */
  readonly summary: string;
}

const mostText = 1000;

/** What everything past a budget is counted as. */
export const otherStatement: StatementShape = { id: 'other', text: 'other', summary: 'other' };

/** The shape of an SQL statement. Already normalised text comes back unchanged. */
export function sqlShape(sql: string, language: 'sql' | 'mysql' = 'sql'): StatementShape {
  const text = bound(foldLists(normalizeStatement(sql, language === 'mysql' ? 'mysql' : 'standard')));
  return { id: idOf(text), text, summary: summaryOf(text) };
}

/** The text of a Redis command's shape: its name, and the first key up to its first colon. Keys name people; arguments are values. */
export function redisText(command: string, firstArgument?: unknown): string {
  const name = /^[A-Za-z][\w.-]{0,39}$/.test(command) ? command.toUpperCase() : 'UNKNOWN';
  const key = keyless.has(name) || firstArgument === undefined ? '' : ` ${keyShape(firstArgument)}`;
  return name + key;
}

/** The text of a MongoDB command's shape, e.g. `find users {"email":?,"age":{"$gt":?}}`. */
export function mongoText(command: string, collection: unknown, filter: unknown): string {
  const name = /^[A-Za-z]{1,40}$/.test(command) ? command : 'unknown';
  const target = typeof collection === 'string' && /^[\w.$-]{1,80}$/.test(collection) ? ` ${collection}` : '';
  const shape = filter === undefined ? '' : ` ${filterShape(filter, 0)}`;
  return bound(name + target + shape);
}

/** Makes a shape of text that came from elsewhere and must not be trusted to be one. */
export function trustedShape(text: string, language: StatementLanguage): StatementShape {
  if (text === otherStatement.text) return otherStatement;
  if (language === 'sql' || language === 'mysql') return sqlShape(text, language);
  const safe = bound(text.replace(/[^\w\s.:*?{}[\]"$,…-]/g, '?').replace(/\s+/g, ' '));
  const [command = 'unknown', target = ''] = safe.split(' ');
  return { id: idOf(safe), text: safe, summary: target.startsWith('{') ? command : `${command} ${target}`.trim() };
}

/** Spaces and letter case do not make a statement another one. */
function idOf(text: string): string {
  return hash(text.toLowerCase().replace(/ ?([=<>(),+*/-]) ?/g, '$1'));
}

function bound(text: string): string {
  return text.length > mostText ? `${text.slice(0, mostText - 1)}…` : text;
}

/** Lists of values are as long as the values are many; one stands for all. */
function foldLists(text: string): string {
  return text
    .replace(
      /([=<>(,[]|\b(?:in|limit|offset|then|else|when|and|or|between|select|values)) ?[-+] ?\?/gi,
      (_all, before) =>
        /\w$/.test(before) ? `${before} ?` : before === '(' || before === '[' ? `${before}?` : `${before} ?`,
    )
    .replace(/([([]) ?\?(?: ?, ?\?)+ ?([)\]])/g, '$1?$2')
    .replace(/(\([^()]{1,300}\))(?: ?, ?\1)+/g, '$1');
}

const targets: Readonly<Record<string, RegExp>> = {
  select: /\bfrom\s+([\w."`$]+)/i,
  with: /\bfrom\s+([\w."`$]+)/i,
  delete: /\bfrom\s+([\w."`$]+)/i,
  insert: /\binto\s+([\w."`$]+)/i,
  replace: /\binto\s+([\w."`$]+)/i,
  merge: /\binto\s+([\w."`$]+)/i,
  update: /\bupdate\s+(?:only\s+)?([\w."`$]+)/i,
  create: /\bcreate\s+(?:\w+\s+){0,3}?(?:table|index|view)\s+(?:if not exists\s+)?([\w."`$]+)/i,
  truncate: /\btruncate\s+(?:table\s+)?([\w."`$]+)/i,
};

function summaryOf(text: string): string {
  const verb = /^\W{0,3}([A-Za-z]{1,20})/.exec(text)?.[1];
  if (verb === undefined) return 'statement';
  const target = targets[verb.toLowerCase()]?.exec(text)?.[1]?.replace(/["`]/g, '');
  return (target ? `${verb.toUpperCase()} ${target}` : verb.toUpperCase()).slice(0, 100);
}

/** Commands whose first argument is no key. */
const keyless = new Set(
  (
    'ACL AUTH BGREWRITEAOF BGSAVE CLIENT CLUSTER COMMAND CONFIG DBSIZE DEBUG DISCARD ECHO EVAL EVALSHA EVALSHA_RO EVAL_RO EXEC ' +
    'FAILOVER FCALL FCALL_RO FLUSHALL FLUSHDB FUNCTION HELLO INFO KEYS LASTSAVE LATENCY LOLWUT MEMORY MIGRATE MODULE MONITOR ' +
    'MULTI OBJECT PING PSUBSCRIBE PSYNC PUBLISH PUBSUB PUNSUBSCRIBE QUIT RANDOMKEY READONLY READWRITE REPLICAOF RESET ROLE SAVE ' +
    'SCAN SCRIPT SELECT SHUTDOWN SLAVEOF SLOWLOG SPUBLISH SSUBSCRIBE SUBSCRIBE SUNSUBSCRIBE SWAPDB SYNC TIME UNSUBSCRIBE ' +
    'UNWATCH WAIT WAITAOF XREAD XREADGROUP BITOP UNKNOWN'
  ).split(' '),
);

/** `user:42:name` becomes `user:*:*`: what stands in front of the first colon is a word of the program, the rest may be a person. */
function keyShape(key: unknown): string {
  if (typeof key !== 'string') return '*';
  const [first = '', ...rest] = key.slice(0, 300).split(':', 6);
  if (rest.length === 0 || !/^[A-Za-z_-]{1,24}$/.test(first)) return '*';
  return [first, ...rest.map(() => '*')].join(':');
}

/** Field names and operators stay, values go. */
function filterShape(value: unknown, depth: number): string {
  if (Array.isArray(value))
    return depth < 4 && typeof value[0] === 'object' ? `[${filterShape(value[0], depth + 1)}]` : '?';
  if (typeof value !== 'object' || value === null || !isPlain(value) || depth === 4) return '?';
  const fields: string[] = [];
  for (const name of Object.keys(value).slice(0, 20)) {
    const field = /^[\w.$-]{1,60}$/.test(name) ? name.replace(/\b[0-9a-f]*\d[0-9a-f]*\b/gi, '?') : '?';
    fields.push(`"${field}":${filterShape((value as Record<string, unknown>)[name], depth + 1)}`);
  }
  return `{${fields.join(',')}}`;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
