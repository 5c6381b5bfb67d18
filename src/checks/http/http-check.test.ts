import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpService, startHttpServer, startRawServer } from '../../../test/services/http-server.ts';
import { program } from '../../../test/services/process.ts';
import type { Check, CheckOutcome } from '../../model/check.ts';
import { systemClock } from '../../model/clock.ts';
import { type ApiMonitoringSettings, apiMonitoringSettings } from '../api-settings.ts';
import { checkContract } from '../check.contract.ts';
import { endpointChecks } from '../endpoint-checks.ts';

let server: HttpService;
beforeAll(async () => {
  server = await startHttpServer();
});
afterAll(() => server.stop());

type Given = NonNullable<Parameters<typeof apiMonitoringSettings.parse>[0]>;

function checksOf(given: Given): Check[] {
  return endpointChecks(apiMonitoringSettings.parse(given) as ApiMonitoringSettings, 60, systemClock);
}

function make(endpoint: Record<string, unknown>, section: Record<string, unknown> = {}): Check {
  const [check] = checksOf({ base_url: server.url, timeout_seconds: 2, ...section, endpoints: [endpoint] });
  return check!;
}

const run = (check: Check): Promise<CheckOutcome> => check.run(AbortSignal.timeout(check.info.timeoutMs));

checkContract('http', {
  healthy: () => make({ path: '/health?token=geheim-7', headers: { Authorization: 'Bearer geheim-8' } }),
  broken: () => {
    server.set('/broken', { status: 500, body: '{"password":"geheim-9"}' });
    return make({ path: '/broken' });
  },
  hanging: () => {
    server.set('/silent', { fault: 'silent' });
    return make({ path: '/silent', timeout_seconds: 0.5 });
  },
  secrets: ['geheim-7', 'geheim-8', 'geheim-9'],
});

describe('requests', () => {
  test('carry method, headers and JSON', async () => {
    const outcome = await run(
      make({ path: '/echo', method: 'post', data: { a: [1, 'ü'] }, headers: { 'X-Key': 'k' } }),
    );
    expect(outcome.status).toBe('ok');
    expect(server.requests.at(-1)).toMatchObject({
      method: 'POST',
      path: '/echo',
      body: '{"a":[1,"ü"]}',
      headers: { 'content-type': 'application/json', 'x-key': 'k', 'content-length': '14' },
    });
  });

  test('carry text as it is', async () => {
    await run(make({ path: '/echo', method: 'PUT', data: 'plain', headers: { 'Content-Type': 'text/csv' } }));
    expect(server.requests.at(-1)).toMatchObject({ body: 'plain', headers: { 'content-type': 'text/csv' } });
  });

  test('turn user and password of the URL into a header that is never shown', async () => {
    const check = make({ url: `${server.url.replace('//', '//probe:p%40ss@')}/auth` });
    const outcome = await run(check);
    expect(server.requests.at(-1)?.headers.authorization).toBe(`Basic ${Buffer.from('probe:p@ss').toString('base64')}`);
    expect(JSON.stringify({ outcome, info: check.info })).not.toMatch(/p@ss|p%40ss/);
  });

  test('keep the path of base_url', async () => {
    await run(make({ path: '/health' }, { base_url: `${server.url}/app/v2/` }));
    expect(server.requests.at(-1)?.path).toBe('/app/v2/health');
  });

  test('use a new connection each time', async () => {
    const ports = new Set<unknown>();
    server.set('/port', (request, response) => {
      ports.add(request.socket.remotePort);
      response.end('ok');
    });
    const check = make({ path: '/port' });
    for (let i = 0; i < 3; i++) await run(check);
    expect(ports.size).toBe(3);
  });
});

describe('verdicts', () => {
  test.each([
    [200, undefined, 'ok'],
    [207, undefined, 'ok'],
    [301, undefined, 'warning'],
    [404, undefined, 'warning'],
    [500, undefined, 'error'],
    [503, undefined, 'error'],
    [404, 404, 'ok'],
    [200, 404, 'error'],
    [204, '2xx', 'ok'],
    [302, [200, '300-399'], 'ok'],
    [401, [200, '300-399'], 'error'],
  ])('status %i with expected_status %j is %s', async (status, expected, verdict) => {
    server.set('/status', { status, body: '' });
    const outcome = await run(
      make({ path: '/status', ...(expected === undefined ? {} : { expected_status: expected }) }),
    );
    expect(outcome.status, outcome.reason).toBe(verdict);
    expect(outcome.seen.status_code).toBe(status);
  });

  test.each([
    [20, 'ok'],
    [130, 'warning'],
    [330, 'error'],
  ])('an answer after %i ms is %s with the thresholds 100 and 300', async (delayMs, verdict) => {
    server.set('/slow', { delayMs });
    const outcome = await run(
      make({ path: '/slow' }, { response_time_warning_threshold_ms: 100, response_time_error_threshold_ms: 300 }),
    );
    expect(outcome.status, outcome.reason).toBe(verdict);
  });

  test('a body that does not come complete is an error, unless nobody wants it', async () => {
    server.set('/short', { fault: 'short' });
    server.set('/trickle', { fault: 'trickle' });
    server.set('/endless', { fault: 'endless' });
    expect(await run(make({ path: '/short' }))).toMatchObject({
      status: 'error',
      reason: expect.stringContaining('cut off after 15 bytes'),
    });
    expect(await run(make({ path: '/trickle', timeout_seconds: 0.4 }))).toMatchObject({
      status: 'error',
      reason: expect.stringMatching(/while reading the body, of which \d+ bytes came/),
    });
    expect(await run(make({ path: '/endless', max_body_bytes: 100_000 }))).toMatchObject({
      status: 'error',
      reason: expect.stringContaining('the body goes on after 100000 bytes'),
    });
    for (const path of ['/trickle', '/endless']) {
      expect(await run(make({ path, read_body: false })), path).toMatchObject({
        status: 'ok',
        seen: { body: 'unread' },
      });
    }
  });

  test('a body whose length is announced above the limit is not read, and is no error', async () => {
    server.set('/large', { body: 'x'.repeat(50_000), headers: { 'content-length': '50000' } });
    expect(await run(make({ path: '/large', max_body_bytes: 10_000 }))).toMatchObject({
      status: 'ok',
      seen: { body: 'unread' },
    });
  });

  test('evidence of a failure is its excerpt without secrets', async () => {
    server.set('/fail', {
      status: 500,
      body: '{"error":"boom","api_key":"abcdef123456"}',
      headers: { 'retry-after': '120' },
    });
    const outcome = await run(make({ path: '/fail' }));
    expect(outcome.seen).toMatchObject({ excerpt: expect.stringContaining('boom'), headers: { 'retry-after': '120' } });
    expect(JSON.stringify(outcome)).not.toContain('abcdef123456');
  });

  test('a connection that is reset says so', async () => {
    server.set('/reset', { fault: 'reset' });
    expect((await run(make({ path: '/reset' }))).reason).toBe('the other side cut the connection before it answered');
  });

  test('phases are named in order and add up to about the duration', async () => {
    server.set('/phases', { delayMs: 60 });
    const { phases } = await run(make({ path: '/phases' }));
    expect(Object.keys(phases ?? {})).toEqual(['connect', 'first_byte', 'body']);
    expect(phases?.first_byte).toBeGreaterThan(55);
  });
});

describe('redirects', () => {
  test('are shown, not followed, by default', async () => {
    server.set('/moved', { status: 302, headers: { location: '/health?token=geheim-9-geheim' } });
    const outcome = await run(make({ path: '/moved' }));
    expect(outcome).toMatchObject({
      status: 'warning',
      seen: { status_code: 302, location: expect.stringContaining('/health') },
    });
    expect(JSON.stringify(outcome)).not.toContain('geheim');
  });

  test('are followed when asked for, and credentials stay with the first host', async () => {
    const other = await startHttpServer();
    server.set('/away', { status: 307, headers: { location: `${other.url}/there` } });
    const outcome = await run(
      make({ path: '/away', follow_redirects: true, headers: { authorization: 'Bearer secret-token' } }),
    );
    expect(outcome).toMatchObject({ status: 'ok', seen: { redirects: 1, final_url: `${other.url}/there` } });
    expect(other.requests[0]?.headers.authorization).toBeUndefined();
    await other.stop();
  });
});

describe('TLS', () => {
  let dir: string;
  let secure: HttpService;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'monitoring-test-tls-'));
    const files = ['-keyout', join(dir, 'key.pem'), '-out', join(dir, 'cert.pem')];
    execFileSync(
      program('openssl', '/usr/bin/openssl'),
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '5',
        '-subj',
        '/CN=demo',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
        ...files,
      ],
      { stdio: 'ignore' },
    );
    secure = await startHttpServer({
      key: readFileSync(join(dir, 'key.pem'), 'utf8'),
      cert: readFileSync(join(dir, 'cert.pem'), 'utf8'),
    });
  });
  afterAll(async () => {
    await secure.stop();
    rmSync(dir, { recursive: true });
  });

  test('a self-signed certificate is an error in words', async () => {
    expect(await run(make({ url: secure.url }))).toMatchObject({
      status: 'error',
      reason: 'the certificate is self-signed',
      seen: { stage: 'tls', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
  });

  test('without verification it is read, and a certificate that ends soon is a warning', async () => {
    const outcome = await run(make({ url: secure.url, verify_tls: false }));
    expect(outcome).toMatchObject({
      status: 'warning',
      reason: expect.stringContaining('the certificate expires in 4 days'),
      seen: { certificate: { subject: 'demo', days_left: 4 } },
    });
    expect(Object.keys(outcome.phases ?? {})).toEqual(['connect', 'tls', 'first_byte', 'body']);
  });
});

describe('settings', () => {
  test('an endpoint with a path and no base_url stays valid, and says what is missing', async () => {
    const [check] = checksOf({ endpoints: [{ path: '/health', method: 'GET', expected_status: 200 }] });
    expect(await run(check!)).toMatchObject({
      status: 'unknown',
      reason: expect.stringContaining('api_monitoring.base_url'),
    });
  });

  test('switched off means no checks', () => {
    expect(checksOf({ enabled: false, base_url: server.url, endpoints: [{ path: '/a' }] })).toEqual([]);
    expect(checksOf({ base_url: server.url, endpoints: [{ path: '/a', enabled: false }] })).toEqual([]);
  });

  test('ids come from the name, the path, or the URL', () => {
    const checks = checksOf({
      base_url: server.url,
      endpoints: [
        { path: '/a' },
        { path: '/a', method: 'POST' },
        { url: 'https://x.example:8443/b?c=1' },
        { path: '/d', name: 'orders' },
      ],
    });
    expect(checks.map((check) => check.info.id)).toEqual([
      'api:/a',
      'api:POST /a',
      'api:x.example:8443/b',
      'api:orders',
    ]);
  });
});

test('a peer that speaks no HTTP is an error in words', async () => {
  const raw = await startRawServer((socket) => socket.end('220 mail ESMTP\r\n'));
  expect((await run(make({ url: raw.url }))).reason).toBe('the answer is not HTTP');
  await raw.stop();
});
