import type { Check } from '../model/check.ts';
import type { Clock } from '../model/clock.ts';
import type { ApiMonitoringSettings } from './api-settings.ts';
import { dnsEndpoint } from './dns/dns-check.ts';
import type { EndpointKind, Limits } from './endpoint-kind.ts';
import { type EndpointSettings, type EndpointType, endpointName } from './endpoint-settings.ts';
import { grpcEndpoint } from './grpc/grpc-check.ts';
import { httpEndpoint } from './http/from-settings.ts';
import type { Guard } from './network/guard.ts';
import { withRetries } from './retries.ts';
import { tcpEndpoint } from './tcp/tcp-check.ts';
import { tlsEndpoint } from './tls/tls-check.ts';

/** Every kind of endpoint. One more is a folder, its keys in `endpoint-settings.ts`, and a line here. */
const kinds: Record<EndpointType, EndpointKind> = {
  http: httpEndpoint,
  tcp: tcpEndpoint,
  dns: dnsEndpoint,
  tls: tlsEndpoint,
  grpc: grpcEndpoint,
};

/**
 * Makes the checks of `api_monitoring`. `intervalSeconds` is `monitoring.health_check_intervals.api`; with a guard no check connects to a
 * private address.
 */
export function endpointChecks(
  section: ApiMonitoringSettings,
  intervalSeconds: number,
  clock: Clock,
  guard?: Guard,
): Check[] {
  if (!section.enabled) return [];
  return section.endpoints
    .filter((endpoint) => endpoint.enabled)
    .map((endpoint) => {
      const name = endpointName(endpoint);
      const info = {
        id: `api:${name}`,
        name,
        intervalMs: (endpoint.interval_seconds ?? intervalSeconds) * 1000,
        timeoutMs: (endpoint.timeout_seconds ?? section.timeout_seconds) * 1000,
        ...(endpoint.parents.length > 0 ? { parents: endpoint.parents } : {}),
        ...(endpoint.tags.length > 0 ? { tags: endpoint.tags } : {}),
      };
      const check = kinds[endpoint.type]({
        endpoint,
        section,
        info,
        limits: limitsOf(endpoint, section),
        clock,
        guard,
      });
      return withRetries(check, { retries: endpoint.retries, pauseMs: endpoint.retry_pause_ms, clock });
    });
}

function limitsOf(endpoint: EndpointSettings, section: ApiMonitoringSettings): Limits {
  return {
    warningMs: endpoint.response_time_warning_threshold_ms ?? section.response_time_warning_threshold_ms,
    errorMs: endpoint.response_time_error_threshold_ms ?? section.response_time_error_threshold_ms,
    certificateWarningDays: endpoint.certificate_warning_days ?? section.certificate_warning_days,
    certificateErrorDays: endpoint.certificate_error_days ?? section.certificate_error_days,
  };
}
