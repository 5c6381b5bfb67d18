import { isSecretName, masked, redactText } from '../model/redact.ts';
import type { Source } from '../model/signal.ts';
import type { Span, Trace } from '../model/span.ts';
import { amount, fields, finite, list, optionalText, text, word } from './fields.ts';

/** Reads one kept trace; spans without valid ids are left out, and a trace without spans is none. */
export function readTrace(item: unknown, source: Source): Trace | undefined {
  const raw = fields(item);
  const id = text(raw?.['id'], 32);
  const at = finite(raw?.['at']);
  if (!raw || !/^[0-9a-f]{32}$/.test(id) || at === undefined) return undefined;
  const spans = list(raw['spans'], 1000).flatMap((span) => readSpan(span, id));
  if (spans.length === 0) return undefined;
  const correlationId = optionalText(raw['correlationId'], 128);
  return {
    id,
    at,
    name: text(raw['name'], 200) || spans[0]!.name,
    durationMs: amount(raw['durationMs']),
    status: word(raw['status'], ['ok', 'error']),
    keptBecause: word(raw['keptBecause'], ['sampled', 'error', 'slow', 'rare']),
    ...(correlationId ? { correlationId } : {}),
    instance: source.instance,
    spans,
  };
}

function readSpan(value: unknown, traceId: string): Span[] {
  const raw = fields(value);
  const spanId = text(raw?.['spanId'], 16);
  const startedAt = finite(raw?.['startedAt']);
  if (!raw || !/^[0-9a-f]{16}$/.test(spanId) || startedAt === undefined) return [];
  const parent = text(raw['parentSpanId'], 16);
  return [
    {
      traceId,
      spanId,
      ...(/^[0-9a-f]{16}$/.test(parent) ? { parentSpanId: parent } : {}),
      name: text(raw['name'], 200) || 'span',
      kind: word(raw['kind'], ['internal', 'server', 'client', 'producer', 'consumer']),
      startedAt,
      durationMs: amount(raw['durationMs']),
      status: word(raw['status'], ['unset', 'ok', 'error']),
      attributes: attributes(raw['attributes']),
    },
  ];
}

function attributes(value: unknown): Record<string, string | number | boolean> {
  const out: Record<string, string | number | boolean> = {};
  for (const [name, item] of Object.entries(fields(value) ?? {}).slice(0, 64)) {
    if (name === '__proto__') continue;
    const key = text(name, 100);
    if (isSecretName(name)) out[key] = masked;
    else if (typeof item === 'string') out[key] = redactText(text(item, 1000));
    else if (typeof item === 'boolean' || finite(item) !== undefined) out[key] = item as number | boolean;
  }
  return out;
}
