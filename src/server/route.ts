import type { z } from 'zod';
import type { RouteName, SelfView } from '../model/api.ts';
import type { Caller, Gate } from './auth/gate.ts';
import type { CurrentSettings } from './current-settings.ts';
import type { ServerOptions } from './options.ts';
import type { LiveStream } from './stream/live-stream.ts';
import type { OverviewNumbers } from './views/overview-numbers.ts';
import type { StatusHistory } from './views/status-history.ts';
import type { Uptimes } from './views/uptimes.ts';

/** What every route may use. */
export interface Room {
  readonly options: ServerOptions;
  readonly settings: CurrentSettings;
  readonly uptimes: Uptimes;
  readonly overview: () => Promise<OverviewNumbers>;
  readonly history: () => Promise<StatusHistory>;
  readonly gate: Gate;
  readonly stream: LiveStream;
  readonly self: () => SelfView;
  /** The OpenAPI document. */
  readonly openapi: () => unknown;
}

/** A request after every guard: who asks, and its parts, validated. */
export interface RouteRequest<Q = unknown, B = unknown> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Q;
  readonly body: B;
  readonly caller: Caller;
  /** Address of the peer. */
  readonly ip: string;
  /** True when the browser speaks https (also to a proxy in front). */
  readonly secure: boolean;
  readonly cookie: string | undefined;
  /** Ends when the client goes away. */
  readonly signal: AbortSignal;
}

/** An answer that needs more than a body and the route's status. */
export class Answer {
  readonly body: unknown;
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(body: unknown, more: { status?: number; headers?: Record<string, string> } = {}) {
    this.body = body;
    this.status = more.status;
    this.headers = more.headers ?? {};
  }
}

/** An answer that was made into JSON already. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An answer that is written while it is made, and never held in memory as a whole. */
export class Streamed {
  readonly chunks: AsyncIterable<string>;
  /** A name for the file that a browser makes of it. */
  readonly fileName: string | undefined;

  constructor(chunks: AsyncIterable<string>, fileName?: string) {
    this.chunks = chunks;
    this.fileName = fileName;
  }
}

/** One route: what it takes, what it answers, and how. Method, path and role stand in `routes` of model/api.ts. */
export interface Route {
  readonly name: RouteName;
  /** One line for the OpenAPI document. */
  readonly summary: string;
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
  /** Largest body in bytes. */
  readonly bodyLimit: number;
  /** What the body is: JSON, lines of it that the route reads itself, or any text. The latter two come as a string. */
  readonly bodyType: 'application/json' | 'application/x-ndjson' | 'text/plain';
  readonly answer: z.ZodType;
  /** Content types of the answer; JSON unless it is `Streamed`. */
  readonly answerTypes: readonly string[];
  readonly status: number;
  handle(room: Room, request: RouteRequest): unknown;
}

/** Describes a route; the types of query and body follow from their schemas. */
export function route<Q extends z.ZodType = z.ZodType<undefined>, B extends z.ZodType = z.ZodType<undefined>>(spec: {
  name: RouteName;
  summary: string;
  query?: Q;
  body?: B;
  /** @default 1 MiB */
  bodyLimit?: number;
  /** @default 'application/json' */
  bodyType?: Route['bodyType'];
  answer: z.ZodType;
  /** @default ['application/json'] */
  answerTypes?: readonly string[];
  /** @default 200 */
  status?: number;
  handle(room: Room, request: RouteRequest<z.output<Q>, z.output<B>>): unknown;
}): Route {
  const { handle, ...rest } = spec;
  return {
    query: undefined,
    body: undefined,
    bodyLimit: 1_048_576,
    bodyType: 'application/json',
    answerTypes: ['application/json'],
    status: 200,
    ...rest,
    handle: (room, request) => handle(room, request as RouteRequest<z.output<Q>, z.output<B>>),
  };
}
