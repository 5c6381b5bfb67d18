import type { ActiveSpan } from './context.ts';
import type { AgentCore, Category } from './core.ts';
import { categoryOf, type OperationSlot } from './recorder.ts';
import { plain } from './rescue.ts';

const categories = ['api', 'database', 'other'] as const;

/** What an operation is called and what it handles. */
export interface OperationOptions {
  readonly name: string;
  /** How many items it handles; shown as items per second. */
  readonly itemsCount?: number;
  readonly bytes?: number;
  /** @default by the name: `db_…`, `database_…` and `query_…` are `database`, `api_…` is `api` */
  readonly category?: Category;
}

/** An operation that is ended by hand or by `using`. */
export interface Operation extends Disposable {
  /** Adds items it handled. */
  items(count: number): void;
  /** Adds bytes it handled. */
  bytes(count: number): void;
  /** It failed; an error given is recorded. */
  fail(error?: unknown): void;
  /** Ends the time. A second call does nothing. */
  end(): void;
}

/** A name or options, as slot and amounts. Anything can come in here from JavaScript; nothing may throw. */
export function slotOf(core: AgentCore, given: string | OperationOptions): OperationSlot {
  if (typeof given === 'string')
    return core.recorder.slot(given.length > 200 ? given.slice(0, 200) : given, categoryOf(given));
  const options = plain(given as OperationOptions | undefined);
  const name = typeof options.name === 'string' && options.name !== '' ? options.name.slice(0, 200) : 'unnamed';
  const slot = core.recorder.slot(name, categories.find((known) => known === options.category) ?? categoryOf(name));
  slot.items += amount(options.itemsCount);
  slot.bytes += amount(options.bytes);
  return slot;
}

function amount(value: unknown): number {
  return typeof value === 'number' && value > 0 && Number.isFinite(value) ? value : 0;
}

/** Begins an operation that somebody else will end. It is a span of the current trace; what is called meanwhile is not below it. */
export function beginOperation(core: AgentCore, given: string | OperationOptions): Operation {
  const slot = slotOf(core, given);
  const span: ActiveSpan | undefined = core.tracing ? core.begin(slot.name, 'internal') : undefined;
  const startedAt = performance.now();
  let failed = false;
  let cause: unknown;
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    core.finish(slot, span, startedAt, failed, cause);
  };
  return {
    items(count) {
      slot.items += amount(count);
    },
    bytes(count) {
      slot.bytes += amount(count);
    },
    fail(error) {
      failed = true;
      cause = error;
    },
    end,
    [Symbol.dispose]: end,
  };
}
