import type { ServerResponse } from 'node:http';
import { pathShape } from './node-http.ts';

/** As much of an Express app as we touch; 4 and 5 differ in where the router is. */
export interface ExpressApp {
  handle: (...args: never[]) => unknown;
  readonly request: object;
  readonly response: { writeHead: ServerResponse['writeHead'] };
  readonly router?: ExpressRouter;
  readonly _router?: ExpressRouter;
  readonly lazyrouter?: unknown;
  path?(): string;
}

interface ExpressRouter {
  handle: (...args: never[]) => unknown;
  readonly stack: readonly Layer[];
}

interface Layer {
  readonly route?: { readonly path: unknown };
  readonly handle: {
    readonly stack?: readonly Layer[];
    readonly router?: ExpressRouter;
    readonly _router?: ExpressRouter;
    readonly lazyrouter?: unknown;
  };
  /** Express 5.3 keeps the path as it was written. */
  readonly rawPath?: unknown;
  /** Express 4 keeps a regular expression and the names in it. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean };
  readonly keys?: readonly { readonly name: string | number }[];
}

/**
 * Full patterns of routes, e.g. `/api/v1/molecules/:id`, with what their routers were mounted under. Found by walking the app's routers
 * once, and again when a route appears that was not there.
 */
export class RoutePatterns {
  readonly #app: ExpressApp;
  /** A router may be mounted in several places: then a route has several patterns. */
  #known = new WeakMap<object, string[]>();

  constructor(app: ExpressApp) {
    this.#app = app;
  }

  /** The pattern of a matched route. `base` is the part of the path that its router was mounted under, as it was in the request. */
  of(route: unknown, owner: unknown, base: string): string {
    if (typeof route !== 'object' || route === null) return '(unmatched)';
    const patterns = this.#known.get(route) ?? this.#find(route, owner, base);
    if (patterns.length === 1) return patterns[0]!;
    return patterns.find((pattern) => fits(pattern, base)) ?? patterns[0]!;
  }

  #find(route: object, owner: unknown, base: string): string[] {
    try {
      this.#walk(routerOf(this.#app), '');
      const app = owner as ExpressApp | undefined;
      if (app && app !== this.#app) this.#walk(routerOf(app), String(app.path?.() ?? '').split(',')[0]!);
    } catch {
      // An unknown router: its routes are named by the shape of their path.
    }
    let found = this.#known.get(route);
    if (!found) {
      found = [join(base === '' ? '' : pathShape(base), routePath((route as { path?: unknown }).path))];
      this.#known.set(route, found);
    }
    return found;
  }

  #walk(router: { readonly stack?: readonly Layer[] } | undefined, prefix: string, depth = 0): void {
    if (depth > 20) return;
    for (const layer of router?.stack ?? []) {
      if (layer.route) {
        this.#add(layer.route, join(prefix, routePath(layer.route.path)));
        continue;
      }
      const inner = layer.handle?.stack ? layer.handle : routerOf(layer.handle as ExpressApp | undefined);
      const path = inner ? mountPath(layer) : undefined;
      if (inner && path !== undefined) this.#walk(inner, join(prefix, path), depth + 1);
    }
  }

  #add(route: object, pattern: string): void {
    const patterns = this.#known.get(route) ?? [];
    if (!patterns.includes(pattern) && patterns.length < 20) patterns.push(pattern);
    this.#known.set(route, patterns);
  }
}

function routerOf(app: ExpressApp | undefined): ExpressRouter | undefined {
  if (!app) return undefined;
  return app.lazyrouter ? app._router : (app.router ?? app._router);
}

function routePath(path: unknown): string {
  if (typeof path === 'string') return path;
  if (path instanceof RegExp) return String(path).slice(0, 100);
  if (Array.isArray(path)) return path.map(routePath).join('|').slice(0, 200);
  return '';
}

/** What a router was mounted under; undefined when it cannot be known. */
function mountPath(layer: Layer): string | undefined {
  if (typeof layer.rawPath === 'string') return layer.rawPath === '/' ? '' : layer.rawPath;
  if (layer.rawPath !== undefined) return routePath(layer.rawPath);
  if (!layer.regexp) return undefined;
  if (layer.regexp.fast_slash) return '';
  let index = 0;
  const path = layer.regexp.source
    .replace(/^\^/, '')
    .replace(/\\\/\?\(\?=\\\/\|\$\)$/, '')
    .replace(
      /(?:\\\/)?\(\?:\\?\/?\(\[\^\\?\/\]\+\?\)\)|\(\[\^\\?\/\]\+\?\)/g,
      (text) => `${text.startsWith('\\/') ? '/' : ''}:${layer.keys?.[index++]?.name ?? 'id'}`,
    )
    .replace(/\\(.)/g, '$1');
  return /[()[\]?+*^$]/.test(path) ? undefined : path;
}

function join(prefix: string, path: string): string {
  if (path === '' || path === '/') return prefix === '' ? '/' : prefix;
  return `${prefix.replace(/\/+$/, '')}${path.startsWith('/') ? '' : '/'}${path}`;
}

/** True when a pattern's beginning can be the concrete path that a router was mounted under. */
function fits(pattern: string, base: string): boolean {
  const parts = pattern.split('/');
  return base.split('/').every((part, index) => parts[index] === part || parts[index]?.startsWith(':') === true);
}
