import { computed, signal } from '@preact/signals';

/**
 * Where the person is. The whole view lives in the address after `#`: `#/alerts/01h…?range=6h&q=import`,
 * so that a copied link shows a colleague the same thing, and any server that gives out one page can serve it.
 */
export interface Route {
  /** Path parts, decoded: `['alerts', '01h…']`; empty for the overview. */
  readonly path: readonly string[];
  readonly params: URLSearchParams;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Reads a `#/…` text. Anything else is the overview. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  return { path: path.split('/').filter(Boolean).map(decode), params: new URLSearchParams(query) };
}

/** The `#/…` text of a route. Empty parameters are left out. */
export function formatRoute(path: readonly string[], params?: URLSearchParams): string {
  const query = new URLSearchParams([...(params ?? [])].filter(([, value]) => value !== ''));
  const text = query.toString().replaceAll('%3A', ':').replaceAll('%2F', '/');
  return `#/${path.map(encodeURIComponent).join('/').replaceAll('%3A', ':')}${text ? `?${text}` : ''}`;
}

/** Links in messages name a page by path (`/monitoring/alerts/1`); the server answers them with this page. */
function fromPath(): void {
  const base = import.meta.env.BASE_URL;
  const { pathname, search, hash } = location;
  if (hash || !pathname.startsWith(base) || pathname.length <= base.length) return;
  history.replaceState(null, '', `${base}#/${pathname.slice(base.length)}${search}`);
}

if (globalThis.location) fromPath();
export const route = signal<Route>(parseRoute(globalThis.location?.hash ?? ''));
/** First part of the path: the page. */
export const pageId = computed(() => route.value.path[0] ?? 'overview');

globalThis.addEventListener?.('hashchange', () => {
  route.value = parseRoute(location.hash);
});

/** Parameters that stay when the page changes: time is one thing for all pages. */
const kept = ['range', 'from', 'to'];

/** Address of a page, keeping the time range; extra parameters are the page's own. */
export function href(path: readonly string[], own: Record<string, string> = {}): string {
  const params = new URLSearchParams();
  for (const name of kept) {
    const value = route.value.params.get(name);
    if (value) params.set(name, value);
  }
  for (const [name, value] of Object.entries(own)) params.set(name, value);
  return formatRoute(path, params);
}

export function navigate(path: readonly string[], own: Record<string, string> = {}): void {
  location.hash = href(path, own);
}

/** Changes parameters of the present view. `undefined` or '' removes one. Typing replaces, choosing pushes. */
export function setParams(change: Record<string, string | undefined>, mode: 'push' | 'replace' = 'replace'): void {
  const params = new URLSearchParams(route.value.params);
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined || value === '') params.delete(name);
    else params.set(name, value);
  }
  const hash = formatRoute(route.value.path, params);
  if (mode === 'push') history.pushState(null, '', hash);
  else history.replaceState(null, '', hash);
  route.value = parseRoute(hash);
}

/** Takes a link as the API writes it (`/databases/x`, `#/alerts/1`, `/monitoring/errors/2`) to one of ours. */
export function localLink(link: string): string {
  const hash = link.indexOf('#');
  const path = (hash >= 0 ? link.slice(hash + 1) : link).replace(/^\/?monitoring(?=\/|$)/, '');
  const parsed = parseRoute(path);
  return href(parsed.path, Object.fromEntries(parsed.params));
}
