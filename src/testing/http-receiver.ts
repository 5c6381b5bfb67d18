import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that came in. */
export interface Received {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Epoch ms. */
  readonly at: number;
}

/** What a receiver answers: a status, a whole answer, or a function that does what it wants with the response. */
export type Reply =
  | number
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  | ((request: Received, response: ServerResponse) => void);

/** A real HTTP server on a free port that remembers what it got. */
export interface HttpReceiver extends AsyncDisposable {
  readonly url: string;
  readonly requests: Received[];
  /** Answers the following requests with these, the last one for ever. */
  reply(...replies: Reply[]): void;
  /** Resolves when at least `count` requests have come. */
  waitFor(count: number): Promise<void>;
  /** Ends it; nobody listens on the port any more. Idempotent. */
  close(): Promise<void>;
}

/** Starts a receiver. Without `reply` it answers 200. */
export async function startHttpReceiver(): Promise<HttpReceiver> {
  const requests: Received[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  let replies: Reply[] = [200];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const received: Received = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        at: Date.now(),
      };
      requests.push(received);
      for (const each of waiting) if (requests.length >= each.count) each.resolve();
      answer(replies.length > 1 ? replies.shift()! : replies[0]!, received, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    reply(...next) {
      replies = next;
    },
    waitFor: (count) =>
      requests.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve })),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function answer(reply: Reply, request: Received, response: ServerResponse): void {
  if (typeof reply === 'function') {
    reply(request, response);
    return;
  }
  const { status, headers = {}, body = '' } = typeof reply === 'number' ? { status: reply } : reply;
  response.writeHead(status, headers).end(body);
}
