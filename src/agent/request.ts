import type { ServerResponse } from 'node:http';
import type { ActiveSpan } from './context.ts';
import type { AgentCore } from './core.ts';
import { isSafeId } from './ids.ts';
import { type RemoteParent, readTraceparent } from './trace-context.ts';

/** Headers by lower-case name, as Node gives them. */
export type IncomingHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** One request while it is under way. */
export class WatchedRequest {
  readonly startedAt = performance.now();
  readonly method: string;
  /** Undefined in metrics-only mode. */
  span: ActiveSpan | undefined = undefined;
  /** The first error a handler gave to the framework. */
  error: unknown = undefined;
  /** What the adapter knows of the route. */
  route: unknown = undefined;
  base = '';
  owner: unknown = undefined;
  stamped = false;
  ended = false;

  constructor(method: string) {
    this.method = method;
  }
}

/** Watches requests, whatever the framework: begins them, writes their headers, counts them when they end. */
export class RequestWatcher {
  readonly core: AgentCore;

  constructor(core: AgentCore) {
    this.core = core;
  }

  begin(method: string, headers: IncomingHeaders): WatchedRequest | undefined {
    const { core } = this;
    if (!core.enabled) return undefined;
    const request = new WatchedRequest(method);
    if (!core.tracing) return request;
    const trace = core.beginTrace(method, 'server', request.startedAt);
    const names = core.headerNames;
    trace.isRequest = true;
    trace.remote =
      readTraceparent(headers['traceparent'], headers['tracestate']) ??
      ownParent(headers[names.traceId], headers[names.spanId]);
    const correlation = headers[names.correlationId];
    const id = headers[names.requestId];
    // One value correlates everything when nobody sent another: the trace id.
    trace.correlationId = isSafeId(correlation) ? correlation : trace.id;
    trace.requestId = isSafeId(id) ? id : trace.remote ? trace.root.id : trace.id;
    request.span = trace.root;
    return request;
  }

  /** Puts our headers on a response that is about to begin. */
  stamp(request: WatchedRequest, response: Pick<ServerResponse, 'setHeader' | 'headersSent'>): void {
    const { span } = request;
    if (request.stamped || !span || response.headersSent) return;
    request.stamped = true;
    const { trace } = span;
    const names = this.core.settings.observability;
    response.setHeader(names.correlation_id_header, trace.correlationId!);
    response.setHeader(names.request_id_header, trace.requestId!);
    response.setHeader(names.trace_id_header, trace.id);
    response.setHeader(names.span_id_header, span.id);
    response.setHeader(names.timing_header, String(Math.round(performance.now() - request.startedAt)));
  }

  /** Counts a request that is over. `finished` is false when the caller went away before the whole response was written. */
  end(request: WatchedRequest, route: string, status: number, finished: boolean): void {
    if (request.ended) return;
    request.ended = true;
    const { core } = this;
    const name = `${request.method} ${route}`;
    const slot = core.recorder.slot(name, 'api');
    const failed = status >= 500;
    const { span } = request;
    if (span) {
      span.name = name;
      span.set('http.status_code', status);
      if (!finished) span.set('http.aborted', true);
      core.end(slot, span, failed);
    } else {
      slot.sketch.record((performance.now() - request.startedAt) * 0.001);
      if (failed) slot.errors += 1;
    }
    if (request.error !== undefined && (failed || !finished)) {
      core.fault(request.error, { span, context: { operation: name, status } });
    }
  }
}

/** The predecessor's own headers, when no standard one came: only whole ids in the standard's form continue a trace. */
function ownParent(traceId: unknown, spanId: unknown): RemoteParent | undefined {
  if (typeof traceId !== 'string' || !/^[0-9a-f]{32}$/.test(traceId) || /^0+$/.test(traceId)) return undefined;
  if (typeof spanId !== 'string' || !/^[0-9a-f]{16}$/.test(spanId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: true, random: false, state: '' };
}
