import { createServer, type Server, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CertificateZoo, type KeyPair, makeCertificates } from '../../../test/services/certificates.ts';
import { type RawService, startRawServer } from '../../../test/services/http-server.ts';
import { checkContract } from '../check.contract.ts';
import { ask, endpointCheck, endpointProblems } from '../endpoint.contract.ts';

let zoo: CertificateZoo;
let silent: RawService;
const servers: Server[] = [];
beforeAll(async () => {
  zoo = makeCertificates();
  silent = await startRawServer(() => {});
});
afterAll(async () => {
  await silent.stop();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  zoo.remove();
});

async function serve(pair: KeyPair, more: object = {}): Promise<number> {
  const server = createServer({ ...pair, ...more }, (socket: TLSSocket) => socket.on('error', () => {}));
  server.on('tlsClientError', () => {});
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const place = server.address();
  return typeof place === 'object' && place ? place.port : 0;
}

const endpoint = (port: number, more: object = {}) => ({
  type: 'tls',
  host: '127.0.0.1',
  port,
  tls: { ca: zoo.ca },
  ...more,
});

checkContract('tls', {
  healthy: async () => endpointCheck(endpoint(await serve(zoo.good))),
  broken: async () => endpointCheck(endpoint(await serve(zoo.expired))),
  hanging: () => endpointCheck(endpoint(silent.port, { timeout_seconds: 0.4 })),
});

test('shows protocol, cipher, days left and the whole chain', async () => {
  const outcome = await ask(endpoint(await serve(zoo.good)));
  expect(outcome).toMatchObject({
    status: 'ok',
    reason: expect.stringMatching(/^TLSv1\.3, valid for 36[45] days$/),
    seen: { protocol: 'TLSv1.3', certificate_days_left: expect.any(Number) },
  });
  expect(outcome.seen.certificate_chain).toEqual([
    expect.stringMatching(
      /^good \(localhost, good\.example, 127\.0\.0\.1, .*\), issued by intermediate, .*EC prime256v1$/,
    ),
    expect.stringMatching(/^intermediate, issued by root/),
    expect.stringMatching(/^root, issued by root/),
  ]);
  expect(Object.keys(outcome.phases ?? {})).toEqual(['connect', 'tls']);
});

test.each([
  [
    'expired',
    'error',
    /^the certificate has expired \(the certificate is trusted for 127\.0\.0\.1\); the certificate expired 4 days ago/,
  ],
  ['notYetValid', 'error', /^the certificate is not valid yet/],
  ['wrongHost', 'error', /^the certificate is for another name: other\.example/],
  ['selfSigned', 'error', /^the certificate is self-signed/],
  [
    'chainMissing',
    'error',
    /^(the certificate cannot be verified: an intermediate certificate is missing|the issuer of the certificate is not trusted here)/,
  ],
  ['soon', 'warning', /^the certificate expires in 5 days/],
] as const)('a certificate that is %s is %s', async (name, status, reason) => {
  const outcome = await ask(endpoint(await serve(zoo[name])));
  expect(outcome.reason).toMatch(reason);
  expect(outcome.status).toBe(status);
  expect(outcome.seen.certificate_chain).toHaveLength((outcome.seen.certificate_chain as string[]).length || 1);
});

test('a weak key is a warning', async () => {
  // OpenSSL itself refuses such keys at its ordinary security level, on both sides.
  const port = await serve(zoo.weak, { ciphers: 'DEFAULT@SECLEVEL=0' });
  const outcome = await ask(endpoint(port, { verify_tls: false }));
  expect(`${outcome.status} ${outcome.reason}`).toMatch(
    /weak has RSA 1024|handshake failed|EE_KEY_TOO_SMALL|key too small/i,
  );
  expect(outcome.status).not.toBe('ok');
});

test('days left have two thresholds, for the endpoint or for all', async () => {
  const port = await serve(zoo.soon);
  expect((await ask(endpoint(port, { certificate_warning_days: 3 }))).status).toBe('ok');
  expect((await ask(endpoint(port, { certificate_error_days: 7 }))).status).toBe('error');
  expect((await ask(endpoint(port), { certificate_error_days: 7 })).status).toBe('error');
});

test('the name that is asked for may be another than the host', async () => {
  const port = await serve(zoo.good);
  expect((await ask(endpoint(port, { tls: { ca: zoo.ca, server_name: 'good.example' } }))).status).toBe('ok');
  expect((await ask(endpoint(port, { tls: { ca: zoo.ca, server_name: 'bad.example' } }))).reason).toContain(
    'for another name',
  );
});

test('the oldest protocol is asked for, and a server that cannot speak it fails', async () => {
  const port = await serve(zoo.good, { maxVersion: 'TLSv1.2' });
  expect((await ask(endpoint(port))).seen.protocol).toBe('TLSv1.2');
  const outcome = await ask(endpoint(port, { tls: { ca: zoo.ca, min_version: '1.3' } }));
  expect(outcome).toMatchObject({ status: 'error', reason: expect.stringContaining('the TLS handshake failed') });
});

test('files that do not fit together are refused at the start', () => {
  expect(endpointProblems({ type: 'tls', host: 'a', tls: { cert: zoo.client.cert } })).toEqual([
    'tls: cert and key belong together; give both or none',
  ]);
  expect(endpointProblems({ type: 'tls', host: 'a', tls: { cert: zoo.client.cert, key: zoo.good.key } })[0]).toMatch(
    /^tls: these certificates cannot be used together: /,
  );
  expect(endpointProblems({ type: 'tls', host: 'a', tls: { ca: 'nonsense' } })[0]).toContain('as PEM text');
});
