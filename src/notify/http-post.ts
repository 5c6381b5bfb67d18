import { type Answer, sendHttp } from './http-send.ts';

/** Limit of one request to a service that takes JSON. */
export const postTimeoutMs = 10_000;

/** Sends one JSON document to a service; redirects are not followed. */
export function postJson(request: {
  readonly url: string;
  readonly body: unknown;
  readonly version: string;
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  readonly verifyTls?: boolean;
}): Promise<Answer> {
  return sendHttp({
    url: request.url,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': `cryoprotect-monitoring/${request.version}`,
      ...request.headers,
    },
    body: JSON.stringify(request.body),
    verifyTls: request.verifyTls ?? true,
    timeoutMs: postTimeoutMs,
    signal: request.signal,
  });
}
