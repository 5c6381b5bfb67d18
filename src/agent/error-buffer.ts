import type { ErrorEvent } from '../model/error.ts';
import { newId } from '../model/id.ts';
import { cut, snapshot } from '../model/redact.ts';
import { type ActiveSpan, current } from './context.ts';

/** Different errors kept between two batches; the same ones again are only counted. */
const mostKept = 100;
const mostCauses = 8;

type Mutable = Omit<ErrorEvent, 'count'> & { count: number };

/** What is known about an error besides itself. */
export interface ErrorFacts {
  readonly type?: string | undefined;
  readonly handled?: boolean;
  readonly context?: unknown;
  readonly stack?: string | undefined;
  readonly message?: string | undefined;
  /** The span it happened in, when that is not the current one. */
  readonly span?: ActiveSpan | undefined;
}

/** Gathers errors between two batches. A flood of them costs a map lookup each, and is counted. */
export class ErrorBuffer {
  readonly #instance: string;
  readonly #release: string;
  #events = new Map<string, Mutable>();
  #lost = 0;
  /** Errors that were recorded on their way up must not be recorded again by the next tracker they pass. */
  readonly #seen = new WeakSet<object>();

  constructor(instance: string, release: string) {
    this.#instance = instance;
    this.#release = release;
  }

  /** Records an error or anything else that was thrown. Never throws, whatever it is. Returns its id, when it was kept. */
  add(thrown: unknown, facts: ErrorFacts): string | undefined {
    try {
      return this.#add(thrown, facts);
    } catch {
      this.#lost += 1;
      return undefined;
    }
  }

  /** True when this very error was recorded before; marks it. */
  isKnown(thrown: unknown): boolean {
    if (typeof thrown !== 'object' || thrown === null) return false;
    if (this.#seen.has(thrown)) return true;
    this.#seen.add(thrown);
    return false;
  }

  take(): { events: readonly ErrorEvent[]; lost: number } {
    const out = { events: [...this.#events.values()], lost: this.#lost };
    if (this.#events.size > 0) this.#events = new Map();
    this.#lost = 0;
    return out;
  }

  #add(thrown: unknown, facts: ErrorFacts): string | undefined {
    const type = facts.type ?? read(thrown, 'name') ?? typeOf(thrown);
    const message = facts.message ?? read(thrown, 'message') ?? asText(thrown);
    const key = `${type.slice(0, 200)}\n${message.slice(0, 300)}`;
    const known = this.#events.get(key);
    if (known) {
      known.count += 1;
      return known.id;
    }
    if (this.#events.size >= mostKept) {
      this.#lost += 1;
      return undefined;
    }
    const span = facts.span ?? current.getStore();
    const causes = causesOf(thrown);
    const event: Mutable = {
      id: newId(),
      at: Date.now(),
      instance: this.#instance,
      type: cut(type, 200),
      message: cut(message, 4000),
      stack: cut(facts.stack ?? read(thrown, 'stack') ?? '', 16_000),
      handled: facts.handled ?? true,
      ...(causes.length > 0 ? { causes } : {}),
      ...(span?.trace.correlationId ? { correlationId: span.trace.correlationId } : {}),
      ...(span?.trace.requestId ? { requestId: span.trace.requestId } : {}),
      ...(span ? { traceId: span.trace.id } : {}),
      ...(this.#release ? { release: this.#release } : {}),
      context: contextOf(facts.context, thrown),
      count: 1,
    };
    this.#events.set(key, event);
    return event.id;
  }
}

/** A text property of whatever was thrown; getters may throw, proxies may lie. */
function read(thrown: unknown, name: 'name' | 'message' | 'stack'): string | undefined {
  if ((typeof thrown !== 'object' && typeof thrown !== 'function') || thrown === null) return undefined;
  try {
    const value = (thrown as Record<string, unknown>)[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  } catch {
    return undefined;
  }
}

function typeOf(thrown: unknown): string {
  return thrown === null ? 'null' : typeof thrown;
}

function asText(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null) {
    try {
      return JSON.stringify(snapshot(thrown, { depth: 2, width: 10, total: 1000 })) ?? '(nothing)';
    } catch {
      return '(unreadable)';
    }
  }
  try {
    return cut(String(thrown), 2000);
  } catch {
    return '(unreadable)';
  }
}

/** The chain of causes and the members of an AggregateError, breadth first, each only once. */
function causesOf(thrown: unknown): { type: string; message: string; stack: string }[] {
  const out: { type: string; message: string; stack: string }[] = [];
  const seen = new Set<unknown>([thrown]);
  const queue: unknown[] = [thrown];
  while (queue.length > 0 && out.length < mostCauses) {
    for (const next of below(queue.shift())) {
      if (seen.has(next) || out.length === mostCauses) continue;
      seen.add(next);
      queue.push(next);
      out.push({
        type: cut(read(next, 'name') ?? typeOf(next), 200),
        message: cut(read(next, 'message') ?? asText(next), 2000),
        stack: cut(read(next, 'stack') ?? '', 8000),
      });
    }
  }
  return out;
}

function below(thrown: unknown): unknown[] {
  if (typeof thrown !== 'object' || thrown === null) return [];
  try {
    const { cause, errors } = thrown as { cause?: unknown; errors?: unknown };
    const members = Array.isArray(errors) ? errors.slice(0, mostCauses) : [];
    return cause === undefined || cause === null ? members : [cause, ...members];
  } catch {
    return [];
  }
}

/** The caller's context plus the error's own `code`, `status` and the like. Secrets by name go here, by pattern in the monitor. */
function contextOf(context: unknown, thrown: unknown): Record<string, unknown> {
  const own: Record<string, unknown> = {};
  for (const name of ['code', 'errno', 'syscall', 'status', 'statusCode'] as const) {
    try {
      const value = (thrown as Record<string, unknown> | null | undefined)?.[name];
      if (typeof value === 'string' || typeof value === 'number')
        own[name] = typeof value === 'string' ? cut(value, 200) : value;
    } catch {
      // A getter that throws has nothing to say.
    }
  }
  if (context === undefined || context === null) return own;
  const copy = snapshot(context, { patterns: false });
  const fields =
    typeof copy === 'object' && copy !== null && !Array.isArray(copy)
      ? (copy as Record<string, unknown>)
      : { value: copy };
  return { ...own, ...fields };
}
