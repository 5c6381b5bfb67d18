import { isIP } from 'node:net';
import { z } from 'zod';
import { nearest } from '../model/nearest.ts';
import { redactText } from '../model/redact.ts';
import { dnsKeys } from './dns/settings.ts';
import { grpcKeys } from './grpc/settings.ts';
import { httpKeys, httpPlace, httpProblems } from './http/settings.ts';
import { tlsSettings } from './network/tls-settings.ts';
import { socketProblems, tcpKeys } from './tcp/settings.ts';
import { tlsEndpointKeys } from './tls/settings.ts';

/** The keys of connections that speak TLS. */
const tlsKeys = {
  verify_tls: z.boolean().default(true).describe('false accepts any certificate.'),
  tls: tlsSettings.optional().describe('Certificates to trust and to show, SNI, oldest TLS version.'),
  certificate_warning_days: z
    .number()
    .min(0)
    .optional()
    .describe('Warn when the certificate expires in fewer days. Default: the section’s.'),
  certificate_error_days: z
    .number()
    .min(0)
    .optional()
    .describe('Fail when the certificate expires in fewer days. Default: the section’s.'),
};
const addressKeys = {
  ip_version: z
    .literal([4, 6])
    .optional()
    .describe('4 or 6 connects over that version of IP only. Default: whichever answers.'),
};

/** What each type of endpoint may say besides what every endpoint says. */
const ownKeys = {
  http: { ...httpKeys, ...tlsKeys, ...addressKeys },
  tcp: { ...tcpKeys, ...addressKeys },
  dns: dnsKeys,
  tls: { ...tlsEndpointKeys, ...tlsKeys, ...addressKeys },
  grpc: { ...grpcKeys, ...tlsKeys, ...addressKeys },
};
export type EndpointType = keyof typeof ownKeys;
const types = Object.keys(ownKeys) as [EndpointType, ...EndpointType[]];

const seconds = z.number().positive();
const milliseconds = z.number().positive();

/** The keys that every endpoint has. */
const commonKeys = {
  type: z.enum(types).default('http').describe('How it is asked: http, tcp, dns, tls, or grpc (its health service).'),
  name: z
    .string()
    .trim()
    .min(1)
    .max(120)
    .optional()
    .describe('Name shown to people. Default: the path, or host and path of the URL.'),
  enabled: z.boolean().default(true).describe('false leaves this endpoint out.'),
  timeout_seconds: seconds
    .max(600)
    .optional()
    .describe('Hard total deadline, DNS, body and retries included. Default: the section’s.'),
  interval_seconds: seconds
    .optional()
    .describe('Seconds between two checks of this endpoint. Default: monitoring.health_check_intervals.api.'),
  response_time_warning_threshold_ms: milliseconds
    .optional()
    .describe('Warn when slower, in ms. Default: the section’s.'),
  response_time_error_threshold_ms: milliseconds
    .optional()
    .describe('Fail when slower, in ms. Default: the section’s.'),
  retries: z
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe('How often a failed attempt is repeated before the check fails, within timeout_seconds.'),
  retry_pause_ms: z.number().min(0).max(60_000).default(250).describe('Pause before a retry, in ms.'),
  parents: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Ids of the checks this endpoint depends on, e.g. ["database:main"]: while one of them is down, a failure here is its consequence and tells nobody.',
    ),
  tags: z.array(z.string().min(1)).default([]).describe('Words that maintenance windows select by.'),
};

const allKeys = z.strictObject({
  ...commonKeys,
  ...ownKeys.http,
  ...ownKeys.tcp,
  ...ownKeys.dns,
  ...ownKeys.tls,
  ...ownKeys.grpc,
});
type AnyEndpoint = z.output<typeof allKeys>;

type Problem = { readonly key?: string; readonly message: string };
const problemsByType: Record<EndpointType, (endpoint: AnyEndpoint) => readonly Problem[]> = {
  http: httpProblems,
  tcp: (endpoint) => socketProblems(endpoint),
  dns: ({ host }) => (host === undefined ? [{ message: 'needs host, the name to look up' }] : []),
  tls: (endpoint) => socketProblems(endpoint, 443),
  grpc: (endpoint) => socketProblems(endpoint),
};

/** One endpoint of `api_monitoring.endpoints`. */
export const endpointSettings = z.preprocess(
  refuseForeignKeys,
  allKeys.superRefine((endpoint, context) => {
    const problems = [...problemsByType[endpoint.type](endpoint), ...addressProblems(endpoint)];
    for (const { key, message } of problems)
      context.addIssue({ code: 'custom', message, ...(key ? { path: [key] } : {}) });
  }),
);
export type EndpointSettings = z.output<typeof endpointSettings>;

/** A key that another type of endpoint has would do nothing here: better said than ignored. */
function refuseForeignKeys(given: unknown, context: z.RefinementCtx): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  const type = ((given as { type?: unknown }).type ?? 'http') as EndpointType;
  if (!Object.hasOwn(ownKeys, type)) return given;
  for (const key of Object.keys(given)) {
    if (key in commonKeys || key in ownKeys[type] || !(key in allKeys.shape)) continue;
    const owners = types.filter((one) => key in ownKeys[one]);
    const meant = nearest(key, Object.keys(ownKeys[type]));
    context.addIssue({
      code: 'custom',
      path: [key],
      message: `belongs to endpoints of type ${owners.join(', ')}; this one is ${type}${meant ? `. Did you mean ${meant}?` : ''}`,
    });
  }
  return given;
}

function addressProblems({ ip_version: version, host, url }: AnyEndpoint): Problem[] {
  if (version === undefined) return [];
  const name = host ?? (url && URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '');
  const given = isIP(name);
  return given === 0 || given === version
    ? []
    : [{ key: 'ip_version', message: `contradicts ${name}, which is IPv${given}` }];
}

/** The name an endpoint goes by: its own, or one made of what it asks. */
export function endpointName(endpoint: {
  name?: string | undefined;
  type?: EndpointType | undefined;
  path?: string | undefined;
  url?: string | undefined;
  method: string;
  host?: string | undefined;
  port?: number | undefined;
  record_type?: string | undefined;
  service?: string | undefined;
}): string {
  if (endpoint.name) return endpoint.name;
  const { type = 'http', host = '', port, record_type, service } = endpoint;
  if (type === 'dns') return `dns ${record_type} ${host}`;
  if (type !== 'http') {
    const bare = host.includes(':') ? `[${host}]` : host;
    return `${type} ${bare}:${port ?? 443}${type === 'grpc' && service ? `/${service}` : ''}`;
  }
  // A key in the query must not become part of an id that is shown everywhere.
  const place = redactText(httpPlace(endpoint));
  return endpoint.method === 'GET' ? place : `${endpoint.method} ${place}`;
}
