import type { ApiError } from '../model/api.ts';

/** Every code an answer of the API can carry, with its status. */
export const refusals = {
  'bad-request': 400,
  'bad-json': 400,
  'bad-host': 400,
  'not-logged-in': 401,
  'login-failed': 401,
  'not-allowed': 403,
  'cross-site': 403,
  'not-found': 404,
  'wrong-method': 405,
  'too-large': 413,
  'not-json': 415,
  'query-too-large': 422,
  'query-too-slow': 422,
  'too-often': 429,
  internal: 500,
  'too-many-streams': 503,
} as const;
export type RefusalCode = keyof typeof refusals;

/** A request that is not fulfilled, with what the caller needs to do better. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly status: number;
  /** Where in the request, e.g. `query.from` or `body.matchers.0.op`. */
  readonly path: string | undefined;
  readonly hint: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: RefusalCode,
    message: string,
    more: { path?: string; hint?: string; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.code = code;
    this.status = refusals[code];
    this.path = more.path;
    this.hint = more.hint;
    this.headers = more.headers ?? {};
  }

  /** The answer's body. */
  get body(): ApiError {
    const { code, message, path, hint } = this;
    return { error: { code, message, ...(path !== undefined && { path }), ...(hint !== undefined && { hint }) } };
  }
}

/** The refusal for something that does not exist. */
export function notFound(what: string, id: string, hint: string): Refusal {
  return new Refusal('not-found', `There is no ${what} \`${id.slice(0, 200)}\`.`, { path: 'path', hint });
}
