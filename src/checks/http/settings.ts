import { z } from 'zod';
import { jsonCondition } from '../conditions/json.ts';
import { patternText } from '../conditions/search.ts';
import { textExpectation } from '../conditions/text.ts';
import { statusRanges } from '../expected-status.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

function urlProblem(text: string): string | undefined {
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

/** A complete http(s) URL. */
export const httpUrl = z.string().superRefine((text, context) => {
  const problem = urlProblem(text);
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

const oneOrMore = (one: z.ZodString, what: string) =>
  z
    .union([one.min(1), z.array(one.min(1)).min(1)])
    .optional()
    .describe(what);

const auth = z
  .strictObject({
    type: z.enum(['basic', 'bearer']).describe('basic: user and password; bearer: a token.'),
    username: z.string().optional().describe('Who asks. Belongs to basic.'),
    password: z.string().optional().meta({ description: 'The password. Belongs to basic.', secret: true }),
    token: z.string().min(1).optional().meta({ description: 'The token. Belongs to bearer.', secret: true }),
  })
  .superRefine(({ type, username, password, token }, context) => {
    const wrong =
      type === 'basic'
        ? username === undefined || token !== undefined
        : token === undefined || username !== undefined || password !== undefined;
    if (wrong) {
      const needs =
        type === 'basic' ? 'needs username (and password), no token' : 'needs token, no username and password';
      context.addIssue({ code: 'custom', message: `type ${type} ${needs}` });
    }
  });

/** `host` or `host:port`, with an IPv6 address in brackets. */
const place = z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[^:[\]/\s]+)(:\d{1,5})?$/, 'expected host or host:port');

/** The keys of endpoints of type `http`. */
export const httpKeys = {
  path: z
    .string()
    .startsWith('/', 'a path begins with /; for another server give url instead')
    .optional()
    .describe('Path below base_url, e.g. /health. Give path or url, not both.'),
  url: httpUrl.optional().describe('Complete URL, for endpoints outside base_url.'),
  method: z
    .preprocess((value) => (typeof value === 'string' ? value.toUpperCase() : value), z.enum(methods))
    .default('GET')
    .describe('HTTP method.'),
  data: z
    .json()
    .optional()
    .describe('Body to send: text as it is, anything else as JSON, unless data_type says otherwise.'),
  data_type: z
    .enum(['json', 'form', 'raw'])
    .optional()
    .describe('json: data as JSON, also a text; form: its members as form fields; raw: text as it is.'),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .meta({ description: 'Headers to send. Their values are never shown.', secret: true }),
  auth: auth.optional().describe('Who asks: basic or bearer. Client certificates are in tls.'),
  proxy: httpUrl
    .optional()
    .meta({ description: 'HTTP proxy to go through, e.g. http://user:password@proxy.example:3128.', secret: true }),
  connect_to: place
    .optional()
    .describe(
      'host or host:port to connect to instead of the URL’s own; Host header, SNI and certificate stay those of the URL.',
    ),
  expected_status: expectedStatus
    .optional()
    .describe(
      'Status codes that are right: 200, "200-299", "2xx", [200, 204]. Default: below 300 is ok, 300 to 499 a warning, else an error.',
    ),
  expected_headers: z
    .record(z.string().min(1), textExpectation)
    .optional()
    .describe(
      'What response headers must be, by name: a text, true (is there), false (is not), or equals, contains, matches, not.',
    ),
  expected_location: textExpectation
    .optional()
    .describe('Where the answer must redirect to, as the Location header says it; a redirect that fits is then ok.'),
  body_contains: oneOrMore(z.string(), 'A text, or several, that the body must have.'),
  body_not_contains: oneOrMore(z.string(), 'A text, or several, that the body must not have.'),
  body_matches: z
    .union([patternText, z.array(patternText).min(1)])
    .optional()
    .describe(
      'A regular expression (RE2 syntax), or several, that must fit somewhere in the first 256 KiB of the body.',
    ),
  body_not_matches: z
    .union([patternText, z.array(patternText).min(1)])
    .optional()
    .describe('A regular expression, or several, that must fit nowhere in the first 256 KiB of the body.'),
  json: z.array(jsonCondition).optional().describe('Conditions on values in a JSON body.'),
  json_schema: z
    .union([z.record(z.string(), z.json()), z.boolean()])
    .optional()
    .describe('JSON Schema (2020-12, or draft-07 by its $schema) that the body must fit.'),
  min_body_bytes: z.int().min(0).optional().describe('A shorter body is an error.'),
  expected_body_bytes: z
    .int()
    .min(0)
    .optional()
    .describe('A longer body is an error, also when its length was announced.'),
  follow_redirects: z
    .union([z.boolean(), z.int().min(0).max(20)])
    .default(false)
    .describe('Follow so many redirects (true: 5); credentials stay with the first host.'),
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
};

const bodyConditions = [
  'body_contains',
  'body_not_contains',
  'body_matches',
  'body_not_matches',
  'json',
  'json_schema',
  'min_body_bytes',
  'expected_body_bytes',
] as const;

type HttpSettings = z.output<z.ZodObject<typeof httpKeys>>;

/** The conditions that cannot be judged without the body. */
export function bodyConditionsOf(endpoint: HttpSettings): string[] {
  return bodyConditions.filter((key) => endpoint[key] !== undefined);
}

/** What keys of an http endpoint contradict each other. */
export function httpProblems(endpoint: HttpSettings): { readonly key?: string; readonly message: string }[] {
  const problems: { key?: string; message: string }[] = [];
  const { path, url, data, data_type, method } = endpoint;
  if (!path && !url) problems.push({ message: 'needs a path (below base_url) or a url' });
  if (path && url) problems.push({ message: 'has both path and url; give one of them' });
  const needing = bodyConditionsOf(endpoint)[0];
  if (needing && !endpoint.read_body)
    problems.push({ key: 'read_body', message: `must not be false, because ${needing} needs the body` });
  if (needing && method === 'HEAD')
    problems.push({ key: 'method', message: `HEAD has no body, which ${needing} needs` });
  const isObject = typeof data === 'object' && data !== null && !Array.isArray(data);
  if (data_type === 'form' && !isObject)
    problems.push({ key: 'data', message: 'must be an object of form fields, because data_type is form' });
  if (data_type === 'raw' && data !== undefined && typeof data !== 'string')
    problems.push({ key: 'data', message: 'must be a text, because data_type is raw' });
  const limit = endpoint.expected_body_bytes;
  if (limit !== undefined && limit < (endpoint.min_body_bytes ?? 0))
    problems.push({ key: 'expected_body_bytes', message: 'is smaller than min_body_bytes' });
  if (endpoint.auth && Object.keys(endpoint.headers).some((name) => name.toLowerCase() === 'authorization'))
    problems.push({ key: 'auth', message: 'stands beside headers.Authorization; give one of them' });
  return problems;
}

/** The name an http endpoint goes by: `GET`'s path or host and path, with the method in front when it is another. */
export function httpPlace({ path, url }: { path?: string | undefined; url?: string | undefined }): string {
  if (path || !url || !URL.canParse(url)) return path ?? '';
  const parsed = new URL(url);
  return `${parsed.host}${parsed.pathname === '/' ? '' : parsed.pathname}`;
}
