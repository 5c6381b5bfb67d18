/**
 * Takes secrets out of whatever comes from outside, and makes foreign values safe to keep: bounded, JSON-safe, without surprises.
 * Pure and total: nothing here throws, whatever the value does.
 */

/** What stands in place of a secret. */
export const masked = '[masked]';

const secretNames =
  /password|passwd|passphrase|(?:^|[_\-.])pass$|pwd|secret|token(?!s\b|s_|iz)|(?:^|[_\-.])auth$|authorization|api[_-]?key|access[_-]?key|private[_-]?key|credential|cookie|session[_-]?id|^sid$|^jwt$|bearer|csrf|xsrf|^pin$|^cvv$|card[_-]?number|signature|client[_-]?key|encryption[_-]?key|^key$/i;

/** True for names of fields, headers and parameters whose values must never be kept. */
export function isSecretName(name: string): boolean {
  return name.length <= 200 && secretNames.test(name);
}

const patterns: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]{0,8000}?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g, masked],
  [/\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/g, masked],
  [/\b(bearer|basic|digest|token)\s+[\w\-._~+/]{8,}=*/gi, `$1 ${masked}`],
  [/([a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@?#]{0,100}:)[^\s/@]{1,200}@/gi, `$1${masked}@`],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, masked],
  [/\b(?:ghp|gho|ghs|ghu|glpat|xox[abprs]|sk|pk|rk|whsec)[_-][\w-]{10,}/g, masked],
  [
    /((?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|authorization|cookie|client[_-]?secret|signature)["']?\s*[=:]\s*["']?)(?!\[masked\]|bearer |basic )[^\s"'&,;})\]]{1,500}/gi,
    `$1${masked}`,
  ],
];

/** Masks what looks like a secret inside a text: tokens, passwords in URLs and assignments, keys, card numbers. */
export function redactText(text: string): string {
  let out = text;
  for (const [pattern, replacement] of patterns) out = out.replace(pattern, replacement);
  return out.replace(/(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d.])/g, (digits) => (isCard(digits) ? masked : digits));
}

/** The check digit of card numbers (Luhn), so that order numbers and timestamps stay readable. */
function isCard(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  // Only ranges that cards use; 1 is where epoch milliseconds begin.
  if (!/^[3-6]|^2[2-7]/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    let digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    if (i % 2 === 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 === 0;
}

/** Shortens a text, saying how much went. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length - most} more characters)`;
}

/** How much of a foreign value is kept. */
export interface SnapshotLimits {
  /** @default 6 */
  readonly depth?: number;
  /** Fields of an object and items of a list. @default 50 */
  readonly width?: number;
  /** Values altogether. @default 500 */
  readonly values?: number;
  /** Characters of one text. @default 2000 */
  readonly text?: number;
  /** Characters altogether. @default 16000 */
  readonly total?: number;
  /** Also looks for secrets inside texts; otherwise only names are judged. @default true */
  readonly patterns?: boolean;
}

/**
 * A JSON-safe copy of any value: secrets masked, circles named, getters that throw named, everything bounded.
 * Never throws.
 */
export function snapshot(value: unknown, limits: SnapshotLimits = {}): unknown {
  const state = {
    limits: { depth: 6, width: 50, values: 500, text: 2000, total: 16_000, patterns: true, ...limits },
    values: 0,
    characters: 0,
    path: new Set<object>(),
  };
  try {
    return copy(value, 0, state);
  } catch {
    return '[unreadable]';
  }
}

interface SnapshotState {
  readonly limits: Required<SnapshotLimits>;
  values: number;
  characters: number;
  /** Objects on the way from the root: what would be a circle. */
  readonly path: Set<object>;
}

function copy(value: unknown, depth: number, state: SnapshotState): unknown {
  state.values += 1;
  if (state.values > state.limits.values || state.characters > state.limits.total) return '[more]';
  switch (typeof value) {
    case 'string':
      return text(value, state);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'bigint':
      return `${value}n`;
    case 'undefined':
      return null;
    case 'symbol':
    case 'function':
      return `[${typeof value}]`;
    default:
      return value === null ? null : copyObject(value as object, depth, state);
  }
}

function text(value: string, state: SnapshotState): string {
  const short = cut(value, state.limits.text);
  state.characters += short.length;
  return state.limits.patterns ? redactText(short) : short;
}

function copyObject(value: object, depth: number, state: SnapshotState): unknown {
  if (state.path.has(value)) return '[circular]';
  if (depth >= state.limits.depth) return Array.isArray(value) ? '[list]' : '[object]';
  state.path.add(value);
  try {
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (value instanceof Error)
      return { type: text(String(value.name), state), message: text(String(value.message), state) };
    if (value instanceof RegExp) return text(String(value), state);
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (Array.isArray(value)) return copyList(value, depth, state);
    if (value instanceof Set) return copyList([...take(value, state.limits.width + 1)], depth, state);
    if (value instanceof Map) return copyEntries(take(value, state.limits.width + 1), depth, state);
    return copyFields(value, depth, state);
  } catch {
    return '[unreadable]';
  } finally {
    state.path.delete(value);
  }
}

function* take<T>(items: Iterable<T>, most: number): Generator<T> {
  let count = 0;
  for (const item of items) {
    if (count++ >= most) return;
    yield item;
  }
}

function copyList(list: readonly unknown[], depth: number, state: SnapshotState): unknown[] {
  const out: unknown[] = [];
  for (let i = 0; i < list.length && i < state.limits.width; i++) out.push(copy(list[i], depth + 1, state));
  if (list.length > state.limits.width) out.push(`[${list.length - state.limits.width} more]`);
  return out;
}

function copyEntries(
  entries: Iterable<[unknown, unknown]>,
  depth: number,
  state: SnapshotState,
): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [key, item] of entries)
    keep(out, typeof key === 'object' ? '[object]' : String(key), () => item, depth, state);
  return out;
}

function copyFields(value: object, depth: number, state: SnapshotState): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  const names = Object.keys(value);
  for (const name of names.slice(0, state.limits.width)) {
    keep(out, name, () => (value as Record<string, unknown>)[name], depth, state);
  }
  if (names.length > state.limits.width) out['…'] = `[${names.length - state.limits.width} more]`;
  return out;
}

/** Copies one field; a getter that throws costs only itself. */
function keep(
  out: Record<string, unknown>,
  name: string,
  read: () => unknown,
  depth: number,
  state: SnapshotState,
): void {
  const key = cut(name, 100);
  state.characters += key.length;
  // A field called __proto__ must become a field, never a prototype.
  const set = (value: unknown) =>
    Object.defineProperty(out, key, { value, enumerable: true, configurable: true, writable: true });
  if (isSecretName(name)) {
    set(masked);
    return;
  }
  try {
    set(copy(read(), depth + 1, state));
  } catch {
    set('[unreadable]');
  }
}
