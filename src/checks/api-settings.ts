import { z } from 'zod';
import { redactText } from '../model/redact.ts';
import { statusRanges } from './expected-status.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

function httpUrlProblem(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return 'is not a complete URL; expected something like https://api.example.org';
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return `the scheme ${url.protocol}// is not supported; supported: http://, https://`;
  }
  return undefined;
}

const httpUrl = z.string().superRefine((text, context) => {
  const problem = httpUrlProblem(text);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

const expectedStatus = z
  .union([z.number(), z.string(), z.array(z.union([z.number(), z.string()])).min(1)])
  .superRefine((value, context) => {
    if (!statusRanges(value)) {
      context.addIssue({
        code: 'custom',
        message: 'expected a status such as 200, a range such as "200-299" or "2xx", or a list of these',
      });
    }
  });

/** One endpoint of `api_monitoring.endpoints`. */
const endpointSettings = z
  .strictObject({
    path: z
      .string()
      .startsWith('/', 'a path begins with /; for another server give url instead')
      .optional()
      .describe('Path below base_url, e.g. /health. Give path or url, not both.'),
    url: httpUrl.optional().describe('Complete URL, for endpoints outside base_url.'),
    name: z
      .string()
      .trim()
      .min(1)
      .max(120)
      .optional()
      .describe('Name shown to people. Default: the path, or host and path of the URL.'),
    enabled: z.boolean().default(true).describe('false leaves this endpoint out.'),
    method: z
      .preprocess((value) => (typeof value === 'string' ? value.toUpperCase() : value), z.enum(methods))
      .default('GET')
      .describe('HTTP method.'),
    data: z.json().optional().describe('Body to send: text as it is, anything else as JSON.'),
    headers: z
      .record(z.string(), z.string())
      .default({})
      .meta({ description: 'Headers to send. Their values are never shown.', secret: true }),
    expected_status: expectedStatus
      .optional()
      .describe(
        'Status codes that are right: 200, "200-299", "2xx", [200, 204]. Default: below 300 is ok, 300 to 499 a warning, else an error.',
      ),
    timeout_seconds: z
      .number()
      .positive()
      .max(600)
      .optional()
      .describe('Hard total deadline, DNS and body included. Default: the section’s.'),
    interval_seconds: z
      .number()
      .positive()
      .optional()
      .describe('Seconds between two checks of this endpoint. Default: monitoring.health_check_intervals.api.'),
    response_time_warning_threshold_ms: z
      .number()
      .positive()
      .optional()
      .describe('Warn when slower, in ms. Default: the section’s.'),
    response_time_error_threshold_ms: z
      .number()
      .positive()
      .optional()
      .describe('Fail when slower, in ms. Default: the section’s.'),
    parents: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Ids of the checks this endpoint depends on, e.g. ["database:main"]: while one of them is down, a failure here is its consequence and tells nobody.',
      ),
    tags: z.array(z.string().min(1)).default([]).describe('Words that maintenance windows select by.'),
    follow_redirects: z
      .boolean()
      .default(false)
      .describe('Follow up to 5 redirects; credentials stay with the first host.'),
    verify_tls: z.boolean().default(true).describe('false accepts any certificate.'),
    read_body: z
      .boolean()
      .default(true)
      .describe(
        'Wait for the whole body, so that a truncated, trickling or endless answer is seen. false judges by the headers alone.',
      ),
    max_body_bytes: z
      .int()
      .positive()
      .max(64 * 1024 * 1024)
      .default(1024 * 1024)
      .describe(
        'A body that goes on beyond this is an error, unless its length was announced; it is never read further.',
      ),
  })
  .superRefine((endpoint, context) => {
    if (!endpoint.path && !endpoint.url)
      context.addIssue({ code: 'custom', message: 'needs a path (below base_url) or a url' });
    if (endpoint.path && endpoint.url)
      context.addIssue({ code: 'custom', message: 'has both path and url; give one of them' });
  });
export type EndpointSettings = z.output<typeof endpointSettings>;

/** Section `api_monitoring`. */
export const apiMonitoringSettings = z
  .strictObject({
    enabled: z.boolean().default(true).describe('false switches all endpoint checks off.'),
    base_url: httpUrl.optional().describe('Where the endpoints with a path are, e.g. http://localhost:5000.'),
    endpoints: z
      .array(endpointSettings)
      .default([])
      .superRefine((list, context) => {
        const seen = new Set<string>();
        for (const [index, endpoint] of list.entries()) {
          const name = endpointName(endpoint);
          if (seen.has(name)) {
            context.addIssue({
              code: 'custom',
              path: [index],
              message: `"${name}" stands here twice; give one of them another name`,
            });
          }
          seen.add(name);
        }
      })
      .describe('The endpoints to check.'),
    response_time_warning_threshold_ms: z
      .number()
      .positive()
      .default(500)
      .describe('An endpoint warns when it is slower, in ms.'),
    response_time_error_threshold_ms: z
      .number()
      .positive()
      .default(2000)
      .describe('An endpoint fails when it is slower, in ms.'),
    certificate_warning_days: z
      .number()
      .min(0)
      .default(14)
      .describe('An endpoint warns when its certificate expires in fewer days.'),
    timeout_seconds: z
      .number()
      .positive()
      .max(600)
      .default(10)
      .describe('Hard total deadline of one check, DNS and body included.'),
  })
  .prefault({})
  .describe('Endpoint checks.');
export type ApiMonitoringSettings = z.output<typeof apiMonitoringSettings>;

/** The name an endpoint goes by: its own, else `GET`'s path or host and path, with the method in front when it is another. */
export function endpointName(endpoint: {
  name?: string | undefined;
  path?: string | undefined;
  url?: string | undefined;
  method: string;
}): string {
  if (endpoint.name) return endpoint.name;
  // A key in the query must not become part of an id that is shown everywhere.
  let place = redactText(endpoint.path ?? '');
  if (!place && endpoint.url && URL.canParse(endpoint.url)) {
    const url = new URL(endpoint.url);
    place = `${url.host}${url.pathname === '/' ? '' : url.pathname}`;
  }
  return endpoint.method === 'GET' ? place : `${endpoint.method} ${place}`;
}
