import type { Check } from '../../model/check.ts';
import type { EndpointKind, EndpointRequest } from '../endpoint-kind.ts';
import type { EndpointSettings } from '../endpoint-settings.ts';
import { statusRanges } from '../expected-status.ts';
import { contextOf } from '../network/tls-settings.ts';
import { type AnswerRule, answerRules, schemaOf } from './answer-rules.ts';
import type { HttpRules } from './conditions.ts';
import type { HttpDial } from './dial.ts';
import { httpCheck } from './http-check.ts';
import { bodyConditionsOf } from './settings.ts';

const mostRedirects = 5;

/** Makes the check of an endpoint of type `http`. */
export const httpEndpoint: EndpointKind = (request) => {
  const { endpoint, section, info } = request;
  const url = endpointUrl(endpoint, section.base_url);
  if (!url) return homelessCheck(endpoint, info);
  const { headers, body } = withBody(endpoint);
  const credentials = url.username || url.password ? basicAuth(url.username, url.password) : {};
  url.username = '';
  url.password = '';
  const follow = endpoint.follow_redirects;
  return httpCheck({
    // What stands below base_url is the application's own: its traffic can be shown beside the check.
    info: endpoint.path ? { ...info, operation: `${endpoint.method} ${url.pathname}` } : info,
    url,
    method: endpoint.method,
    headers: {
      'user-agent': 'cryoprotect-monitoring',
      accept: '*/*',
      ...credentials,
      ...authHeaders(endpoint),
      ...headers,
    },
    body,
    rules: rulesOf(request),
    dial: dialOf(request, url),
    redirects: typeof follow === 'number' ? follow : follow ? mostRedirects : 0,
    readBody: endpoint.read_body,
    maxBodyBytes: endpoint.max_body_bytes,
    needsBody: bodyConditionsOf(endpoint).length > 0,
    clock: request.clock,
  });
};

/** The rules of the endpoint. A JSON Schema is compiled at the first run, and only then is its library loaded. */
function rulesOf({ endpoint, limits }: EndpointRequest): () => HttpRules | Promise<HttpRules> {
  const withAnswer = (answer: readonly AnswerRule[]): HttpRules => ({
    ...limits,
    expected: endpoint.expected_status === undefined ? undefined : statusRanges(endpoint.expected_status),
    maxBodyBytes: endpoint.max_body_bytes,
    expectsRedirect: endpoint.expected_location !== undefined,
    answer,
  });
  if (endpoint.json_schema === undefined) {
    const rules = withAnswer(answerRules(endpoint, undefined));
    return () => rules;
  }
  let made: Promise<HttpRules> | undefined;
  return () => {
    made ??= schemaOf(endpoint).then((schema) => withAnswer(answerRules(endpoint, schema)));
    return made;
  };
}

function dialOf({ endpoint, guard }: EndpointRequest, url: URL): HttpDial {
  const { tls, proxy, connect_to: place } = endpoint;
  const [, host, port] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(place ?? '') ?? [];
  return {
    guard,
    family: endpoint.ip_version,
    verifyTls: endpoint.verify_tls,
    origin: url.origin,
    context: contextOf(tls),
    strangerContext: contextOf(tls && { ...tls, cert: undefined, key: undefined, passphrase: undefined }),
    serverName: tls?.server_name,
    connectTo:
      host === undefined ? undefined : { host: host.replace(/^\[|\]$/g, ''), port: port ? Number(port) : undefined },
    proxy: proxy === undefined ? undefined : new URL(proxy),
  };
}

/** The endpoint's address; undefined for a path without a base_url. */
function endpointUrl(endpoint: EndpointSettings, baseUrl: string | undefined): URL | undefined {
  if (endpoint.url) return new URL(endpoint.url);
  if (!baseUrl || !endpoint.path) return undefined;
  // A base_url may have a path of its own, which `new URL(path, base)` would drop.
  return new URL(baseUrl.replace(/\/+$/, '') + endpoint.path);
}

function withBody(endpoint: EndpointSettings): { headers: Record<string, string>; body: string | undefined } {
  const headers = Object.fromEntries(
    Object.entries(endpoint.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const { data } = endpoint;
  if (data === undefined || data === null) return { headers, body: undefined };
  const type = endpoint.data_type ?? (typeof data === 'string' ? 'raw' : 'json');
  const body = type === 'raw' ? String(data) : type === 'json' ? JSON.stringify(data) : formOf(data);
  return {
    headers: { 'content-type': contentTypes[type], 'content-length': String(Buffer.byteLength(body)), ...headers },
    body,
  };
}

const contentTypes = {
  raw: 'text/plain; charset=utf-8',
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
} as const;

/** Members as form fields; a list gives its name several times. */
function formOf(data: NonNullable<EndpointSettings['data']>): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(data))
    for (const one of Array.isArray(value) ? value : [value])
      form.append(name, typeof one === 'object' && one !== null ? JSON.stringify(one) : String(one));
  return form.toString();
}

function authHeaders({ auth }: EndpointSettings): Record<string, string> {
  if (!auth) return {};
  if (auth.type === 'bearer') return { authorization: `Bearer ${auth.token}` };
  const plain = `${auth.username ?? ''}:${auth.password ?? ''}`;
  return { authorization: `Basic ${Buffer.from(plain).toString('base64')}` };
}

function basicAuth(user: string, password: string): Record<string, string> {
  const plain = `${decodeURIComponent(user)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(plain).toString('base64')}` };
}

/** The predecessor's files have paths without a base_url: they stay valid, and the check says what is missing. */
function homelessCheck(endpoint: EndpointSettings, info: EndpointRequest['info']): Check {
  return {
    info: {
      ...info,
      kind: 'http',
      component: 'api',
      target: endpoint.path ?? '',
      explanation: 'Asks this endpoint, as soon as it is known where the API is.',
    },
    run: async () => ({
      status: 'unknown',
      reason: `cannot be checked: set api_monitoring.base_url (e.g. http://localhost:5000), or give this endpoint a complete url`,
      seen: {},
    }),
  };
}
