import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Postgres, startPostgres } from '../../../test/services/postgres.ts';
import type { Check, CheckOutcome } from '../../model/check.ts';
import { type CheckWish, makeCheck, runCheck } from './database-check.contract.ts';
import type { BlockedSession, ServerSession, StatementUse } from './kind.ts';

let server: Postgres;
let clients: pg.Client[] = [];
const checks: Check[] = [];

beforeAll(async () => {
  server = await startPostgres({
    settings: { shared_preload_libraries: 'pg_stat_statements', deadlock_timeout: '100ms' },
  });
  await server.query(`
    CREATE EXTENSION pg_stat_statements;
    CREATE ROLE clerk LOGIN PASSWORD 'clerk-pw'; CREATE ROLE nobody LOGIN PASSWORD 'nobody-pw';
    CREATE TABLE molecule (id int PRIMARY KEY, name text); INSERT INTO molecule VALUES (1, 'glycerol'), (2, 'trehalose');
    GRANT ALL ON molecule TO clerk; GRANT SELECT ON molecule TO monitor`);
}, 60_000);
afterEach(async () => {
  for (const check of checks.splice(0)) await check.close?.();
  for (const client of clients) await client.end().catch(() => {});
  clients = [];
});
afterAll(() => server.stop());

function make(wish: CheckWish = {}, url = server.url): Check {
  const check = makeCheck(url, wish);
  checks.push(check);
  return check;
}

/** A session of the application, open until the end of the test. */
async function connect(name = 'shop'): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: server.url.replace('monitor:s3cret-pw', 'clerk:clerk-pw'),
    application_name: name,
  });
  client.on('error', () => {});
  await client.connect();
  clients.push(client);
  return client;
}

/** Waits until the server has so many sessions that wait for a lock. */
const untilWaiting = (count: number) =>
  expect
    .poll(
      async () =>
        (await server.query(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'`))[0]?.[
          'n'
        ],
    )
    .toBe(count);

test('says who blocks whom, down to the one who holds everybody up, and shows no value', async () => {
  const [root, middle, leaf] = [await connect('importer'), await connect('web'), await connect('report')];
  await root.query('BEGIN');
  await root.query(`UPDATE molecule SET name = 'secret-name' WHERE id = 1`);
  await middle.query('BEGIN');
  await middle.query(`UPDATE molecule SET name = 'm' WHERE id = 2`);
  const waiting = [
    middle.query(`UPDATE molecule SET name = 'secret-name' WHERE id = 1`),
    leaf.query(`UPDATE molecule SET name = 'l' WHERE id = 2`),
  ];
  await untilWaiting(2);
  const outcome = await runCheck(make({ thresholds: { blocked_seconds: { warning: 0.001, error: null } } }));
  const tree = outcome.seen['blocking'] as BlockedSession[];
  const find = (application: string) => tree.find((one) => one.who.includes(application))!;
  expect(find('importer')).toMatchObject({ who: 'clerk (importer)', state: 'idle in transaction', blocked_by: [] });
  expect(find('web').blocked_by).toEqual([find('importer').pid]);
  expect(find('report').blocked_by).toEqual([find('web').pid]);
  expect(find('web').statement).toBe('UPDATE molecule SET name = ? WHERE id = ?');
  expect(outcome).toMatchObject({
    status: 'warning',
    reason: expect.stringMatching(/a session waits for another’s lock for \d+ ms/),
    seen: { sessions_blocked: 2, connections_idle_in_transaction: 1 },
  });
  expect(JSON.stringify(outcome)).not.toContain('secret-name');
  await root.query('ROLLBACK');
  await waiting[0];
  await middle.query('ROLLBACK');
  await Promise.all(waiting);
});

test('a transaction that does nothing is a warning, and an alert of severity error when it lasts', async () => {
  const idle = await connect();
  await idle.query('BEGIN');
  await idle.query('SELECT 1');
  const outcome = await runCheck(
    make({ thresholds: { idle_in_transaction_seconds: { warning: 0.001, error: 0.002 } } }),
  );
  expect(outcome).toMatchObject({
    status: 'warning',
    reason: expect.stringMatching(/a session sits idle in a transaction for/),
  });
  expect(outcome.conditions?.find((one) => one.id === 'idle-in-transaction')).toMatchObject({
    met: false,
    severity: 'error',
  });
  expect((outcome.seen['activity'] as ServerSession[])[0]).toMatchObject({
    who: 'clerk (shop)',
    state: 'idle in transaction',
  });
});

test('deadlocks are counted from pass to pass', async () => {
  const check = make();
  await runCheck(check);
  const [a, b] = [await connect(), await connect()];
  await a.query('BEGIN');
  await b.query('BEGIN');
  await a.query('UPDATE molecule SET name = name WHERE id = 1');
  await b.query('UPDATE molecule SET name = name WHERE id = 2');
  const outcomes = await Promise.allSettled([
    a.query('UPDATE molecule SET name = name WHERE id = 2'),
    b.query('UPDATE molecule SET name = name WHERE id = 1'),
  ]);
  expect(outcomes.filter((one) => one.status === 'rejected')).toHaveLength(1);
  // A session publishes its counters at the latest when it ends.
  await Promise.all([a.end(), b.end()]);
  let outcome: CheckOutcome | undefined;
  await expect
    .poll(
      async () => {
        outcome = await runCheck(check);
        return outcome.seen['deadlocks_since_last_pass'];
      },
      { timeout: 10_000 },
    )
    .toBe(1);
  expect(outcome).toMatchObject({ status: 'warning', reason: '1 deadlock' });
  expect((await runCheck(check)).status).toBe('ok');
});

test('statements are told by what they cost since the last pass, without their values', async () => {
  const check = make();
  const app = await connect();
  await app.query('SELECT 42 AS before_the_window');
  for (let pass = 0; pass < 2; pass++) await runCheck(check);
  const statements = async () => {
    for (let i = 0; i < 5; i++) await app.query(`SELECT pg_sleep(0.01), 'secret-name' AS in_the_window, ${i}`);
    const { list, window_seconds } = (await runCheck(check)).seen['statements'] as {
      window_seconds: number;
      list: StatementUse[];
    };
    expect(window_seconds).toBeGreaterThan(0.05);
    expect(list.some((one) => one.statement.includes('before_the_window'))).toBe(false);
    return list[0];
  };
  expect(await statements()).toMatchObject({
    calls: 5,
    statement: expect.stringContaining('comes with the next pass'),
  });
  const top = await statements();
  expect(top).toMatchObject({ calls: 5, statement: 'SELECT pg_sleep(?), ? AS in_the_window, ?' });
  expect(top?.mean_ms).toBeGreaterThan(10);
});

test('a user without rights sees less, is told what to grant, and the check stays ok', async () => {
  const idle = await connect();
  await idle.query('BEGIN');
  await idle.query('SELECT 1');
  const outcome = await runCheck(make({}, server.url.replace('monitor:s3cret-pw', 'nobody:nobody-pw')));
  expect(outcome).toMatchObject({
    status: 'ok',
    seen: { rights: expect.stringContaining('GRANT pg_monitor'), connections_used: expect.any(Number) },
  });
});

test('statistics are asked for at their own pace, and tell what they cost', async () => {
  const check = make({ factsEveryMs: 60_000 });
  const outcomes: CheckOutcome[] = [];
  for (let run = 0; run < 4; run++) outcomes.push(await runCheck(check));
  expect(outcomes.map((one) => 'facts' in (one.phases ?? {}))).toEqual([true, false, false, false]);
  // What was said last is shown until something newer is known, and stored only once.
  expect(outcomes[3]?.seen).toMatchObject({ role: 'primary', own_cost: { statements: 5, connections: 1 } });
  expect(outcomes.map((one) => one.samples?.length ?? 0).slice(1)).toEqual([0, 0, 0]);
  expect(outcomes[0]?.samples?.find((one) => one.name === 'database_monitor_statements_total')?.value).toBe(2);
});

test('in the moment of failure the traces are taken, over the connection that still lives', async () => {
  const check = make({ query: 'SELECT name FROM molecule', timeoutMs: 1500, factsEveryMs: 60_000 });
  expect((await runCheck(check)).status).toBe('ok');
  const migration = await connect('migration');
  await migration.query('BEGIN');
  await migration.query('LOCK TABLE molecule IN ACCESS EXCLUSIVE MODE');
  const failed = await runCheck(check);
  expect(failed).toMatchObject({
    status: 'error',
    seen: {
      failure: 'timeout',
      evidence: {
        status: 'error',
        observed: {
          activity: [{ who: 'clerk (migration)', statement: 'LOCK TABLE molecule IN ACCESS EXCLUSIVE MODE' }],
        },
        before: { figures: { sessions_blocked: 0 } },
      },
    },
  });
  await migration.query('ROLLBACK');
  const { evidence } = (await runCheck(check)).seen as { evidence: { recovered_at?: number } };
  expect(evidence.recovered_at).toBeTypeOf('number');
  const restarted = make();
  restarted.recall?.(JSON.parse(JSON.stringify(check.memory?.())));
  expect((await runCheck(restarted)).seen['evidence']).toMatchObject({
    observed: { activity: [{ who: 'clerk (migration)' }] },
  });
});

test('when no connection is left, the kept one tells who has them all', async () => {
  const check = make({ freshEvery: 2, factsEveryMs: 60_000 });
  expect((await runCheck(check)).status).toBe('ok');
  await runCheck(check);
  for (let left = 26; left > 0; left--) await connect('greedy').catch(() => {});
  const crowd = clients.map((client) => client.query('SELECT pg_sleep(1)').catch(() => {}));
  const outcome = await runCheck(check);
  expect(outcome).toMatchObject({
    status: 'error',
    reason: expect.stringContaining('the server has no connection left'),
    seen: { failure: 'too-many-connections' },
  });
  const { observed } = outcome.seen['evidence'] as { observed: { activity: ServerSession[] } };
  expect(observed.activity.every((one) => one.who === 'clerk (greedy)')).toBe(true);
  await Promise.all(crowd);
});

test('a connection that must be writable and is not is an error', async () => {
  await server.query('ALTER ROLE monitor SET default_transaction_read_only = on');
  const readOnly = await runCheck(make({ expectWritable: true }));
  const ordinary = await runCheck(make());
  await server.query('ALTER ROLE monitor RESET default_transaction_read_only');
  expect(readOnly).toMatchObject({ status: 'error', seen: { failure: 'read-only' } });
  expect(ordinary.status).toBe('ok');
});
