import type { Span, Trace } from '../model/span.ts';
import type { ActiveSpan, ActiveTrace } from './context.ts';

/** Whole traces kept of one operation in a minute, by reason. */
const mostFailed = 10;
const mostSlow = 10;
const sampleEveryMs = 60_000;

/** What has been kept of an operation lately; part of its slot in the recorder. */
export interface KeepMemory {
  /** A trace that takes at least this long is slow for its operation, ms. Follows what is usual for it. */
  slowMs: number;
  sampledAt: number;
  windowAt: number;
  failed: number;
  slow: number;
  /** How often the operation has been seen, up to a hundred: below that it is rare. */
  seen: number;
}

export function newKeepMemory(): KeepMemory {
  return { slowMs: 1000, sampledAt: Number.NEGATIVE_INFINITY, windowAt: 0, failed: 0, slow: 0, seen: 0 };
}

/**
 * Decides at the end of a trace whether it is worth keeping, with everything known: it failed, it was slow for what it is, it is rare,
 * or nobody has kept one like it within the last minute. `now` is `performance.now()`.
 */
export function whyKeep(
  memory: KeepMemory,
  durationMs: number,
  failed: boolean,
  now: number,
): Trace['keptBecause'] | undefined {
  if (memory.seen < 100) memory.seen += 1;
  const slow = durationMs >= memory.slowMs;
  if (failed || slow) {
    if (now - memory.windowAt > 60_000) {
      memory.windowAt = now;
      memory.failed = 0;
      memory.slow = 0;
    }
    if (failed) {
      memory.failed += 1;
      if (memory.failed <= mostFailed) return 'error';
    } else {
      memory.slow += 1;
      if (memory.slow <= mostSlow) return 'slow';
    }
  }
  if (now - memory.sampledAt < sampleEveryMs) return undefined;
  memory.sampledAt = now;
  return memory.seen < 100 ? 'rare' : 'sampled';
}

/** Follows what is usual: called with the 95th percentile of a second in which there was enough to judge. */
export function learnSlow(memory: KeepMemory, p95Seconds: number, count: number): void {
  if (count < 10 || !(p95Seconds >= 0)) return;
  const target = Math.max(20, 3 * p95Seconds * 1000);
  memory.slowMs += (target - memory.slowMs) * 0.1;
}

/** The trace as it is sent. `toEpoch` turns `performance.now()` into epoch ms. */
export function freeze(
  trace: ActiveTrace,
  why: Trace['keptBecause'],
  instance: string,
  toEpoch: number,
  now: number,
): Trace {
  const { root } = trace;
  const spans = [freezeSpan(root, trace, toEpoch, now)];
  for (const span of trace.spans ?? []) spans.push(freezeSpan(span, trace, toEpoch, now));
  return {
    id: trace.id,
    at: root.startedAt + toEpoch,
    name: root.name,
    durationMs: root.durationMs,
    status: trace.failed || root.failed ? 'error' : 'ok',
    keptBecause: why,
    ...(trace.correlationId ? { correlationId: trace.correlationId } : {}),
    instance,
    spans,
  };
}

function freezeSpan(span: ActiveSpan, trace: ActiveTrace, toEpoch: number, now: number): Span {
  const unfinished = span.durationMs < 0;
  const parentSpanId = span.parent?.id ?? trace.remote?.spanId;
  return {
    traceId: trace.id,
    spanId: span.id,
    ...(parentSpanId ? { parentSpanId } : {}),
    name: span.name,
    kind: span.kind,
    startedAt: span.startedAt + toEpoch,
    durationMs: unfinished ? Math.max(0, now - span.startedAt) : span.durationMs,
    status: span.failed ? 'error' : 'unset',
    attributes: {
      ...span.attributes,
      ...(unfinished ? { unfinished: true } : {}),
      ...(span === trace.root && trace.overflow > 0 ? { spans_left_out: trace.overflow } : {}),
    },
  };
}
