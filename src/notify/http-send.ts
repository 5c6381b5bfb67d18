import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** One HTTP request to a receiver. */
export interface Sending {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Whether the receiver's certificate must be valid. @default true */
  readonly verifyTls?: boolean;
  /** Hard limit for everything from the name lookup to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What came back; or why nothing did. Redirects are not followed. */
export type Answer =
  | {
      readonly status: number;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      readonly body: string;
    }
  | { readonly failed: 'timeout' | 'unreachable' | 'invalid'; readonly why: string };

/** More of an answer is not read: an endless one must cost neither memory nor time. */
const bodyLimit = 16 * 1024;

/**
 * Sends one request. Never rejects. The answer's body is read up to 16 KB; a receiver that trickles or never ends is cut off at the
 * deadline, or taken at its word when its status already came.
 */
export function sendHttp(sending: Sending): Promise<Answer> {
  return new Promise((resolve) => {
    const deadline = AbortSignal.any([sending.signal, AbortSignal.timeout(sending.timeoutMs)]);
    // The status is the receiver's word; a body that breaks off or never ends afterwards does not take it back.
    let answered: (() => void) | undefined;
    const failed = (error: unknown): void => {
      if (answered) answered();
      else resolve(failureOf(error, deadline, sending.timeoutMs));
    };
    try {
      const url = new URL(sending.url);
      const open = url.protocol === 'https:' ? requestHttps : requestHttp;
      const { user, auth } = credentialsOf(url);
      const request = open(
        user,
        {
          method: sending.method,
          headers: { ...auth, ...sending.headers, ...lengthOf(sending.body) },
          signal: deadline,
          agent: false,
          rejectUnauthorized: sending.verifyTls ?? true,
        },
        (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          let done = false;
          const finish = (): void => {
            if (done) return;
            done = true;
            const body = Buffer.concat(chunks).subarray(0, bodyLimit).toString('utf8');
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
            response.destroy();
          };
          answered = finish;
          response.on('data', (chunk: Buffer) => {
            chunks.push(chunk);
            size += chunk.length;
            if (size >= bodyLimit) finish();
          });
          response.on('end', finish);
          response.on('error', finish);
          response.on('aborted', finish);
        },
      );
      request.on('error', failed);
      request.end(sending.body);
    } catch (error) {
      resolve({ failed: 'invalid', why: error instanceof Error ? error.message : String(error) });
    }
  });
}

/** `user:password@` of an address belongs into a header, not into the request line. */
function credentialsOf(url: URL): { user: URL; auth: Record<string, string> } {
  if (url.username === '' && url.password === '') return { user: url, auth: {} };
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const user = new URL(url);
  user.username = '';
  user.password = '';
  return { user, auth: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } };
}

function lengthOf(body: string | Buffer | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

function failureOf(error: unknown, deadline: AbortSignal, timeoutMs: number): Answer {
  if (deadline.aborted) return { failed: 'timeout', why: `no answer within ${timeoutMs} ms` };
  const code = (error as NodeJS.ErrnoException).code;
  const message = error instanceof Error ? error.message : String(error);
  return { failed: 'unreachable', why: code && !message.includes(code) ? `${code}: ${message}` : message };
}
