import type { ApiError, RouteName } from '../model/api.ts';
import { routes } from '../model/api.ts';
import { isMonitorError, MonitorError } from '../model/problem.ts';

export interface Call {
  /** Values for `:id` and the like in the route's path. */
  readonly path?: Readonly<Record<string, string>>;
  /** A list is sent as a parameter that is repeated. */
  readonly query?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  readonly body?: unknown;
  /** A body of lines (NDJSON) instead of one document. */
  readonly lines?: string;
  /** Longest wait, when it is not the client's. */
  readonly timeoutMs?: number;
}

/** A running monitor's API. */
export interface Client {
  /** Base address without `/monitoring`. */
  readonly url: string;
  /**
   * Calls a route and answers its JSON.
   * Throws `monitor-unreachable` when nothing sensible answers, `request-refused` when the monitor says no.
   */
  call<T>(route: RouteName, call?: Call): Promise<T>;
  /** Calls a route that answers with a stream. Waits no longer than usual for its beginning, and as long as it takes for the rest. */
  stream(route: RouteName, call?: Call): Promise<AsyncIterable<Uint8Array>>;
}

export interface ClientOptions {
  readonly url: string;
  readonly token?: string | undefined;
  /** @default 10_000 */
  readonly timeoutMs?: number;
}

/** Talks to the monitor at a base address. */
export function createClient({ url, token, timeoutMs = 10_000 }: ClientOptions): Client {
  const base = url.replace(/\/+$/, '').replace(/\/monitoring$/, '');
  const place = (route: RouteName, { path = {}, query = {} }: Call): URL => {
    const target = new URL(
      `${base}/monitoring/api${routes[route].path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(path[name] ?? ''))}`,
    );
    for (const [key, value] of Object.entries(query))
      for (const one of Array.isArray(value) ? value : [value])
        if (one !== undefined) target.searchParams.append(key, String(one));
    return target;
  };
  return {
    url: base,
    async call<T>(route: RouteName, call: Call = {}) {
      const target = place(route, call);
      const signal = AbortSignal.timeout(call.timeoutMs ?? timeoutMs);
      const response = await send(target, routes[route].method, { token, payload: payloadOf(call), signal, timeoutMs });
      return (await answerOf(response, target)) as T;
    },
    async stream(route, call = {}) {
      const target = place(route, call);
      const starting = new AbortController();
      const timer = setTimeout(() => starting.abort(new DOMException('no answer', 'TimeoutError')), timeoutMs);
      const { signal } = starting;
      const response = await send(target, routes[route].method, { token, payload: payloadOf(call), signal, timeoutMs });
      clearTimeout(timer);
      if (!response.ok || response.body === null) await answerOf(response, target);
      return response.body as unknown as AsyncIterable<Uint8Array>;
    },
  };
}

/** What goes out, and what it is. */
function payloadOf({ lines, body }: Call): Payload | undefined {
  if (lines !== undefined) return { type: 'application/x-ndjson', text: lines };
  return body === undefined ? undefined : { type: 'application/json', text: JSON.stringify(body) };
}

interface Payload {
  readonly type: string;
  readonly text: string;
}

interface Sending {
  readonly token: string | undefined;
  readonly payload: Payload | undefined;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

async function send(target: URL, method: string, { token, payload, signal, timeoutMs }: Sending): Promise<Response> {
  try {
    return await fetch(target, {
      method,
      // A redirect would carry the token to another address.
      redirect: 'error',
      signal,
      headers: {
        accept: 'application/json',
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(payload === undefined ? {} : { 'content-type': payload.type }),
      },
      ...(payload === undefined ? {} : { body: payload.text }),
    });
  } catch (error) {
    throw unreachable(target, failureOf(error, timeoutMs), error);
  }
}

async function answerOf(response: Response, target: URL): Promise<unknown> {
  let answer: unknown;
  try {
    answer = await response.json();
  } catch (error) {
    if (isMonitorError(error)) throw error;
    throw unreachable(
      target,
      `something answers there with status ${response.status}, but it is not a CryoProtect monitor`,
      error,
    );
  }
  if (response.ok) return answer;
  const said = (answer as Partial<ApiError> | null)?.error;
  if (typeof said?.message !== 'string')
    throw unreachable(target, `it answers with status ${response.status} and no reason`);
  const hint =
    response.status === 401 || response.status === 403
      ? 'Give a token of server.auth.tokens with --token or CRYOMON_TOKEN (or run this on the monitor’s machine, in its folder).'
      : said.hint;
  throw new MonitorError('request-refused', said.message, hint === undefined ? {} : { hint });
}

function unreachable(target: URL, reason: string, cause?: unknown): MonitorError {
  return new MonitorError('monitor-unreachable', `${target.origin}: ${reason}`, { cause });
}

/** Why a request got no answer, in words. */
function failureOf(error: unknown, timeoutMs: number): string {
  if ((error as Error).name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  switch (cause?.code) {
    case 'ECONNREFUSED':
      return 'connection refused: nothing listens there';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name is not known';
    case 'ECONNRESET':
    case 'UND_ERR_SOCKET':
      return 'the connection was cut';
    default:
      return cause?.message ?? (error as Error).message;
  }
}
