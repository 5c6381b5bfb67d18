/** One timed piece of work in a trace. */
export interface Span {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** Epoch milliseconds, with fractions. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly status: 'unset' | 'ok' | 'error';
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

/** A whole trace that was kept, and why. */
export interface Trace {
  readonly id: string;
  readonly at: number;
  readonly name: string;
  readonly durationMs: number;
  readonly status: 'ok' | 'error';
  readonly keptBecause: 'error' | 'slow' | 'rare' | 'sampled';
  readonly correlationId?: string;
  readonly instance: string;
  readonly spans: readonly Span[];
}
