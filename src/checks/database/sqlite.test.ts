import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckOutcome } from '../../model/check.ts';
import { checkContract } from '../check.contract.ts';
import { makeCheck, runCheck, runOnceAndClose } from './database-check.contract.ts';
import { parseLocks } from './sqlite-locks.ts';

let dir: string;
const file = (name: string) => join(dir, name);
const make = (name: string, wish: Parameters<typeof makeCheck>[1] = {}) => makeCheck(`sqlite:${file(name)}`, wish);
const seeOnce = (name: string, wish: Parameters<typeof makeCheck>[1] = {}): Promise<CheckOutcome> =>
  runOnceAndClose(make(name, wish));

/** A file with a table and a thousand rows. */
function fill(name: string, journal: 'WAL' | 'DELETE'): DatabaseSync {
  const db = new DatabaseSync(file(name));
  db.exec(`PRAGMA journal_mode = ${journal}; CREATE TABLE molecule (id INTEGER PRIMARY KEY, name TEXT)`);
  db.exec(
    `INSERT INTO molecule (name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000) SELECT 'glycerol ' || i FROM n`,
  );
  return db;
}

/** Another process that holds a lock until it is killed. */
async function hold(name: string, sql: string) {
  const holder = join(dir, 'holder.mjs');
  writeFileSync(
    holder,
    `import { DatabaseSync } from 'node:sqlite';
const db = new DatabaseSync(process.argv[2]);
db.exec(process.argv[3]);
process.send('held');
setInterval(() => {}, 1000);`,
  );
  const child = fork(holder, [file(name), sql], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(child, 'message');
  return {
    pid: child.pid,
    async release() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'monitoring-test-sqlite-'));
  fill('app.db', 'WAL').close();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

checkContract('sqlite', {
  healthy: () => make('app.db'),
  broken: () => make('missing.db'),
});

describe('an SQLite file', () => {
  test('is seen with its size, its journal, its integrity, and how long reading took', async () => {
    const outcome = await seeOnce('app.db');
    expect(outcome).toMatchObject({
      status: 'ok',
      seen: {
        server: expect.stringMatching(/^SQLite \d/),
        journal_mode: 'wal',
        tables: 1,
        integrity: 'ok',
        writer: 'none',
      },
    });
    expect(Object.keys(outcome.phases ?? {})).toEqual(['event_loop', 'open', 'query', 'facts']);
    expect(outcome.samples?.find((one) => one.name === 'database_size_bytes')?.value).toBeGreaterThan(8000);
  });

  test('that is missing is an error, and is not made', async () => {
    for (let run = 0; run < 2; run++) {
      expect(await seeOnce('missing.db')).toMatchObject({
        status: 'error',
        reason: `there is no file ${file('missing.db')}`,
        seen: { failure: 'missing-file' },
      });
    }
  });

  test('that is something else is an error in words', async () => {
    writeFileSync(file('letter.txt'), 'Dear reader, this is no database. '.repeat(100));
    expect(await seeOnce('letter.txt')).toMatchObject({
      status: 'error',
      reason: expect.stringContaining('the file is not an SQLite database'),
      seen: { failure: 'corrupt' },
    });
  });

  test('that was cut off is found damaged, although it still answers', async () => {
    const db = fill('cut.db', 'DELETE');
    db.close();
    truncateSync(file('cut.db'), 8192);
    expect(await seeOnce('cut.db')).toMatchObject({
      status: 'error',
      reason: expect.stringMatching(/damaged/),
      seen: { failure: 'corrupt' },
    });
  });

  test('whose writer holds the lock for long is a warning that names the process', async () => {
    const holder = await hold('app.db', 'BEGIN IMMEDIATE; INSERT INTO molecule (name) VALUES (1)');
    const check = make('app.db', { thresholds: { blocked_seconds: { warning: 0.0001, error: null } } });
    await runCheck(check);
    const outcome = await runCheck(check);
    await check.close?.();
    await holder.release();
    expect(outcome).toMatchObject({
      status: 'warning',
      reason: expect.stringContaining('a process holds the write lock for'),
      seen: { writer: `process ${holder.pid}`, activity: [{ pid: holder.pid }] },
    });
  });

  test('that lets nobody read is an error that names the process', async () => {
    fill('locked.db', 'DELETE').close();
    const holder = await hold('locked.db', 'BEGIN EXCLUSIVE');
    const outcome = await seeOnce('locked.db', { timeoutMs: 1200 });
    await holder.release();
    expect(outcome).toMatchObject({
      status: 'error',
      reason: expect.stringMatching(new RegExp(`the database is locked: .*process ${holder.pid}`)),
      seen: { failure: 'locked' },
    });
    expect((await seeOnce('locked.db')).status).toBe('ok');
  });

  test('whose write-ahead log grows and grows is a warning', async () => {
    const db = new DatabaseSync(file('app.db'));
    db.exec("PRAGMA wal_autocheckpoint = 0; UPDATE molecule SET name = name || '!'");
    const outcome = await seeOnce('app.db', { thresholds: { wal_size_mb: { warning: 0.001, error: null } } });
    db.close();
    expect(outcome).toMatchObject({ status: 'warning', reason: expect.stringContaining('the write-ahead log is') });
  });

  test('a question that takes too long is ended at the deadline', async () => {
    const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n';
    const check = make('app.db', { query: endless, timeoutMs: 500 });
    const started = performance.now();
    const outcome = await runCheck(check);
    expect(performance.now() - started).toBeLessThan(750);
    await check.close?.();
    expect(outcome).toMatchObject({ status: 'error', seen: { timed_out: true } });
  });

  test('a question of one’s own may not write', async () => {
    expect(await seeOnce('app.db', { query: 'DELETE FROM molecule' })).toMatchObject({
      status: 'error',
      reason: expect.stringContaining('readonly database'),
    });
  });
});

test('the kernel’s list of locks is read, waiting ones left out', () => {
  expect(
    parseLocks(
      '1: POSIX  ADVISORY  WRITE 1234 08:01:131 1073741825 1073741825\n1: -> POSIX  ADVISORY  WRITE 99 08:01:131 0 EOF\n2: FLOCK  ADVISORY  WRITE 5 08:01:7 0 EOF\n3: POSIX  ADVISORY  READ 6 08:01:131 120 120\n4: POSIX  ADVISORY  WRITE 7 08:01:9 0 EOF\n',
    ),
  ).toEqual([
    { pid: 1234, inode: 131, from: 1073741825, to: 1073741825 },
    { pid: 7, inode: 9, from: 0, to: Number.POSITIVE_INFINITY },
  ]);
});
