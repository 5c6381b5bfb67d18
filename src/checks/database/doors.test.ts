import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CertificateZoo, makeCertificates } from '../../../test/services/certificates.ts';
import { type Postgres, startPostgres } from '../../../test/services/postgres.ts';
import { makeCheck, runOnceAndClose } from './database-check.contract.ts';
import { type PlaceFields, placeOfFields, type TlsChoice } from './place.ts';

// The ways into a server: sockets, addresses, TLS. PostgreSQL stands for all, because its driver leaves the least to us.
let zoo: CertificateZoo;
let server: Postgres;
beforeAll(async () => {
  zoo = makeCertificates();
  server = await startPostgres({ tls: zoo.good });
}, 60_000);
afterAll(async () => {
  await server.stop();
  zoo.remove();
});

const tls = (more: Partial<TlsChoice> = {}): TlsChoice => ({
  enabled: true,
  verify: true,
  ca: undefined,
  cert: undefined,
  key: undefined,
  serverName: undefined,
  ...more,
});
const ask = (fields: Partial<PlaceFields>, choice?: TlsChoice) =>
  runOnceAndClose(
    makeCheck(
      placeOfFields(
        {
          type: 'postgres',
          host: '127.0.0.1',
          port: server.port,
          user: 'monitor',
          password: 's3cret-pw',
          database: 'postgres',
          ...fields,
        },
        choice,
      ),
    ),
  );

test('fields lead to the server as a URL does', async () => {
  expect(await ask({})).toMatchObject({ status: 'ok' });
});

test('a Unix socket is connected to without a name to look up', async () => {
  const outcome = await ask({ host: server.socketFolder });
  expect(outcome).toMatchObject({ status: 'ok' });
  expect(Object.keys(outcome.phases ?? {})).toEqual(['event_loop', 'connect', 'login', 'query', 'facts']);
});

test('a name is looked up, and that takes its own time', async () => {
  expect(Object.keys((await ask({ host: 'localhost' })).phases ?? {}).slice(0, 3)).toEqual([
    'event_loop',
    'dns',
    'connect',
  ]);
});

test('an IPv6 address is tried as one', async () => {
  expect((await ask({ host: '::1', port: 1 })).reason).toMatch(/\[::1\]:1/);
});

describe('TLS', () => {
  test('with a certificate of the authority that is given is a phase of its own', async () => {
    const outcome = await ask({ host: 'localhost' }, tls({ ca: zoo.ca }));
    expect(outcome).toMatchObject({ status: 'ok' });
    expect(Object.keys(outcome.phases ?? {})).toEqual([
      'event_loop',
      'dns',
      'connect',
      'tls',
      'login',
      'query',
      'facts',
    ]);
  });

  test('reads the authority from a file too', async () => {
    expect(await ask({}, tls({ ca: zoo.caFile }))).toMatchObject({ status: 'ok' });
  });

  test('with an authority that nobody knows is refused, unless nobody asks', async () => {
    expect(await ask({}, tls())).toMatchObject({ status: 'error', seen: { failure: 'tls' } });
    expect(await ask({}, tls({ verify: false }))).toMatchObject({ status: 'ok' });
  });

  test('with a certificate for another name is refused', async () => {
    expect(await ask({ host: 'localhost' }, tls({ ca: zoo.ca, serverName: 'db.example' }))).toMatchObject({
      status: 'error',
      reason: expect.stringContaining('the certificate is for another name'),
      seen: { failure: 'tls' },
    });
  });

  test('with a certificate file that is not there is nobody’s failure but ours', async () => {
    expect(await ask({}, tls({ ca: '/nowhere/ca.pem' }))).toMatchObject({
      status: 'unknown',
      reason: expect.stringContaining('The certificate file /nowhere/ca.pem cannot be read.'),
    });
  });
});
