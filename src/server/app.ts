import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { routes } from '../model/api.ts';
import { mountAcknowledgePage } from './acknowledge-page.ts';
import { type Assets, assetResponse } from './assets.ts';
import { refuseCrossSite } from './auth/cross-site.ts';
import type { Caller } from './auth/gate.ts';
import { createHostTest } from './auth/reachability.ts';
import { sessionCookie } from './auth/session.ts';
import { readJson, readLines, readText } from './body.ts';
import { metricsText } from './metrics-text.ts';
import { packed } from './packed.ts';
import { Refusal } from './refusal.ts';
import { Answer, JsonText, type Room, type Route, type RouteRequest, Streamed } from './route.ts';
import { table } from './routes/table.ts';
import { writeChunks } from './stream/write-chunks.ts';
import { validate } from './validate.ts';

type Bindings = { Bindings: HttpBindings };
type Here = Context<Bindings>;

const api = '/monitoring/api';

/** Headers of every answer: nothing from elsewhere may be loaded, nobody may frame us, nothing is guessed. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  // How a second monitor recognises that the port is taken by one of us.
  'x-served-by': 'cryoprotect-monitoring',
};

/** Everything that is served, as one fetch handler. */
export function createApp(room: Room, assets: Assets, host: string): Hono<Bindings> {
  const { log, settings } = room.options;
  const testHost = createHostTest(host, [...settings.allowed_hosts, ...publicHost(settings.public_url)]);
  const app = new Hono<Bindings>();
  app.onError((error, c) => {
    if (error instanceof Refusal)
      return c.json(error.body, error.status as 400, { ...error.headers, 'cache-control': 'no-store' });
    log.error({ error, path: c.req.path }, 'A request failed inside the monitor.');
    const problem = room.options.storeProblem?.();
    if (problem !== undefined && c.req.method !== 'GET') {
      const hint =
        'A silence or an acknowledgement holds in memory meanwhile, and is stored as soon as the disk allows.';
      return c.json(
        { error: { code: 'store-unavailable', message: `This could not be stored: ${problem}`, hint } },
        503,
      );
    }
    return c.json({ error: { code: 'internal', message: 'The monitor failed to answer; its log says why.' } }, 500);
  });
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(securityHeaders)) c.res.headers.set(name, value);
  });
  app.get('/monitoring/livez', (c) => c.json({ status: 'alive' }, 200, { 'cache-control': 'no-store' }));
  app.get('/monitoring/readyz', (c) => {
    const problem = room.options.series.stats().problem;
    // With a full or damaged disk it goes on checking and telling from memory: worth an alert, not a restart.
    const body =
      problem === undefined ? { status: 'ready' } : { status: 'degraded', reason: 'The store reports a problem.' };
    return c.json(body, 200, { 'cache-control': 'no-store' });
  });
  app.use(async (c, next) => {
    testHost(c.req.header('host'));
    await next();
  });
  app.get('/', (c) => c.redirect('/monitoring'));
  app.get('/monitoring/metrics', async (c) => {
    demand(room, callerOf(room, c), 'viewer');
    return c.body(await metricsText(room.options), 200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-store',
    });
  });
  app.get(`${api}${routes.events.path}`, (c) => openStream(room, c));
  for (const route of table) mount(app, room, route);
  mountAcknowledgePage(app, room);
  refuseOtherMethods(app);
  app.all(`${api}/*`, (c) => {
    throw new Refusal('not-found', `There is no ${c.req.path}.`, {
      path: 'path',
      hint: `GET ${api}/openapi.json lists every path.`,
    });
  });
  app.get('/monitoring', (c) => page(c, assets, ''));
  app.get('/monitoring/*', (c) => page(c, assets, c.req.path.slice('/monitoring/'.length)));
  for (const path of ['/', '/monitoring', '/monitoring/*']) {
    app.all(path, (c) => {
      throw new Refusal('wrong-method', `${c.req.method} is not for ${c.req.path.slice(0, 200)}.`, {
        path: 'method',
        headers: { allow: 'GET, HEAD' },
      });
    });
  }
  app.notFound((c) => {
    throw new Refusal('not-found', `There is no ${c.req.path.slice(0, 200)}.`, {
      path: 'path',
      hint: 'The dashboard is at /monitoring.',
    });
  });
  return app;
}

/** The name by which links in notifications lead here. */
function publicHost(url: string): string[] {
  return url === '' ? [] : [new URL(url).hostname];
}

function mount(app: Hono<Bindings>, room: Room, route: Route): void {
  const { method, path, role } = routes[route.name];
  app.on(method, `${api}${path}`, async (c) => {
    const caller = callerOf(room, c);
    if (method !== 'GET') {
      const { origin, host } = { origin: c.req.header('origin'), host: c.req.header('host') };
      refuseCrossSite(caller, { origin, host, fetchSite: c.req.header('sec-fetch-site') });
    }
    if (role !== 'public') demand(room, caller, role);
    const body = method === 'GET' ? undefined : await readers[route.bodyType](c.req.raw, route.bodyLimit);
    const request: RouteRequest = {
      params: c.req.param() as Record<string, string>,
      query: route.query && validate(route.query, queryOf(c), 'query'),
      body: route.body && validate(route.body, body, 'body'),
      caller,
      ip: c.env.incoming.socket.remoteAddress ?? 'unknown',
      secure: /^\s*https\b/i.test(c.req.header('x-forwarded-proto') ?? ''),
      cookie: cookieOf(c),
      signal: c.req.raw.signal,
    };
    const answer = await route.handle(room, request);
    if (answer instanceof Streamed) return sendStream(room, c, route, answer, request);
    const full = answer instanceof Answer ? answer : new Answer(answer);
    const text = full.body instanceof JsonText ? full.body.text : JSON.stringify(full.body);
    const out = await packed(text, {
      ip: request.ip,
      acceptEncoding: c.req.header('accept-encoding'),
    });
    return c.body(out.body, (full.status ?? route.status) as 200, {
      ...out.headers,
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      ...full.headers,
    });
  });
}

const readers = { 'application/json': readJson, 'application/x-ndjson': readLines, 'text/plain': readText } as const;

/** A path that exists, asked in another way. */
function refuseOtherMethods(app: Hono<Bindings>): void {
  const byPath = new Map<string, string[]>();
  for (const { method, path } of Object.values(routes)) byPath.set(path, [...(byPath.get(path) ?? []), method]);
  for (const [path, methods] of byPath) {
    app.all(`${api}${path}`, (c) => {
      const allow = methods.includes('GET') ? ['HEAD', ...methods] : methods;
      throw new Refusal('wrong-method', `${c.req.method} is not for ${c.req.path.slice(0, 200)}.`, {
        path: 'method',
        hint: `Allowed: ${methods.join(', ')}.`,
        headers: { allow: allow.join(', ') },
      });
    });
  }
}

function sendStream(room: Room, c: Here, route: Route, answer: Streamed, { query }: RouteRequest): Response {
  const { outgoing } = c.env;
  const { format } = query as { format?: string };
  const type = route.answerTypes[format === 'prometheus' ? 1 : 0]!;
  outgoing.writeHead(route.status, {
    ...securityHeaders,
    'content-type': `${type}; charset=utf-8`,
    ...(answer.fileName !== undefined && { 'content-disposition': `attachment; filename="${answer.fileName}"` }),
    'cache-control': 'no-store',
  });
  writeChunks(outgoing, answer.chunks).catch((error: unknown) => {
    // The client went away, or the store failed in the middle: a cut connection is the only way left to say so.
    if (!c.req.raw.signal.aborted) room.options.log.error({ error, path: c.req.path }, 'A stream broke off.');
    outgoing.destroy();
  });
  return RESPONSE_ALREADY_SENT;
}

function openStream(room: Room, c: Here): Response {
  const caller = callerOf(room, c);
  demand(room, caller, 'viewer');
  if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' });
  room.stream.open(c.env.outgoing, securityHeaders, () => callerOf(room, c).role !== null);
  return RESPONSE_ALREADY_SENT;
}

/** The dashboard is one page: every path below /monitoring that is not a file is its index.html. */
function page(c: Here, assets: Assets, path: string): Response {
  const asset = assets.get(decodeURIComponentSafely(path));
  const looksLikeFile = path.startsWith('assets/') || /\.(js|css|map|png|svg|ico|woff2|json)$/.test(path);
  if (asset === undefined && looksLikeFile)
    throw new Refusal('not-found', `There is no file ${path.slice(0, 200)}.`, { path: 'path' });
  const request = { acceptEncoding: c.req.header('accept-encoding'), ifNoneMatch: c.req.header('if-none-match') };
  return assetResponse(asset ?? assets.get('index.html')!, request);
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function callerOf(room: Room, c: Here): Caller {
  return room.gate.caller({ authorization: c.req.header('authorization'), cookie: cookieOf(c) });
}

function cookieOf(c: Here): string | undefined {
  const header = c.req.header('cookie');
  const found = header
    ?.split(';')
    .map((one) => one.trim())
    .find((one) => one.startsWith(`${sessionCookie}=`));
  return found?.slice(sessionCookie.length + 1);
}

/** Refuses callers without the role: 401 when nobody is known, 403 when somebody is but may not. */
export function demand(room: Pick<Room, 'gate'>, caller: Caller, role: 'viewer' | 'operator'): void {
  if (caller.role === null) {
    throw new Refusal('not-logged-in', 'Nobody is logged in.', {
      hint: 'Log in at /monitoring, or send Authorization: Bearer with a token of server.auth.tokens.',
      headers: { 'www-authenticate': 'Bearer realm="cryoprotect-monitoring"' },
    });
  }
  if (role === 'operator' && caller.role !== 'operator') {
    throw new Refusal('not-allowed', `${caller.name ?? 'This login'} is a viewer; this needs an operator.`);
  }
}

/** Repeated parameters become lists. */
function queryOf(c: Here): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(c.req.queries()).map(([name, values]) => [name, values.length === 1 ? values[0]! : values]),
  );
}
