import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRawServer } from '../../../test/services/http-server.ts';
import { startMariadb } from '../../../test/services/mariadb.ts';
import type { Service } from '../../../test/services/process.ts';
import { checkContract } from '../check.contract.ts';
import { makeCheck, runOnceAndClose } from './database-check.contract.ts';

let server: Service;
beforeAll(async () => {
  server = await startMariadb();
}, 120_000);
afterAll(() => server.stop());

const make = (url: string, query?: string, timeoutMs = 4000) => makeCheck(url, { query, timeoutMs });
const once = runOnceAndClose;

checkContract('mysql', {
  healthy: () => make(server.url),
  broken: () => make(server.url.replace('s3cret-pw', 'wrong-pw')),
  hanging: async () => {
    const silent = await startRawServer(() => {});
    const check = make(`mysql://monitor:s3cret-pw@127.0.0.1:${silent.port}/app`, undefined, 500);
    return { ...check, close: () => silent.stop() };
  },
  secrets: ['s3cret-pw', 'wrong-pw'],
});

describe('a MariaDB server', () => {
  test('is seen with version, connections and phases', async () => {
    const outcome = await once(make(server.url.replace('mysql:', 'mariadb:')));
    expect(outcome.seen).toMatchObject({
      server: expect.stringMatching(/^MariaDB \d/),
      connections_used: expect.any(Number),
      connections_max: expect.any(Number),
      read_only: false,
    });
    expect(Object.keys(outcome.phases ?? {})).toEqual(['event_loop', 'connect', 'login', 'query', 'facts']);
  });

  test.each([
    [
      'a wrong password',
      (url: string) => url.replace('s3cret-pw', 'nope'),
      undefined,
      'login refused: Access denied for user',
    ],
    ['a database that is not there', (url: string) => url.replace('/app', '/missing'), undefined, 'login refused: '],
    ['a query that is wrong', (url: string) => url, 'SELECT * FROM nothing', 'the server says: Table'],
    ['a port where nobody listens', () => 'mysql://u:p@127.0.0.1:1/x', undefined, 'connection refused'],
  ])('%s is an error in words', async (_, url, query, words) => {
    expect(await once(make(url(server.url), query))).toMatchObject({
      status: 'error',
      reason: expect.stringContaining(words),
    });
  });

  test('cancels a query of ours that takes too long', async () => {
    const outcome = await once(make(server.url, 'SELECT SLEEP(5) FROM information_schema.TABLES', 600));
    expect(outcome).toMatchObject({
      status: 'error',
      reason: expect.stringMatching(/cancelled the query|waiting for the answer to the query/),
    });
  });

  test('that dies is seen, over the kept connection too', async () => {
    const doomed = await startMariadb();
    const check = make(doomed.url);
    expect((await check.run(AbortSignal.timeout(2000))).status).toBe('ok');
    await doomed.kill();
    const outcome = await check.run(AbortSignal.timeout(2000));
    await check.close?.();
    await doomed.stop();
    expect(outcome).toMatchObject({ status: 'error', reason: expect.stringContaining('connection refused') });
  }, 120_000);
});
