import type { IncomingMessage, ServerResponse } from 'node:http';
import { current } from './context.ts';
import { type ExpressApp, RoutePatterns } from './express-routes.ts';
import type { FrameworkAdapter } from './framework.ts';
import type { RequestWatcher, WatchedRequest } from './request.ts';

const watched = Symbol('cryoprotect.request');
const routeOf = Symbol('cryoprotect.route');

type Request = IncomingMessage & { [watched]?: WatchedRequest; [routeOf]?: unknown; baseUrl?: string; app?: unknown };
type Response = ServerResponse & { [watched]?: WatchedRequest };
type Next = (error?: unknown) => void;

/**
 * Express 4 and 5. Requests are heard where every one of them enters (`app.handle`), so that it does not matter whether routes and
 * middleware were defined before or after; nothing is added to the app's own stack.
 */
export const express: FrameworkAdapter = {
  name: 'express',
  recognises(app) {
    const candidate = app as unknown as Partial<ExpressApp> & { set?: unknown; use?: unknown };
    return (
      typeof app === 'function' &&
      [candidate.handle, candidate.use, candidate.set].every((one) => typeof one === 'function') &&
      typeof candidate.request === 'object'
    );
  },
  attach(app, watcher) {
    const target = app as unknown as ExpressApp;
    const patterns = new RoutePatterns(target);
    watchRoutes(target.request);
    watchHeaders(target.response, watcher);
    const handle = target.handle;
    target.handle = function (this: unknown, req: Request, res: Response, next?: Next) {
      const request = begin(watcher, patterns, req, res);
      if (!request) return Reflect.apply(handle, this, [req, res, next]);
      watchErrors(target);
      if (!request.span) return Reflect.apply(handle, this, [req, res, next]);
      return current.run(request.span, () => Reflect.apply(handle, this, [req, res, next]));
    };
  },
};

/** Undefined when nothing is to be watched: switched off, or a mounted app whose request is watched already. */
function begin(
  watcher: RequestWatcher,
  patterns: RoutePatterns,
  req: Request,
  res: Response,
): WatchedRequest | undefined {
  try {
    if (req[watched]) return undefined;
    const request = watcher.begin(req.method ?? 'GET', req.headers);
    if (!request) return undefined;
    req[watched] = request;
    res[watched] = request;
    res.on('close', () => {
      const route = request.route === undefined ? undefined : patterns.of(request.route, request.owner, request.base);
      const otherwise = res.statusCode === 404 ? '(unmatched)' : '(middleware)';
      watcher.end(request, route ?? otherwise, res.statusCode, res.writableFinished);
    });
    return request;
  } catch {
    return undefined;
  }
}

/** Express writes `req.route` when a route matches. We listen there, because what it was mounted under is forgotten once an error leaves the router. */
function watchRoutes(prototype: object): void {
  Object.defineProperty(prototype, 'route', {
    configurable: true,
    enumerable: true,
    get(this: Request) {
      return this[routeOf];
    },
    set(this: Request, route: unknown) {
      this[routeOf] = route;
      const request = this[watched];
      if (!request || request.route === route) return;
      request.route = route;
      request.base = this.baseUrl ?? '';
      request.owner = this.app;
    },
  });
}

/** Responses get their headers in the last moment, when the time they took is known. */
function watchHeaders(prototype: { writeHead: ServerResponse['writeHead'] }, watcher: RequestWatcher): void {
  const writeHead = prototype.writeHead;
  prototype.writeHead = function (this: Response, ...args: unknown[]) {
    const request = this[watched];
    if (request) {
      try {
        watcher.stamp(request, this);
      } catch {
        // A header that cannot be set must not cost the response.
      }
    }
    return Reflect.apply(writeHead, this, args) as ServerResponse;
  } as ServerResponse['writeHead'];
}

const patched = new WeakSet<object>();

/**
 * Errors are seen where the router passes them on: at every layer that could handle them, and where they leave the app's router
 * unhandled. They are only noted; who handles them, and how, stays as it is.
 */
function watchErrors(app: ExpressApp): void {
  try {
    // Express 4 makes its router with the first route; its `app.router` throws.
    const router = app.lazyrouter ? app._router : app.router;
    if (!router) return;
    if (!patched.has(router)) {
      patched.add(router);
      const handle = router.handle;
      router.handle = function (this: unknown, req: Request, res: Response, done: Next) {
        return Reflect.apply(handle, this, [
          req,
          res,
          req[watched] && typeof done === 'function' ? noting(req, done) : done,
        ]);
      };
    }
    const layer = router.stack[0];
    const prototype = layer ? (Object.getPrototypeOf(layer) as Record<string, unknown>) : undefined;
    if (!prototype || patched.has(prototype)) return;
    patched.add(prototype);
    const name = typeof prototype['handleError'] === 'function' ? 'handleError' : 'handle_error';
    const handleError = prototype[name];
    if (typeof handleError !== 'function') return;
    prototype[name] = function (this: unknown, error: unknown, req: Request, ...rest: unknown[]) {
      note(req, error);
      return Reflect.apply(handleError, this, [error, req, ...rest]);
    };
  } catch {
    // An app that looks like Express and is none is watched without errors.
  }
}

function noting(req: Request, done: Next): Next {
  return (error) => {
    if (error) note(req, error);
    done(error);
  };
}

function note(req: Request, error: unknown): void {
  const request = req[watched];
  if (request && request.error === undefined && error !== 'route' && error !== 'router') request.error = error;
}
