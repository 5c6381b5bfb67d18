import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AttemptView, SessionView, StreamEvent } from '../../src/model/api.ts';
import { breakersOf } from './breakers.ts';
import { answerSeries } from './numbers.ts';
import { poolsOf, slowQueriesOf, statementsOf } from './pools.ts';
import { createStory, previewOf, type Scenario, type Story } from './story.ts';

/**
 * A monitor that is not one: answers every route of `src/model/api.ts` with the story of one evening and gives out the built dashboard
 * under the same headers as the real server. For looking at pages, and for tests of the page alone.
 */
export interface Fixture {
  readonly url: string;
  readonly story: Story;
  /** Everything that changed something: `POST /silences` with its body. */
  readonly actions: { method: string; path: string; body: unknown }[];
  emit(event: StreamEvent): void;
  /** Ends all streams and refuses new ones until it is called with true. */
  streams(open: boolean): void;
  /** Answers every API request with 503 until it is called with true. */
  answers(open: boolean): void;
  stop(): Promise<void>;
}

const assets = fileURLToPath(new URL('../../dist/dashboard', import.meta.url));
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const policy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text ? JSON.parse(text) : undefined;
}

function send(response: ServerResponse, status: number, body?: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

async function sendFile(response: ServerResponse, path: string): Promise<void> {
  // Like the real server: what is not a file is the one page.
  const name = extname(path) === '' ? '/index.html' : path;
  try {
    const content = await readFile(join(assets, name));
    response.writeHead(200, {
      'content-type': types[extname(name)] ?? 'application/octet-stream',
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
    });
    response.end(content);
  } catch {
    send(response, 404, { error: { code: 'not-found', message: 'No such file.' } });
  }
}

/** Starts on a free port, or on `port`. */
export async function startFixture(
  options: { port?: number; scenario?: Scenario; role?: 'viewer' | 'operator'; login?: boolean } = {},
): Promise<Fixture> {
  const scenario = options.scenario ?? 'normal';
  const story = createStory(scenario);
  const actions: Fixture['actions'] = [];
  const streams = new Set<ServerResponse>();
  let streaming = true;
  let answering = true;
  let session: SessionView = options.login
    ? { authenticated: false, user: null, role: null, login_required: true }
    : { authenticated: true, user: null, role: options.role ?? 'operator', login_required: false };
  const emit = (event: StreamEvent) => {
    const { type, ...data } = event;
    for (const stream of streams) stream.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const tick = setInterval(() => {
    const { verdict, sentence } = story.overview();
    emit({ type: 'tick', at: story.now(), self: story.self(), verdict, sentence });
  }, 5000);
  const act: Record<string, (match: string[], body: Record<string, unknown>) => unknown> = {
    'POST /checks/([^/]+)/run': ([id]) => {
      const check = story.checks.find((item) => item.id === id);
      if (!check) return undefined;
      Object.assign(check, {
        last_at: story.now(),
        recent: [
          ...check.recent.slice(1),
          {
            at: story.now(),
            status: check.status,
            duration_ms: check.duration_ms ?? 0,
            inconclusive: false,
            excuse: null,
          },
        ],
      });
      emit({ type: 'check', check });
      return check;
    },
    'POST /alerts/([^/]+)/acknowledge': ([id], body) => {
      const alert = story.alerts.find((item) => item.id === id);
      if (alert)
        alert.acknowledged = {
          at: story.now(),
          by: 'local',
          note: String(body['note'] ?? ''),
          until_at: body['duration_seconds'] ? story.now() + Number(body['duration_seconds']) * 1000 : null,
        };
      return alert;
    },
    'POST /alerts/([^/]+)/unacknowledge': ([id]) => {
      const alert = story.alerts.find((item) => item.id === id);
      if (alert) alert.acknowledged = null;
      return alert;
    },
    'POST /silences/preview': (_, body) => {
      const chosen = (body['matchers'] as { name: string; value: string }[] | undefined) ?? [
        { name: 'alert_type', value: String(body['alert_type']) },
      ];
      const found = story.alerts.filter(
        (alert) =>
          alert.state !== 'resolved' &&
          chosen.every(({ name, value }) => ({ ...alert.labels, ...alert })[name as 'source'] === value),
      );
      return { matching: found.length, firing: found.filter(({ state }) => state === 'firing').length, alerts: found };
    },
    'POST /errors/([^/]+)/state': ([id], body) => {
      const group = story.errors.find((item) => item.id === id);
      if (group) group.state = body['state'] as typeof group.state;
      return group;
    },
    'POST /rules/preview': (_, body) => {
      const rule = story.rules.find(({ id }) => id === (body['rule'] as { id?: unknown } | null)?.id);
      return rule && previewOf(rule, story.now());
    },
    'POST /silences': (_, body) => {
      const seconds = Number(body['duration_seconds'] ?? 3600);
      const type = String(body['alert_type'] ?? '');
      const silence = {
        id: `s${story.silences.length + 1}`,
        matchers: [{ name: 'alert_type', op: '=', value: type }],
        alert_type: type,
        created_at: story.now(),
        starts_at: story.now(),
        ends_at: story.now() + seconds * 1000,
        remaining_seconds: seconds,
        created_by: 'local',
        comment: String(body['comment'] ?? ''),
        state: 'active' as const,
        schedule: null,
        until_resolved: body['until_resolved'] === true,
      };
      story.silences.push(silence);
      for (const alert of story.alerts)
        if (alert.alert_type === type && alert.state === 'firing') alert.silenced_by = silence.id;
      emit({ type: 'silence', silence, ended: false });
      return silence;
    },
    'DELETE /silences/([^/]+)': ([id]) => {
      story.silences = story.silences.filter((item) => item.id !== id);
      for (const alert of story.alerts) if (alert.silenced_by === id) alert.silenced_by = null;
      return { ended: 1 };
    },
    'POST /channels/([^/]+)/test': ([name]) =>
      name === 'webhooks[1]'
        ? { outcome: 'final', reason: 'auth', summary: 'POST https://pager.example/in/… → 401' }
        : { outcome: 'delivered', summary: 'POST https://hooks.cryoprotect.example/… → 200' },
    'POST /login': (_, body) => {
      if (body['password'] !== 'cryo') return null;
      session = {
        authenticated: true,
        user: String(body['user']),
        role: options.role ?? 'operator',
        login_required: true,
      };
      return session;
    },
    'POST /logout': () => (session = { authenticated: false, user: null, role: null, login_required: true }),
  };
  const read = (path: string, params: URLSearchParams): unknown => {
    const at = Number(params.get('from') ?? 0);
    const attempts = /^\/channels\/([^/]+)\/attempts$/.exec(path);
    if (attempts) return { attempts: attemptsOf(decodeURIComponent(attempts[1]!), story.now()) };
    const rule = /^\/rules\/([^/]+)$/.exec(path);
    if (rule) {
      const found = story.rules.find(({ id }) => id === decodeURIComponent(rule[1]!));
      return found && { ...found, definition: found.origin === 'built-in' ? null : { id: found.id } };
    }
    if (/^\/checks\/[^/]+\/windows$/.test(path)) return { windows: [] };
    const one = /^\/(checks|alerts|errors)\/(.+)$/.exec(path);
    if (one)
      return (story[one[1] as 'checks' | 'alerts' | 'errors'] as { id: string }[]).find(
        ({ id }) => id === decodeURIComponent(one[2]!),
      );
    switch (path) {
      case '/overview':
        return story.overview();
      case '/system':
        return story.system();
      case '/checks':
        return { checks: story.checks };
      case '/series':
        return answerSeries(params, story.series, story.now());
      case '/operations':
        return { operations: story.operations() };
      case '/progress':
        return { progress: story.progress() };
      case '/errors':
        return { errors: story.errors.map(({ occurrences: _, ...group }) => group) };
      case '/alerts': {
        const states = params.get('state')?.split(',');
        return { alerts: story.alerts.filter(({ state }) => !states || states.includes(state)) };
      }
      case '/rules':
        return { rules: story.rules };
      case '/silences':
        return { silences: story.silences };
      case '/channels':
        return { channels: story.channels };
      case '/journal':
        return {
          journal: story.journal.filter(
            (entry) => entry.at >= at && entry.at <= Number(params.get('to') ?? Number.POSITIVE_INFINITY),
          ),
        };
      case '/breakers':
        return breakersOf(scenario, story.now());
      case '/heartbeats':
        return { heartbeats: [] };
      case '/pools':
        return poolsOf(scenario, story.now());
      case '/statements':
        return { statements: statementsOf(scenario) };
      case '/slow-queries':
        return { queries: slowQueriesOf(scenario, story.now()) };
      case '/agents':
        return { agents: story.agents() };
      case '/self':
        return story.self();
      case '/store':
        return story.store;
      case '/config':
        return story.config;
      case '/status':
        return { status: 'ok' };
      default:
        return undefined;
    }
  };
  const api = async (
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    params: URLSearchParams,
  ): Promise<void> => {
    if (!answering) return send(response, 503, { error: { code: 'down', message: 'The fixture is closed.' } });
    if (path === '/session') return send(response, 200, session);
    if (!session.authenticated && path !== '/login')
      return send(response, 401, { error: { code: 'login-required', message: 'Sign in first.' } });
    if (path === '/events') {
      if (!streaming) return send(response, 503, { error: { code: 'down', message: 'No streams.' } });
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(`event: hello\ndata: ${JSON.stringify({ at: story.now(), version: '0.1.0' })}\n\n`);
      streams.add(response);
      response.on('close', () => streams.delete(response));
      return;
    }
    if (request.method === 'GET') {
      const answer = read(path, params);
      return answer === undefined
        ? send(response, 404, { error: { code: 'not-found', message: 'There is nothing at this address.' } })
        : send(response, 200, answer);
    }
    const body = await readBody(request);
    for (const [pattern, run] of Object.entries(act)) {
      const match = new RegExp(`^${pattern}$`).exec(`${request.method} ${path}`);
      if (!match) continue;
      actions.push({ method: request.method ?? '', path, body });
      const answer = run(match.slice(1).map(decodeURIComponent), (body ?? {}) as Record<string, unknown>);
      if (answer === null)
        return send(response, 401, { error: { code: 'login-refused', message: 'User or password is wrong.' } });
      return answer === undefined
        ? send(response, 404, { error: { code: 'not-found', message: 'There is no such thing.' } })
        : send(response, path === '/silences' ? 201 : 200, answer);
    }
    send(response, 404, { error: { code: 'not-found', message: 'There is no such action.' } });
  };
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fixture');
    if (!url.pathname.startsWith('/monitoring'))
      return send(response, 404, { error: { code: 'not-found', message: 'Look at /monitoring.' } });
    const path = url.pathname.slice('/monitoring'.length);
    void (path.startsWith('/api/')
      ? api(request, response, path.slice(4), url.searchParams)
      : sendFile(response, path));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/monitoring`,
    story,
    actions,
    emit,
    streams(open) {
      streaming = open;
      if (!open) for (const stream of streams) stream.destroy();
    },
    answers(open) {
      answering = open;
    },
    async stop() {
      clearInterval(tick);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fixture = await startFixture({
    port: Number(process.argv[2] ?? 5099),
    scenario: (process.argv[3] ?? 'normal') as Scenario,
    login: process.argv[4] === 'login',
  });
  console.log(fixture.url);
}

/** The last attempts through a channel: one that is refused for its login, and others that deliver. */
function attemptsOf(channel: string, now: number): AttemptView[] {
  const refused = channel === 'webhooks[1]';
  return [2, 11, 46].map((minutes, index) => ({
    at: now - minutes * 60_000,
    outcome: refused ? 'final' : index === 1 ? 'retry' : 'delivered',
    duration_ms: 38 + 100 * index,
    summary: refused
      ? 'POST https://pager.example -> 401'
      : `POST https://hooks.cryoprotect.example -> ${index === 1 ? 503 : 200}`,
    alert_id: `01kaz${index}`,
  }));
}
