import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { current } from './context.ts';
import type { FrameworkAdapter } from './framework.ts';
import type { RequestWatcher } from './request.ts';

/** A bare `http.Server` or `https.Server`. It has no routes, so that paths are counted by their shape. */
export const nodeHttp: FrameworkAdapter = {
  name: 'node:http',
  recognises(app) {
    // By its looks: importing the servers' classes would load them into apps that have none.
    const server = app as Partial<Server>;
    return [server.listen, server.emit, server.close, server.closeIdleConnections].every(
      (one) => typeof one === 'function',
    );
  },
  attach(app, watcher) {
    const server = app as Server;
    const emit = server.emit;
    // `emit` is the one place that every request passes, whoever listens and since when.
    server.emit = function (this: Server, event: string, ...args: unknown[]): boolean {
      if (event !== 'request') return Reflect.apply(emit, this, [event, ...args]);
      const [req, res] = args as [IncomingMessage, ServerResponse];
      const request = begin(watcher, req, res);
      if (!request?.span) return Reflect.apply(emit, this, [event, ...args]);
      return current.run(request.span, () => Reflect.apply(emit, this, [event, ...args]) as boolean);
    } as Server['emit'];
  },
};

function begin(watcher: RequestWatcher, req: IncomingMessage, res: ServerResponse) {
  try {
    const request = watcher.begin(req.method ?? 'GET', req.headers);
    if (!request) return undefined;
    const writeHead = res.writeHead;
    res.writeHead = function (this: ServerResponse, ...args: unknown[]) {
      watcher.stamp(request, this);
      return Reflect.apply(writeHead, this, args) as ServerResponse;
    } as ServerResponse['writeHead'];
    res.on('close', () =>
      watcher.end(
        request,
        res.statusCode === 404 ? '(unmatched)' : pathShape(req.url ?? '/'),
        res.statusCode,
        res.writableFinished,
      ),
    );
    return request;
  } catch {
    return undefined;
  }
}

/** A path with everything replaced that looks like an id: `/users/42` is `/users/:id`. */
export function pathShape(url: string): string {
  const path = url.split(/[?#]/, 1)[0]!.slice(0, 300);
  const parts = path.split('/').slice(0, 8);
  return (
    parts
      .map((part) =>
        /^\d+$|^[0-9a-f]{8}-[0-9a-f-]{27}$|^(?=.*\d)[0-9a-zA-Z_-]{16,}$|^(?=.*\d)[0-9a-f]{8,}$|%|.{40,}/i.test(part)
          ? ':id'
          : part,
      )
      .join('/') || '/'
  );
}
