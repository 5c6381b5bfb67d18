/** Readers for foreign values: each gives something usable and bounded, whatever it gets. */
import type { Labels } from '../model/sample.ts';

/** An object's fields, or undefined when it is none. */
export function fields(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** At most `most` items; an empty list for anything else. */
export function list(value: unknown, most: number): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, most) : [];
}

/** A text without control characters, cut to `most`. */
export function text(value: unknown, most: number, otherwise = ''): string {
  if (typeof value !== 'string') return otherwise;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what must go.
  return value.slice(0, most).replace(/[\u0000-\u001f\u007f]/g, ' ');
}

/** Like `text`, but line breaks and tabs stay: for stacks and messages. */
export function lines(value: unknown, most: number): string {
  if (typeof value !== 'string') return '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what must go.
  return value.slice(0, most).replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, ' ');
}

export function optionalText(value: unknown, most: number): string | undefined {
  const out = text(value, most).trim();
  return out === '' ? undefined : out;
}

/** A finite number, or undefined. */
export function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A finite number that is not negative; 0 for anything else. */
export function amount(value: unknown): number {
  const number = finite(value);
  return number !== undefined && number > 0 ? number : 0;
}

/** A whole number that is not negative; 0 for anything else. */
export function count(value: unknown): number {
  return Math.floor(Math.min(amount(value), Number.MAX_SAFE_INTEGER));
}

/** One of the given words, else the first. */
export function word<T extends string>(value: unknown, words: readonly [T, ...T[]]): T {
  return words.find((candidate) => candidate === value) ?? words[0];
}

/** Bytes as they are (worker) or in base64 (HTTP); undefined when neither, empty or too many. */
export function bytes(value: unknown, most: number): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value.byteLength > 0 && value.byteLength <= most ? value : undefined;
  if (
    typeof value !== 'string' ||
    value.length === 0 ||
    value.length > most * 1.4 ||
    !/^[A-Za-z0-9+/]+={0,2}$/.test(value)
  )
    return undefined;
  return Buffer.from(value, 'base64');
}

/** Label names must be Prometheus names; values are cut; at most ten. */
export function labels(value: unknown): Labels {
  const out: Record<string, string> = {};
  let kept = 0;
  for (const [name, item] of Object.entries(fields(value) ?? {})) {
    if (kept === 10) break;
    if (!/^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/.test(name) || name === '__name__' || name === '__proto__') continue;
    if (typeof item !== 'string' && typeof item !== 'number' && typeof item !== 'boolean') continue;
    out[name] = text(String(item), 200);
    kept += 1;
  }
  return out;
}
