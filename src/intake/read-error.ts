import type { ErrorEvent } from '../model/error.ts';
import { newId } from '../model/id.ts';
import { redactText, snapshot } from '../model/redact.ts';
import type { Source } from '../model/signal.ts';
import { count, fields, finite, lines, list, optionalText, text } from './fields.ts';

/** Reads one error; every text is cut first and searched for secrets then. */
export function readError(item: unknown, source: Source): ErrorEvent | undefined {
  const raw = fields(item);
  if (!raw) return undefined;
  const type = text(raw['type'], 200).trim() || 'Error';
  const at = finite(raw['at']);
  if (at === undefined) return undefined;
  const causes = list(raw['causes'], 10).flatMap((cause) => readCause(cause));
  return {
    id: safeId(raw['id']) ?? newId(),
    at,
    instance: source.instance,
    type,
    message: redactText(lines(raw['message'], 4000)),
    stack: redactText(lines(raw['stack'], 16_000)),
    handled: raw['handled'] !== false,
    ...(causes.length > 0 ? { causes } : {}),
    ...optional('correlationId', optionalText(raw['correlationId'], 128)),
    ...optional('requestId', optionalText(raw['requestId'], 128)),
    ...optional('traceId', optionalText(raw['traceId'], 32)),
    ...optional('release', optionalText(raw['release'], 100) ?? (source.release || undefined)),
    context: fields(snapshot(raw['context'] ?? {})) ?? {},
    count: Math.max(1, Math.min(count(raw['count']), 1_000_000_000)),
  };
}

function readCause(value: unknown): { type: string; message: string; stack: string }[] {
  const raw = fields(value);
  if (!raw) return [];
  return [
    {
      type: text(raw['type'], 200) || 'Error',
      message: redactText(lines(raw['message'], 2000)),
      stack: redactText(lines(raw['stack'], 8000)),
    },
  ];
}

/** Ids become keys and parts of URLs: only what we would have made ourselves is taken over. */
function safeId(value: unknown): string | undefined {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{8,64}$/.test(value) ? value : undefined;
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}
