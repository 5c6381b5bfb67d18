import { z } from 'zod';
import { routes } from '../model/api.ts';
import type { Route } from './route.ts';
import { apiError, named, namedSchemas } from './schemas/base.ts';

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document of the API, generated from the schemas that validate requests and, in tests, answers. */
export function openApiDocument(table: readonly Route[], version: string): Json {
  const { schemas } = z.toJSONSchema(named, { uri: (id) => `#/components/schemas/${id}`, unrepresentable: 'any' });
  const paths: Record<string, Json> = {};
  for (const route of table) add(paths, route);
  paths['/events'] = {
    get: {
      ...described('events', 'The live stream: server-sent events, one StreamEvent each.'),
      responses: streamResponses,
    },
  };
  return {
    openapi: '3.1.0',
    info: {
      title: 'CryoProtect Monitoring',
      version,
      description:
        'Everything is snake_case. `*_at` is epoch milliseconds; `*_ms` and `*_seconds` are durations; `*_ratio` is 0 to 1. A missing value is null. ' +
        '`/status` and `/health` keep the names and units of the predecessor.',
    },
    servers: [{ url: '/monitoring/api' }],
    paths: { ...paths, ...outside },
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)])),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'cryomon_session' },
      },
    },
  };
}

const streamResponses = {
  '200': { description: 'An endless stream.', content: { 'text/event-stream': { schema: { type: 'string' } } } },
};

const plain = (summary: string, type: string) => ({
  servers: [{ url: '/monitoring' }],
  get: { summary, responses: { '200': { description: 'OK', content: { [type]: {} } } } },
});

/** Paths beside the API. */
const outside: Json = {
  '/livez': plain('Whether the monitor is alive.', 'application/json'),
  '/readyz': plain(
    'Whether the monitor has started; the status is `degraded` while its store has a problem.',
    'application/json',
  ),
  '/metrics': plain("The newest value of every series in Prometheus' text format.", 'text/plain'),
};

function add(paths: Record<string, Json>, route: Route): void {
  const { method, path } = routes[route.name];
  const template = path.replace(/:(\w+)/g, '{$1}');
  const parameters = [...pathParameters(path), ...queryParameters(route.query)];
  const body = route.body && {
    required: route.bodyType !== 'text/plain',
    content: { [route.bodyType]: { schema: reference(route.body, 'input') } },
  };
  paths[template] ??= {};
  paths[template][method.toLowerCase()] = {
    ...described(route.name, route.summary),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: {
      [String(route.status)]: {
        description: 'As asked.',
        content: Object.fromEntries(
          route.answerTypes.map((type) => [type, { schema: reference(route.answer, 'output') }]),
        ),
      },
      default: { description: 'Refused.', content: { 'application/json': { schema: reference(apiError, 'output') } } },
    },
  };
}

function described(name: Route['name'], summary: string): Json {
  const { role } = routes[name];
  const security = role === 'public' ? { security: [] } : { security: [{ token: [] }, { session: [] }] };
  return {
    operationId: name,
    summary,
    description: role === 'public' ? 'For everybody.' : `Role ${role}.`,
    ...security,
  };
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/:(\w+)/g)].map((found) => ({
    name: found[1],
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

/** Queries are texts on the wire; what they must look like stands in the schema's own words. */
function queryParameters(query: z.ZodType | undefined): Json[] {
  if (query === undefined) return [];
  const schema = z.toJSONSchema(query, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    in: 'query',
    required: schema.required?.includes(name) ?? false,
    schema: property,
  }));
}

/** A reference to a named schema, or the schema itself with references inside. */
function reference(schema: z.ZodType, io: 'input' | 'output'): Json {
  const id = named.get(schema)?.id;
  if (id !== undefined) return { $ref: `#/components/schemas/${id}` };
  const registry = z.registry<{ id: string }>();
  registry.add(schema, { id: 'here' });
  for (const [one, other] of namedSchemas) registry.add(other, { id: one });
  const made = z.toJSONSchema(registry, { uri: (name) => `#/components/schemas/${name}`, io, unrepresentable: 'any' });
  return bare(made.schemas['here'] ?? {});
}

/** Without what only makes sense in a document of its own. */
function bare(schema: object): Json {
  const { $schema: _schema, $id: _id, id: _name, ...rest } = schema as Json;
  return rest;
}
