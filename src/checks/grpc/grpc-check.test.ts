import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CertificateZoo, makeCertificates } from '../../../test/services/certificates.ts';
import { type GrpcService, startGrpcServer } from '../../../test/services/grpc-server.ts';
import { checkContract } from '../check.contract.ts';
import { ask, endpointCheck } from '../endpoint.contract.ts';
import { healthRequest, healthStatus } from './health-message.ts';

let server: GrpcService;
let secure: GrpcService;
let zoo: CertificateZoo;
beforeAll(async () => {
  zoo = makeCertificates();
  server = await startGrpcServer();
  secure = await startGrpcServer(zoo.good);
  server.health.set('shop.v1.Orders', 1).set('shop.v1.Broken', 2);
});
afterAll(async () => {
  await Promise.all([server.stop(), secure.stop()]);
  zoo.remove();
});
beforeEach(() => {
  server.fault = 'none';
});

const grpc = (more: object = {}) => ({ type: 'grpc', host: '127.0.0.1', port: server.port, ...more });

checkContract('grpc', {
  healthy: () => endpointCheck(grpc({ service: 'shop.v1.Orders' })),
  broken: () => endpointCheck(grpc({ service: 'shop.v1.Broken' })),
  hanging: () => {
    server.fault = 'silent';
    return endpointCheck(grpc({ timeout_seconds: 0.4 }));
  },
});

test('asks for the server as a whole, or a service', async () => {
  expect(await ask(grpc())).toMatchObject({
    status: 'ok',
    seen: { health: 'SERVING', grpc_status: 0, http_status: 200 },
  });
  expect(await ask(grpc({ service: 'shop.v1.Broken' }))).toMatchObject({
    status: 'error',
    reason: 'NOT_SERVING (the health is SERVING)',
  });
  expect((await ask(grpc({ service: 'shop.v1.Nobody' }))).reason).toBe(
    'NOT_FOUND: the service is not known there (no such thing) (the health is SERVING)',
  );
});

test('speaks TLS and verifies the certificate', async () => {
  const given = { type: 'grpc', host: 'localhost', port: secure.port, secure: true };
  expect(await ask({ ...given, ip_version: 4, tls: { ca: zoo.ca } })).toMatchObject({ status: 'ok' });
  expect(await ask({ ...given, ip_version: 4 })).toMatchObject({
    status: 'error',
    reason: expect.stringContaining('not trusted'),
    seen: { certificate_chain: expect.arrayContaining([expect.stringContaining('issued by intermediate')]) },
  });
});

test.each([
  ['unimplemented', /^UNIMPLEMENTED: there is no health service/],
  ['compressed', /^the answer is compressed/],
  ['short', /^the answer is shorter than it says/],
  ['endless', /^the answer goes on after 16384 bytes/],
  ['plain-http', /^the answer has HTTP status 404/],
  ['headers', /./],
] as const)('an answer that is %s is an error in words', async (fault, reason) => {
  server.fault = fault;
  const outcome = await ask(grpc({ timeout_seconds: 1 }));
  expect(outcome.status).toBe('error');
  expect(outcome.reason).toMatch(reason);
});

describe('messages', () => {
  test('a request is what protobuf makes of it', () => {
    expect(healthRequest('').toString('hex')).toBe('0000000000');
    expect(healthRequest('ab').toString('hex')).toBe('00000000040a026162');
    expect(healthRequest('x'.repeat(200)).subarray(0, 8).toString('hex')).toBe('00000000cb0ac801');
  });

  test('a response is read with fields nobody knows, and nothing that arrives throws anything but words', () => {
    expect(healthStatus(Buffer.from('00000000020801', 'hex'))).toBe('SERVING');
    expect(healthStatus(Buffer.from('0000000000', 'hex'))).toBe('UNKNOWN');
    expect(healthStatus(Buffer.from('000000000712036162630802', 'hex'))).toBe('NOT_SERVING');
    expect(healthStatus(Buffer.from('00000000020809', 'hex'))).toBe('status 9');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          expect(healthStatus(Buffer.from(bytes))).toBeTypeOf('string');
        } catch (error) {
          expect((error as Error).message).toMatch(/^the answer /);
        }
      }),
    );
  });
});
