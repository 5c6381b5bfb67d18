/** W3C Trace Context, Level 2: what comes in and what goes out. Pure. */

/** Where a request comes from. */
export interface RemoteParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
  /** The trace id's lower 56 bits are random; must be passed on unchanged. */
  readonly random: boolean;
  /** Vendors' own parts, passed on unchanged; empty when there are none. */
  readonly state: string;
}

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(.*)$/;

/**
 * Reads `traceparent`. Undefined when it is missing or not valid; then `tracestate` must be ignored as well.
 * Of versions after 00 only the parts known today are read.
 */
export function readTraceparent(value: unknown, state?: unknown): RemoteParent | undefined {
  if (typeof value !== 'string') return undefined;
  const match = pattern.exec(value.replace(/^[ \t]+|[ \t]+$/g, ''));
  if (!match) return undefined;
  const [, version, traceId, spanId, flags, rest] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (version === 'ff' || (version === '00' && rest !== '') || (rest !== '' && !rest.startsWith('-'))) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  const bits = Number.parseInt(flags, 16);
  return { traceId, spanId, sampled: (bits & 1) === 1, random: (bits & 2) === 2, state: readTracestate(state) };
}

/** Writes `traceparent` in version 00. */
export function writeTraceparent(traceId: string, spanId: string, sampled: boolean, random: boolean): string {
  return `00-${traceId}-${spanId}-0${(sampled ? 1 : 0) | (random ? 2 : 0)}`;
}

const member = /^([a-z0-9][_0-9a-z\-*/@]{0,255})=([\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e])$/;

/**
 * Reads `tracestate` (one value or several headers' values): the members joined again, or nothing at all when one is not valid,
 * as the standard asks. A key that comes twice counts once.
 */
export function readTracestate(value: unknown): string {
  const text = Array.isArray(value) ? value.join(',') : value;
  if (typeof text !== 'string' || text.length > 20_000) return '';
  const members = new Map<string, string>();
  let count = 0;
  for (const part of text.split(',')) {
    const trimmed = part.replace(/^[ \t]+|[ \t]+$/g, '');
    if (trimmed === '') continue;
    const match = member.exec(trimmed);
    count += 1;
    if (!match || count > 32) return '';
    if (!members.has(match[1]!)) members.set(match[1]!, trimmed);
  }
  return [...members.values()].join(',');
}
