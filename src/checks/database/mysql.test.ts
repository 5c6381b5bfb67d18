import mysql2 from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRawServer } from '../../../test/services/http-server.ts';
import { startMariadb } from '../../../test/services/mariadb.ts';
import { checkContract } from '../check.contract.ts';
import { makeCheck, runCheck, runOnceAndClose } from './database-check.contract.ts';
import type { BlockedSession, StatementUse } from './kind.ts';
import { placeOfFields } from './place.ts';

let server: Awaited<ReturnType<typeof startMariadb>>;
beforeAll(async () => {
  server = await startMariadb({ flags: ['--performance-schema=ON'] });
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

  test('says who blocks whom, and shows no value', async () => {
    server.sql(
      "CREATE TABLE app.molecule (id INT PRIMARY KEY, name TEXT) ENGINE=InnoDB; INSERT INTO app.molecule VALUES (1, 'a')",
    );
    const [holder, waiter] = [await mysql2.createConnection(server.url), await mysql2.createConnection(server.url)];
    await holder.query('BEGIN');
    await holder.query("UPDATE molecule SET name = 'secret-name' WHERE id = 1");
    const waiting = waiter.query("UPDATE molecule SET name = 'secret-name' WHERE id = 1");
    const check = make(server.url);
    // InnoDB shows its lock waits from a copy that it renews only when nobody has looked at it for a tenth of a second.
    await expect
      .poll(async () => ((await runCheck(check)).seen['blocking'] as BlockedSession[] | undefined)?.length, {
        timeout: 10_000,
        interval: 300,
      })
      .toBe(2);
    const outcome = await runCheck(check);
    const [root, leaf] = outcome.seen['blocking'] as BlockedSession[];
    expect(root).toMatchObject({ pid: holder.threadId, state: 'idle in transaction', blocked_by: [] });
    expect(leaf).toMatchObject({
      pid: waiter.threadId,
      blocked_by: [holder.threadId],
      statement: 'UPDATE molecule SET name = ? WHERE id = ?',
    });
    expect(outcome.seen).toMatchObject({ sessions_blocked: 1, connections_idle_in_transaction: 1 });
    expect(JSON.stringify(outcome)).not.toContain('secret-name');
    await holder.query('ROLLBACK');
    await waiting;
    await Promise.all([holder.end(), waiter.end(), check.close?.()]);
  });

  test('tells what statements cost since the last pass', async () => {
    server.sql("GRANT SELECT ON performance_schema.* TO monitor@'%'");
    const check = make(server.url);
    await runCheck(check);
    const app = await mysql2.createConnection(server.url);
    for (let i = 0; i < 3; i++) await app.query(`SELECT SLEEP(0.02), 'secret-name', ${i}`);
    await app.end();
    const { list } = (await runCheck(check)).seen['statements'] as { list: StatementUse[] };
    await check.close?.();
    expect(list[0]).toMatchObject({ calls: 3, statement: expect.stringMatching(/^SELECT `?SLEEP/) });
    expect(list[0]!.mean_ms).toBeGreaterThan(15);
    expect(JSON.stringify(list)).not.toContain('secret-name');
  });

  test('is reached over its Unix socket', async () => {
    const place = placeOfFields({
      type: 'mariadb',
      host: server.socket,
      user: 'monitor',
      password: 's3cret-pw',
      database: 'app',
    });
    expect(await once(makeCheck(place))).toMatchObject({ status: 'ok' });
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
