import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import { silentLog } from '../model/log.ts';
import { createMemoryStateStore } from '../testing/memory-state-store.ts';
import { openStateStore } from './state.ts';
import { stateStoreContract } from './state-store.contract.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'state-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

const open = (log: Log = silentLog) => openStateStore({ dir, log, clock: systemClock });
const entry = (id: string, at: number) => ({
  id,
  at,
  kind: 'check' as const,
  text: 'x'.repeat(300),
  severity: 'info' as const,
});

stateStoreContract('state.db', () => ({ open, reopen: open }));
stateStoreContract('the store in memory', () => ({ open: async () => createMemoryStateStore() }));

describe('state.db', () => {
  test('carries on with what can be read of a damaged file, and says so', async () => {
    const store = await open();
    for (let i = 0; i < 400; i++) await store.commit([{ in: 'journal', put: entry(`e${i}`, i) }]);
    await store.commit([
      {
        in: 'silences',
        put: { id: 's', matchers: [], createdAt: 1, startsAt: 1, endsAt: 2, createdBy: 'me', comment: '' },
      },
    ]);
    await store.close();
    damageTable(join(dir, 'state.db'), 'journal');

    const errors: string[] = [];
    const again = await open({ ...silentLog, error: (_details, message) => errors.push(message) });
    expect(again.problem).toMatch(/state\.db was damaged.*corrupt-/);
    expect(errors).toHaveLength(1);
    expect(await again.get('silences', 's')).toBeDefined();
    const kept = await again.count('journal');
    expect(kept).toBeGreaterThan(300);
    expect(kept).toBeLessThan(400);
    expect(readdirSync(dir).filter((name) => /^state\.db\.corrupt-[0-9TZ-]+$/.test(name))).toHaveLength(1);
    await again.commit([{ in: 'journal', put: entry('new', 1) }]);
    await again.close();
  });

  test('a file that is no database at all is set aside and a new one begins', async () => {
    writeFileSync(join(dir, 'state.db'), 'this is a text, and longer than a header of a hundred bytes. '.repeat(20));
    const store = await open();
    expect(store.problem).toMatch(/0 records/);
    await store.commit([{ in: 'journal', put: entry('a', 1) }]);
    expect(await store.count('journal')).toBe(1);
    await store.close();
  });

  test('a full disk rejects the commit as a whole and the store goes on when there is room again', async () => {
    const store = await open();
    await store.commit([{ in: 'journal', put: entry('a', 1) }]);
    const saboteur = new DatabaseSync(join(dir, 'state.db'));
    saboteur.exec(
      "CREATE TRIGGER full BEFORE INSERT ON journal WHEN NEW.id = 'c' BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END",
    );
    const changes = ['b', 'c'].map((id) => ({ in: 'journal' as const, put: entry(id, 2) }));
    await expect(store.commit(changes)).rejects.toThrow(/disk is full/);
    expect(store.problem).toMatch(/could not be written/);
    expect(await store.count('journal')).toBe(1);
    saboteur.exec('DROP TRIGGER full');
    saboteur.close();
    await store.commit(changes);
    expect(await store.count('journal')).toBe(3);
    expect(store.problem).toBeUndefined();
    await store.close();
  });

  test('a newer layout is refused instead of being misread', async () => {
    await (await open()).close();
    const db = new DatabaseSync(join(dir, 'state.db'));
    db.exec('PRAGMA user_version = 99');
    db.close();
    await expect(open()).rejects.toMatchObject({ code: 'data-directory-unusable' });
  });

  test('a field that is indexed later is filled for the records that are there', async () => {
    const store = await open();
    await store.commit([{ in: 'journal', put: entry('a', 1) }]);
    await store.close();
    const db = new DatabaseSync(join(dir, 'state.db'));
    db.exec('DROP INDEX journal_kind; ALTER TABLE journal DROP COLUMN kind');
    db.close();
    const again = await open();
    expect(await again.count('journal', { where: { kind: 'check' } })).toBe(1);
    await again.close();
  });

  test('a directory that cannot be made is refused with a hint', async () => {
    writeFileSync(join(dir, 'file'), '');
    await expect(
      openStateStore({ dir: join(dir, 'file', 'below'), log: silentLog, clock: systemClock }),
    ).rejects.toMatchObject({
      code: 'data-directory-unusable',
      hint: expect.stringContaining('monitoring_dir'),
    });
  });

  test('searching by something that is not indexed is an error, not everything', async () => {
    const store = await open();
    await expect(store.find('journal', { where: { text: 'x' } as never })).rejects.toThrow(
      /cannot be searched by text/,
    );
    await expect(store.find('nothing' as never)).rejects.toThrow(/no collection/);
    await store.close();
  });
});

/** Overwrites one leaf page in the middle of a table. */
function damageTable(file: string, table: string): void {
  const db = new DatabaseSync(file);
  const size = db.prepare('PRAGMA page_size').get()!.page_size as number;
  const pages = db.prepare("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY pageno").all(table);
  db.close();
  const page = pages[Math.floor(pages.length / 2)]!.pageno as number;
  const bytes = readFileSync(file);
  expect(statSync(file).size).toBeGreaterThan(page * size);
  bytes.fill(0xa5, (page - 1) * size, page * size);
  writeFileSync(file, bytes);
}
