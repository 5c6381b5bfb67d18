import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpService, startHttpServer } from '../../../test/services/http-server.ts';
import type { CheckOutcome } from '../../model/check.ts';
import { ask, endpointProblems } from '../endpoint.contract.ts';

let server: HttpService;
beforeAll(async () => {
  server = await startHttpServer();
});
afterAll(() => server.stop());

const document = {
  status: 'degraded',
  uptime: 12.5,
  services: { database: 'ok', cache: 'down' },
  items: [
    { id: 1, state: 'done' },
    { id: 2, state: 'open' },
  ],
  'odd name': null,
  api_key: 'geheim-1234',
};

function answer(body: string, headers: Record<string, string> = {}, status = 200) {
  server.set('/answer', { body, headers, status });
}
const judge = (conditions: object): Promise<CheckOutcome> => ask({ url: `${server.url}/answer`, ...conditions });
const seen = (outcome: CheckOutcome) =>
  (outcome.conditions ?? []).map(({ condition, met, seen: what }) => `${met ? '+' : '-'} ${condition}: ${what}`);

describe('headers', () => {
  test.each([
    [{ 'x-version': 'v2.1' }, 'ok'],
    [{ 'X-Version': 'v2' }, 'error'],
    [{ 'x-version': true, 'x-debug': false }, 'ok'],
    [{ 'x-version': false }, 'error'],
    [{ 'x-version': { matches: '^v\\d+\\.\\d+$' } }, 'ok'],
    [{ 'x-version': { contains: '2', not: '3' } }, 'ok'],
    [{ 'x-version': { not: '2' } }, 'error'],
    [{ 'x-missing': { matches: '.*' } }, 'error'],
  ])('%j is %s', async (expected_headers, status) => {
    answer('{}', { 'x-version': 'v2.1' });
    expect((await judge({ expected_headers })).status).toBe(status);
  });

  test('show what was seen, but never the value of a secret', async () => {
    answer('{}', { 'x-version': 'v2.1', 'set-cookie': 'session=geheim-77' });
    const outcome = await judge({ expected_headers: { 'x-version': 'v3', 'set-cookie': 'geheim-78', 'x-none': true } });
    expect(seen(outcome)).toEqual(
      expect.arrayContaining([
        '- header x-version is "v3": v2.1',
        '- header set-cookie is "[masked]": [masked]',
        '- header x-none is there: no such header',
      ]),
    );
    expect(JSON.stringify(outcome)).not.toMatch(/geheim/);
  });

  test('Location is what it must be, and a redirect then is no warning', async () => {
    answer('', { location: '/login?next=1' }, 302);
    expect((await judge({ expected_location: { matches: '^/login' } })).status).toBe('ok');
    expect((await judge({ expected_location: '/home' })).status).toBe('error');
    answer('', { location: '/login' }, 200);
    expect((await judge({ expected_location: '/login' })).reason).toBe('status 200 (the status is 300-399)');
  });
});

describe('body', () => {
  test.each([
    [{ body_contains: 'degraded' }, 'ok'],
    [{ body_contains: ['degraded', 'fine'] }, 'error'],
    [{ body_not_contains: 'fatal' }, 'ok'],
    [{ body_not_contains: 'degraded' }, 'error'],
    [{ body_matches: '"uptime": ?[0-9.]+' }, 'ok'],
    [{ body_matches: ['(?i)DEGRADED', '^\\{.*\\}$'] }, 'ok'],
    [{ body_not_matches: '(error|fatal)' }, 'ok'],
    [{ body_not_matches: 'down' }, 'error'],
    [{ min_body_bytes: 10 }, 'ok'],
    [{ min_body_bytes: 100_000 }, 'error'],
    [{ expected_body_bytes: 20 }, 'error'],
  ])('%j is %s', async (conditions, status) => {
    answer(JSON.stringify(document));
    expect((await judge(conditions)).status).toBe(status);
  });

  test('shows its beginning without secrets', async () => {
    answer('password=geheim-42 and more');
    const outcome = await judge({ body_contains: 'fine' });
    expect(seen(outcome)).toContain('- the body contains "fine": 27 bytes: "password=[masked] and more"');
  });

  test('a body whose length was announced over the cap is judged by that length, and by no text', async () => {
    answer('x'.repeat(5000), { 'content-length': '5000' });
    expect((await judge({ expected_body_bytes: 6000, max_body_bytes: 1000 })).reason).toContain(
      'goes on after 1000 bytes',
    );
    expect((await judge({ body_contains: 'y', max_body_bytes: 1000 })).status).toBe('error');
  });

  test('no pattern and no body can hold the monitor up', async () => {
    answer(`${'a'.repeat(200_000)}!`);
    const started = performance.now();
    const outcome = await judge({ body_matches: ['^(a+)+$', '(a|aa)*b', '(a*)*c'], timeout_seconds: 5 });
    expect(outcome.status).toBe('error');
    // With backtracking any of them takes longer than the sun burns.
    expect(performance.now() - started).toBeLessThan(4000);
  });
});

describe('JSON', () => {
  test.each([
    [{ path: '$.status', equals: 'degraded' }, 'ok'],
    [{ path: '$.status', equals: 'ok', severity: 'warning' }, 'warning'],
    [{ path: '$.status', not_equals: 'down' }, 'ok'],
    [{ path: '$.status', one_of: ['ok', 'degraded'] }, 'ok'],
    [{ path: '$.uptime', at_least: 12.5, at_most: 12.5 }, 'ok'],
    [{ path: '$.uptime', above: 12.5 }, 'error'],
    [{ path: '$.uptime', below: 13 }, 'ok'],
    [{ path: '$.status', above: 1 }, 'error'],
    [{ path: '$.services.cache', equals: 'ok' }, 'error'],
    [{ path: "$['odd name']", equals: null }, 'ok'],
    [{ path: '$["odd name"]', exists: true }, 'ok'],
    [{ path: '$.nothing', exists: false }, 'ok'],
    [{ path: '$.nothing', equals: 1 }, 'error'],
    [{ path: '$.items', min_length: 2, max_length: 2 }, 'ok'],
    [{ path: '$.items[0].id', equals: 1 }, 'ok'],
    [{ path: '$.items[-1].state', equals: 'open' }, 'ok'],
    [{ path: '$.items[7]', exists: true }, 'error'],
    [{ path: '$.items[*].id', at_least: 1 }, 'ok'],
    [{ path: '$.items[*].state', equals: 'done' }, 'error'],
    [{ path: '$.services.*', matches: '^(ok|down)$' }, 'ok'],
    [{ path: '$.items[0]', equals: { state: 'done', id: 1 } }, 'ok'],
    [{ path: '$.constructor', exists: false }, 'ok'],
  ])('%j is %s', async (condition, status) => {
    answer(JSON.stringify(document));
    const outcome = await judge({ json: [condition] });
    expect(outcome.status, outcome.reason).toBe(status);
  });

  test('shows the value that was found, and says when there is none', async () => {
    answer(JSON.stringify(document));
    const conditions = [
      { path: '$.services.cache', equals: 'ok' },
      { path: '$.items[*].state', equals: 'done' },
      { path: '$.gone', at_least: 1 },
      { path: '$.api_key', equals: 'x' },
    ];
    expect(seen(await judge({ json: conditions }))).toEqual(
      expect.arrayContaining([
        '- $.services.cache is "ok": "down"',
        '- every $.items[*].state is "done": "open" (2 values)',
        '- $.gone is at least 1: nothing at $.gone',
        '- $.api_key is "x": [masked]',
      ]),
    );
  });

  test.each([
    ['', 'the body is empty'],
    ['<html>', 'the body is not JSON'],
    ['[['.repeat(100_000), 'the body is JSON nested deeper than 100, which is not judged'],
    [`[${'[],'.repeat(30_000)}[]]`, 'the body has more than 20000 JSON values, which are not judged'],
    [JSON.stringify({ text: '[,'.repeat(50_000) }), 'nothing at $.a'],
    [JSON.stringify({ text: `${'\\'}"[[,` }), 'nothing at $.a'],
  ])('a body that is none (%#) says so', async (body, words) => {
    answer(body);
    const outcome = await judge({ json: [{ path: '$.a', exists: true }] });
    expect(outcome).toMatchObject({ status: 'error', reason: expect.stringContaining(words) });
  });

  test('a schema says which place does not fit', async () => {
    answer(JSON.stringify(document));
    const schema = (status: object) => ({ type: 'object', required: ['status'], properties: { status } });
    expect((await judge({ json_schema: schema({ enum: ['degraded'] }) })).status).toBe('ok');
    expect((await judge({ json_schema: schema({ type: 'number' }) })).reason).toBe(
      '/status must be number (the body fits json_schema)',
    );
    expect((await judge({ json_schema: schema({ pattern: '^(d|e)+' }) })).status).toBe('ok');
    const draft7 = { $schema: 'http://json-schema.org/draft-07/schema#', ...schema({ const: 'ok' }) };
    expect((await judge({ json_schema: draft7 })).reason).toContain('/status must be equal to constant');
  });

  test('a schema that is none leaves the check unknown, with the reason', async () => {
    answer('{}');
    expect(await judge({ json_schema: { type: 'nonsense' } })).toMatchObject({
      status: 'unknown',
      reason: expect.stringMatching(/^json_schema is not valid: /),
    });
  });
});

describe('settings', () => {
  test.each([
    [{ json: [{ path: 'status', equals: 1 }] }, 'json.0.path: is no path: a path begins with $, e.g. $.status'],
    [
      { json: [{ path: '$..status', equals: 1 }] },
      'json.0.path: is no path: .. (descent to any depth) is not supported',
    ],
    [{ json: [{ path: '$.a[?(@.b)]', equals: 1 }] }, 'json.0.path: is no path: filters and slices are not supported'],
    [
      { json: [{ path: '$.a' }] },
      'json.0: says nothing about the value; add equals, exists, at_least, matches or another comparison',
    ],
    [{ body_contains: 'x', read_body: false }, 'read_body: must not be false, because body_contains needs the body'],
    [{ body_contains: 'x', method: 'HEAD' }, 'method: HEAD has no body, which body_contains needs'],
    [{ data: [1], data_type: 'form' }, 'data: must be an object of form fields, because data_type is form'],
    [{ min_body_bytes: 9, expected_body_bytes: 8 }, 'expected_body_bytes: is smaller than min_body_bytes'],
    [{ auth: { type: 'bearer' } }, 'auth: type bearer needs token, no username and password'],
    [{ auth: { type: 'basic', token: 'x' } }, 'auth: type basic needs username (and password), no token'],
    [
      { auth: { type: 'bearer', token: 'x' }, headers: { Authorization: 'y' } },
      'auth: stands beside headers.Authorization; give one of them',
    ],
    [{ port: 80 }, 'port: belongs to endpoints of type tcp, tls, grpc; this one is http'],
  ])('%j is refused', (conditions, problem) => {
    const [first] = endpointProblems({ path: '/a', ...conditions });
    expect(first).toBe(problem);
  });

  test('a pattern that is none is refused with what is wrong', () => {
    expect(endpointProblems({ path: '/a', body_matches: '(a' })[0]).toMatch(/^body_matches/);
    expect(endpointProblems({ path: '/a', body_matches: '(?=a)' })[0]).toMatch(/^body_matches/);
  });
});
