import type { FallbackConnection, FallbackReport, PoolHolder, PoolSnapshot, SlowQuery } from '../model/pool.ts';
import { redactText } from '../model/redact.ts';
import type { Source } from '../model/signal.ts';
import { Sketch } from '../model/sketch.ts';
import { type StatementLanguage, type StatementShape, trustedShape } from '../model/statement-shape.ts';
import { amount, bytes, count, fields, finite, lines, list, optionalText, text, word } from './fields.ts';

const mostStatements = 250;
const mostSlow = 100;
const mostConnections = 20;

/** A pool's report that can be trusted. */
export interface TrustedPool {
  readonly name: string;
  readonly kind: string;
  readonly snapshot: PoolSnapshot;
  readonly waits: Sketch;
  readonly holds: Sketch;
  readonly errors: number;
  readonly timeouts: number;
  readonly exhaustions: number;
  readonly statements: readonly {
    readonly shape: StatementShape;
    readonly errors: number;
    readonly rows: number;
    readonly durations: Sketch;
  }[];
  readonly slow: readonly Omit<SlowQuery, 'id'>[];
  readonly gone: boolean;
}

/** Reads one pool's report. Statements are made into shapes once more: no value gets in, whatever the sender did. */
export function readPool(item: unknown, source: Source): TrustedPool | undefined {
  const raw = fields(item);
  const name = optionalText(raw?.['name'], 80);
  const snapshot = readSnapshot(raw?.['snapshot'], languageOf(raw?.['language']));
  if (!raw || !name || !snapshot) return undefined;
  const language = languageOf(raw['language']);
  return {
    name,
    kind: text(raw['kind'], 20) || 'custom',
    snapshot,
    waits: sketchOf(raw['waits']),
    holds: sketchOf(raw['holds']),
    errors: count(raw['errors']),
    timeouts: count(raw['timeouts']),
    exhaustions: count(raw['exhaustions']),
    statements: list(raw['statements'], mostStatements).flatMap((one) => readStatement(one, language)),
    slow: list(raw['slow'], mostSlow).flatMap((one) => readSlow(one, language, name, source)),
    gone: raw['gone'] === true,
  };
}

/** Reads one fallback chain's report. */
export function readFallback(item: unknown): FallbackReport | undefined {
  const raw = fields(item);
  const name = optionalText(raw?.['name'], 80);
  const connections = list(raw?.['connections'], mostConnections).flatMap(readConnection);
  if (!raw || !name || connections.length === 0) return undefined;
  const current = optionalText(raw['current'], 80) ?? null;
  return { name, connections, current, ...(raw['gone'] === true ? { gone: true } : {}) };
}

function languageOf(value: unknown): StatementLanguage {
  return word(value, ['sql', 'mysql', 'redis', 'mongodb']);
}

function sketchOf(value: unknown): Sketch {
  const encoded = bytes(value, 16_384);
  return encoded ? Sketch.decode(encoded) : new Sketch();
}

function orNull(value: unknown): number | null {
  const number = finite(value);
  return number === undefined ? null : Math.max(0, number);
}

function readSnapshot(value: unknown, language: StatementLanguage): PoolSnapshot | undefined {
  const raw = fields(value);
  const at = finite(raw?.['at']);
  if (!raw || at === undefined) return undefined;
  const max = orNull(raw['max']);
  return {
    at,
    used: count(raw['used']),
    idle: count(raw['idle']),
    waiting: count(raw['waiting']),
    max: max === null || max === 0 ? null : Math.floor(max),
    longestWaitMs: orNull(raw['longestWaitMs']),
    shortestWaitMs: orNull(raw['shortestWaitMs']),
    longestHoldMs: orNull(raw['longestHoldMs']),
    shortestHoldMs: orNull(raw['shortestHoldMs']),
    holders: list(raw['holders'], 5).flatMap((one) => readHolder(one, language)),
  };
}

function readHolder(value: unknown, language: StatementLanguage): PoolHolder[] {
  const raw = fields(value);
  if (!raw) return [];
  const statement = optionalText(raw['statement'], 1000);
  return [
    {
      site: text(raw['site'], 300) || 'unknown',
      count: count(raw['count']),
      longestMs: amount(raw['longestMs']),
      statement: statement === undefined ? null : trustedShape(statement, language).text,
      stack: lines(raw['stack'], 4000),
    },
  ];
}

function readStatement(value: unknown, language: StatementLanguage): TrustedPool['statements'][number][] {
  const raw = fields(value);
  const durations = bytes(raw?.['durations'], 16_384);
  if (!raw || !durations) return [];
  const sketch = Sketch.decode(durations);
  if (!(sketch.count > 0)) return [];
  return [
    {
      shape: trustedShape(text(raw['text'], 1000), language),
      errors: Math.min(count(raw['errors']), sketch.count),
      rows: count(raw['rows']),
      durations: sketch,
    },
  ];
}

function readSlow(value: unknown, language: StatementLanguage, pool: string, source: Source): Omit<SlowQuery, 'id'>[] {
  const raw = fields(value);
  const at = finite(raw?.['at']);
  if (!raw || at === undefined) return [];
  const shape = trustedShape(text(raw['text'], 1000), language);
  const traceId = text(raw['traceId'], 32);
  const correlationId = optionalText(raw['correlationId'], 128);
  const error = optionalText(raw['error'], 130);
  return [
    {
      at,
      pool,
      service: source.service,
      instance: source.instance,
      statement: shape.id,
      text: shape.text,
      durationMs: amount(raw['durationMs']),
      waitMs: amount(raw['waitMs']),
      rows: finite(raw['rows']) === undefined ? null : count(raw['rows']),
      caller: text(raw['caller'], 300),
      ...(/^[0-9a-f]{32}$/.test(traceId) ? { traceId } : {}),
      ...(correlationId ? { correlationId } : {}),
      ...(error ? { error: redactText(error) } : {}),
    },
  ];
}

function readConnection(value: unknown): FallbackConnection[] {
  const raw = fields(value);
  const name = optionalText(raw?.['name'], 80);
  if (!raw || !name) return [];
  return [
    {
      name,
      breaker: word(raw['breaker'], ['closed', 'open', 'half-open']),
      since: amount(raw['since']),
      failures: count(raw['failures']),
      retryAt: finite(raw['retryAt']) ?? null,
      reason: redactText(text(raw['reason'], 300)),
      served: count(raw['served']),
      failed: count(raw['failed']),
    },
  ];
}
