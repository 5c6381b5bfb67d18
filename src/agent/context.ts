import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span } from '../model/span.ts';
import { newSpanId, newTraceId } from './ids.ts';
import type { RemoteParent } from './trace-context.ts';

/** Spans recorded of one trace; more are counted. */
const mostSpans = 500;

export type SpanKind = Span['kind'];
type Attributes = Record<string, string | number | boolean>;

/** One request or one piece of work with everything that happened in it, while it goes on. Ids are made when somebody asks. */
export class ActiveTrace {
  readonly root: ActiveSpan;
  /** Every span but the root, in the order in which they began; undefined before the first. */
  spans: ActiveSpan[] | undefined = undefined;
  /** False when too many traces are under way: the work is counted and timed, but no spans are kept. */
  readonly recording: boolean;
  remote: RemoteParent | undefined = undefined;
  correlationId: string | undefined = undefined;
  requestId: string | undefined = undefined;
  failed = false;
  /** True for a request that a framework's adapter counts by itself. */
  isRequest = false;
  /** Spans that did not fit. */
  overflow = 0;
  /** The minute in which it began, counted by the agent. */
  readonly generation: number;
  #id: string | undefined = undefined;

  constructor(name: string, kind: SpanKind, startedAt: number, recording: boolean, generation = 0) {
    this.recording = recording;
    this.generation = generation;
    this.root = new ActiveSpan(this, undefined, name, kind, startedAt);
  }

  get id(): string {
    this.#id ??= this.remote?.traceId ?? newTraceId();
    return this.#id;
  }
}

/** One timed piece of work while it goes on; also what the async context carries. */
export class ActiveSpan {
  readonly trace: ActiveTrace;
  readonly parent: ActiveSpan | undefined;
  name: string;
  readonly kind: SpanKind;
  /** Milliseconds of `performance.now()`. */
  readonly startedAt: number;
  /** Negative while it goes on. */
  durationMs = -1;
  failed = false;
  attributes: Attributes | undefined = undefined;
  #id: string | undefined = undefined;

  constructor(trace: ActiveTrace, parent: ActiveSpan | undefined, name: string, kind: SpanKind, startedAt: number) {
    this.trace = trace;
    this.parent = parent;
    this.name = name;
    this.kind = kind;
    this.startedAt = startedAt;
  }

  get id(): string {
    this.#id ??= newSpanId();
    return this.#id;
  }

  set(name: string, value: string | number | boolean): void {
    this.attributes ??= {};
    this.attributes[name] = value;
  }
}

/** Begins a span below another one. */
export function beginChild(parent: ActiveSpan, name: string, kind: SpanKind, startedAt: number): ActiveSpan {
  const { trace } = parent;
  const span = new ActiveSpan(trace, parent, name, kind, startedAt);
  if (trace.recording) {
    if (!trace.spans) trace.spans = [span];
    else if (trace.spans.length < mostSpans) trace.spans.push(span);
    else trace.overflow += 1;
  }
  return span;
}

/**
 * The one AsyncLocalStorage of the library. Before Node 24 every enabled instance makes every await of the process slower, so there
 * must never be a second one.
 */
export const current = new AsyncLocalStorage<ActiveSpan>();
