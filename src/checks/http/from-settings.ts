import type { Check } from '../../model/check.ts';
import type { Clock } from '../../model/clock.ts';
import { type ApiMonitoringSettings, type EndpointSettings, endpointName } from '../api-settings.ts';
import { statusRanges } from '../expected-status.ts';
import { httpCheck } from './http-check.ts';

/** Makes the checks of `api_monitoring`. `intervalSeconds` is `monitoring.health_check_intervals.api`. */
export function endpointChecks(settings: ApiMonitoringSettings, intervalSeconds: number, clock: Clock): Check[] {
  if (!settings.enabled) return [];
  return settings.endpoints
    .filter((endpoint) => endpoint.enabled)
    .map((endpoint) => {
      const name = endpointName(endpoint);
      const info = {
        id: `api:${name}`,
        name,
        intervalMs: (endpoint.interval_seconds ?? intervalSeconds) * 1000,
        timeoutMs: (endpoint.timeout_seconds ?? settings.timeout_seconds) * 1000,
        ...(endpoint.parents.length > 0 ? { parents: endpoint.parents } : {}),
        ...(endpoint.tags.length > 0 ? { tags: endpoint.tags } : {}),
      };
      const url = endpointUrl(endpoint, settings.base_url);
      return url ? endpointCheck(endpoint, settings, url, info, clock) : homelessCheck(endpoint, info);
    });
}

type Info = Parameters<typeof httpCheck>[0]['info'];

function endpointCheck(
  endpoint: EndpointSettings,
  settings: ApiMonitoringSettings,
  url: URL,
  info: Info,
  clock: Clock,
): Check {
  const { headers, body } = withBody(endpoint);
  const credentials = url.username || url.password ? basicAuth(url) : {};
  url.username = '';
  url.password = '';
  return httpCheck({
    info,
    url,
    method: endpoint.method,
    headers: { 'user-agent': 'cryoprotect-monitoring', accept: '*/*', ...credentials, ...headers },
    body,
    rules: {
      expected: endpoint.expected_status === undefined ? undefined : statusRanges(endpoint.expected_status),
      warningMs: endpoint.response_time_warning_threshold_ms ?? settings.response_time_warning_threshold_ms,
      errorMs: endpoint.response_time_error_threshold_ms ?? settings.response_time_error_threshold_ms,
      certificateWarningDays: settings.certificate_warning_days,
      maxBodyBytes: endpoint.max_body_bytes,
    },
    followRedirects: endpoint.follow_redirects,
    verifyTls: endpoint.verify_tls,
    readBody: endpoint.read_body,
    clock,
  });
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
  if (endpoint.data === undefined || endpoint.data === null) return { headers, body: undefined };
  const isText = typeof endpoint.data === 'string';
  const body = isText ? (endpoint.data as string) : JSON.stringify(endpoint.data);
  return {
    headers: {
      'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      ...headers,
    },
    body,
  };
}

function basicAuth(url: URL): Record<string, string> {
  const plain = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { authorization: `Basic ${Buffer.from(plain).toString('base64')}` };
}

/** The predecessor's files have paths without a base_url: they stay valid, and the check says what is missing. */
function homelessCheck(endpoint: EndpointSettings, info: Info): Check {
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
