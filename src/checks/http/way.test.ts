import { createServer } from 'node:https';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CertificateZoo, makeCertificates } from '../../../test/services/certificates.ts';
import { type HttpProxy, startHttpProxy } from '../../../test/services/http-proxy.ts';
import { type HttpService, startHttpServer } from '../../../test/services/http-server.ts';
import { ask } from '../endpoint.contract.ts';
import { createGuard } from '../network/guard.ts';

let zoo: CertificateZoo;
let plain: HttpService;
let secure: HttpService;
let proxy: HttpProxy;
beforeAll(async () => {
  zoo = makeCertificates();
  [plain, secure] = await Promise.all([startHttpServer(), startHttpServer(zoo.good)]);
  proxy = await startHttpProxy({ 'good.example:443': secure.port, 'shop.example': plain.port });
});
afterAll(async () => {
  await Promise.all([plain.stop(), secure.stop(), proxy.stop()]);
  zoo.remove();
});
beforeEach(() => {
  proxy.fault = 'none';
  proxy.asked.length = 0;
});

const via = () => ({ proxy: `http://watch:p%40ss@127.0.0.1:${proxy.port}` });
const credentials = `Basic ${Buffer.from('watch:p@ss').toString('base64')}`;

describe('data and credentials', () => {
  test.each([
    [{ data: { a: 'x y', b: [1, 2] }, data_type: 'form' }, 'application/x-www-form-urlencoded', 'a=x+y&b=1&b=2'],
    [{ data: 'text', data_type: 'json' }, 'application/json', '"text"'],
    [{ data: '<a/>', data_type: 'raw' }, 'text/plain; charset=utf-8', '<a/>'],
  ])('%j', async (given, type, body) => {
    await ask({ url: plain.url, method: 'POST', ...given });
    expect(plain.requests.at(-1)).toMatchObject({ body, headers: { 'content-type': type } });
  });

  test('basic and bearer are sent, and never shown', async () => {
    const outcomes = [
      await ask({ url: plain.url, auth: { type: 'basic', username: 'watch', password: 'geheim-5' } }),
      await ask({ url: plain.url, auth: { type: 'bearer', token: 'geheim-6' } }),
    ];
    expect(plain.requests.slice(-2).map((one) => one.headers.authorization)).toEqual([
      `Basic ${Buffer.from('watch:geheim-5').toString('base64')}`,
      'Bearer geheim-6',
    ]);
    expect(JSON.stringify(outcomes)).not.toMatch(/geheim/);
  });
});

describe('TLS', () => {
  test('a CA of one’s own is trusted for this endpoint alone', async () => {
    expect((await ask({ url: secure.url, tls: { ca: zoo.ca } })).status).toBe('ok');
    expect((await ask({ url: secure.url })).status).toBe('error');
  });

  test('a client certificate is shown to the server that asks for it, and to nobody a redirect leads to', async () => {
    const names: (string | undefined)[] = [];
    const strict = createServer(
      { ...zoo.good, ca: zoo.ca, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        const certificate = (request.socket as import('node:tls').TLSSocket).getPeerCertificate();
        names.push(certificate?.subject?.CN as string | undefined);
        response.writeHead(302, { location: `https://localhost:${port}/other` }).end();
      },
    );
    await new Promise<void>((resolve) => strict.listen(0, '127.0.0.1', resolve));
    const { port } = strict.address() as import('node:net').AddressInfo;
    const { cert, key } = zoo.client;
    await ask({
      url: `https://127.0.0.1:${port}/`,
      tls: { ca: zoo.ca, cert, key },
      follow_redirects: 1,
      ip_version: 4,
      expected_status: 302,
    });
    expect(names).toEqual(['client', undefined]);
    strict.closeAllConnections();
    await new Promise((resolve) => strict.close(resolve));
  });

  test('nothing is sent to a server that is not trusted', async () => {
    const got: string[] = [];
    const liar = createServer(zoo.expired, (request, response) => {
      got.push(request.headers.authorization ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
    const { port } = liar.address() as import('node:net').AddressInfo;
    const outcome = await ask({
      url: `https://127.0.0.1:${port}/`,
      tls: { ca: zoo.ca },
      auth: { type: 'bearer', token: 'secret-token' },
    });
    expect(outcome).toMatchObject({
      status: 'error',
      reason: 'the certificate has expired',
      seen: {
        stage: 'tls',
        certificate_chain: [expect.stringContaining('expired'), expect.any(String), expect.any(String)],
      },
    });
    expect(got).toEqual([]);
    liar.closeAllConnections();
    await new Promise((resolve) => liar.close(resolve));
  });

  test('connect_to asks another machine under the name of the URL', async () => {
    const outcome = await ask({
      url: 'https://good.example/health?x=1',
      connect_to: `127.0.0.1:${secure.port}`,
      tls: { ca: zoo.ca },
    });
    expect(outcome).toMatchObject({ status: 'ok', seen: { address: '127.0.0.1' } });
    expect(secure.requests.at(-1)).toMatchObject({ path: '/health?x=1', headers: { host: 'good.example' } });
  });
});

describe('a proxy', () => {
  test('carries http with the whole address, and its credentials stay with it', async () => {
    const outcome = await ask({ url: 'http://shop.example/health', ...via() });
    expect(outcome.status, outcome.reason).toBe('ok');
    expect(proxy.asked).toEqual([{ what: 'GET http://shop.example/health', authorization: credentials }]);
    expect(plain.requests.at(-1)?.headers['proxy-authorization']).toBeUndefined();
    expect(JSON.stringify(outcome)).not.toMatch(/p@ss|p%40ss/);
  });

  test('makes a tunnel for https, and every phase is measured', async () => {
    const outcome = await ask({ url: 'https://good.example/health', ...via(), tls: { ca: zoo.ca } });
    expect(outcome.status, outcome.reason).toBe('ok');
    expect(proxy.asked).toEqual([{ what: 'CONNECT good.example:443', authorization: credentials }]);
    expect(Object.keys(outcome.phases ?? {})).toEqual(['connect', 'proxy', 'tls', 'first_byte', 'body']);
    expect(outcome.seen.certificate).toMatchObject({ subject: 'good' });
  });

  test.each([
    ['refuse', 'the proxy refused to connect: 403 Forbidden'],
    ['silent', 'no complete answer within 400 ms while waiting for the proxy to connect'],
    ['endless', 'the proxy answers without end'],
  ] as const)('that is to %s is an error in words', async (fault, reason) => {
    proxy.fault = fault;
    const outcome = await ask({ url: 'https://good.example/', ...via(), timeout_seconds: 0.4 });
    expect(outcome).toMatchObject({ status: 'error', reason });
  });

  test('that is not there is an error of the connection', async () => {
    expect((await ask({ url: 'https://good.example/', proxy: 'http://127.0.0.1:9' })).reason).toContain('127.0.0.1:9');
  });
});

describe('when private targets are forbidden', () => {
  const guard = createGuard();
  const forbidden = /and server\.forbid_private_targets forbids those$/;

  test.each([
    'http://127.0.0.1:PORT/',
    'http://localhost:PORT/',
    'http://[::1]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f.1:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://127.1:PORT/',
    'http://0:PORT/',
  ])('%s is not asked', async (url) => {
    const before = plain.requests.length;
    const outcome = await ask({ url: url.replace('PORT', String(plain.port)) }, {}, guard);
    expect(outcome).toMatchObject({ status: 'error', reason: expect.stringMatching(forbidden) });
    expect(plain.requests).toHaveLength(before);
  });

  /** Lets this machine's own address pass as a public one, so that a first hop is possible in a test. */
  const lenient = createGuard(undefined, (address) => (address === '127.0.0.1' ? undefined : 'private'));

  test('no redirect leads to one', async () => {
    plain.set('/away', { status: 302, headers: { location: 'http://169.254.169.254/latest/meta-data' } });
    const outcome = await ask({ url: `${plain.url}/away`, follow_redirects: true }, {}, lenient);
    expect(outcome).toMatchObject({
      status: 'error',
      reason: expect.stringMatching(/^169\.254\.169\.254 is a private address/),
    });
  });

  test('a name that changes its answer gains nothing: the address that was judged is connected to', async () => {
    const answers = ['127.0.0.2', '127.0.0.1'];
    let asked = 0;
    const rebinding = createGuard(
      ((_: string, __: unknown, callback: (error: null, found: object[]) => void) => {
        callback(null, [{ address: answers[Math.min(asked++, 1)]!, family: 4 }]);
      }) as never,
      // Here 127.0.0.2, where nobody listens, plays the public address.
      (address) => (address === '127.0.0.2' ? undefined : 'private'),
    );
    const given = { url: `http://shop.example:${plain.port}/` };
    const before = plain.requests.length;
    expect((await ask(given, {}, rebinding)).reason).toContain(`connection refused: nobody listens there (127.0.0.2:`);
    expect(asked).toBe(1);
    expect((await ask(given, {}, rebinding)).reason).toMatch(forbidden);
    expect(plain.requests).toHaveLength(before);
  });

  test('a proxy is judged itself, and is only asked for addresses that were judged', async () => {
    const names: string[] = [];
    const dns = createGuard(
      ((name: string, _: unknown, callback: (error: null, found: object[]) => void) => {
        names.push(name);
        callback(null, [{ address: name === 'inner.example' ? '10.0.0.1' : '8.8.8.8', family: 4 }]);
      }) as never,
      (address) => (address.startsWith('10.') ? 'private' : undefined),
    );
    expect((await ask({ url: 'http://8.8.8.8/', ...via() }, {}, guard)).reason).toMatch(/^127\.0\.0\.1 is a loopback/);
    expect((await ask({ url: 'http://inner.example/', ...via() }, {}, dns)).reason).toMatch(
      /^inner\.example \(10\.0\.0\.1\) is a private/,
    );
    expect(proxy.asked).toEqual([]);
    await ask({ url: 'https://shop.example/', ...via(), timeout_seconds: 0.3 }, {}, dns);
    expect(proxy.asked.map((one) => one.what)).toEqual(['CONNECT 8.8.8.8:443']);
    expect(names).toEqual(['inner.example', 'shop.example']);
  });

  test('connect_to and the other kinds of checks are judged the same', async () => {
    const port = plain.port;
    for (const endpoint of [
      { url: 'http://good.example/', connect_to: `127.0.0.1:${port}` },
      { url: 'http://good.example/', connect_to: `localhost:${port}` },
      { type: 'tcp', host: 'localhost', port },
      { type: 'tcp', host: '2130706433', port },
      { type: 'tls', host: '::1', port },
      { type: 'grpc', host: '127.0.0.1', port },
    ]) {
      const outcome = await ask(endpoint, {}, guard);
      expect(outcome.reason, JSON.stringify(endpoint)).toMatch(forbidden);
    }
  });
});

test('the evidence of a wrong answer is its head and the beginning of its body, bounded and without secrets', async () => {
  plain.set('/wrong', {
    status: 503,
    headers: { 'x-powered-by': 'demo', 'set-cookie': 'sid=geheim-1', 'x-long': 'y'.repeat(5000) },
    body: 'upstream is down; token=geheim-2',
  });
  const outcome = await ask({ url: `${plain.url}/wrong` });
  expect(outcome.seen.head).toMatch(/^HTTP\/1\.1 503 Service Unavailable\n/);
  expect(outcome.seen.head).toMatch(/x-powered-by: demo\nset-cookie: \[masked\]\n/);
  expect(String(outcome.seen.head).length).toBeLessThan(1200);
  expect(outcome.seen.excerpt).toBe('upstream is down; token=[masked]');
  expect(JSON.stringify(outcome)).not.toMatch(/geheim/);
  expect((await ask({ url: `${plain.url}/right` })).seen.head).toBeUndefined();
});

test('ip_version chooses the address of a name that has several', async () => {
  expect((await ask({ url: `http://localhost:${plain.port}/`, ip_version: 4 })).seen.address).toBe('127.0.0.1');
  // The server listens on 127.0.0.1 alone.
  expect((await ask({ url: `http://localhost:${plain.port}/`, ip_version: 6 })).status).toBe('error');
});
