import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JournalEntry } from '../model/journal.ts';
import type { OutboxEntry } from '../model/notification.ts';
import type { Change, StateStore } from '../model/store.ts';

/** How the suite gets a store; `reopen` must find what was committed, where the implementation is durable. */
export interface StateStoreUnderTest {
  open(): Promise<StateStore>;
  reopen?(): Promise<StateStore>;
  cleanUp?(): Promise<void>;
}

const entry = (id: string, at: number, kind: JournalEntry['kind'] = 'check', text = `entry ${id}`): JournalEntry => ({
  id,
  at,
  kind,
  text,
  severity: 'info',
});
const put = (record: JournalEntry): Change => ({ in: 'journal', put: record });

/** What every state store must do; run it inside a test file of the implementation. */
export function stateStoreContract(name: string, make: () => StateStoreUnderTest): void {
  describe(`${name} keeps the promises of a state store`, () => {
    let under: StateStoreUnderTest;
    let store: StateStore;

    beforeEach(async () => {
      under = make();
      store = await under.open();
    });
    afterEach(async () => {
      await store.close();
      await under.cleanUp?.();
    });

    test('finds a record by its id, exactly as it was put', async () => {
      const record: JournalEntry = {
        ...entry('a', 5),
        text: 'Ünïcode "quotes" \n and \u0000 zero',
        about: { check: 'x' },
      };
      await store.commit([put(record)]);
      expect(await store.get('journal', 'a')).toEqual(record);
      expect(await store.get('journal', 'b')).toBeUndefined();
    });

    test('putting the same id again replaces the record', async () => {
      await store.commit([put(entry('a', 1))]);
      await store.commit([put(entry('a', 2, 'alert'))]);
      expect(await store.find('journal')).toEqual([entry('a', 2, 'alert')]);
      expect(await store.count('journal', { where: { kind: 'check' } })).toBe(0);
    });

    test('removes records, also ones that are not there', async () => {
      await store.commit([put(entry('a', 1)), { in: 'journal', remove: 'a' }, { in: 'journal', remove: 'never' }]);
      expect(await store.count('journal')).toBe(0);
    });

    test('finds newest first, or oldest first, with a limit', async () => {
      await store.commit([3, 1, 2].map((at) => put(entry(`e${at}`, at))));
      expect((await store.find('journal')).map((found) => found.at)).toEqual([3, 2, 1]);
      expect((await store.find('journal', { order: 'oldest' })).map((found) => found.at)).toEqual([1, 2, 3]);
      expect((await store.find('journal', { limit: 1 })).map((found) => found.at)).toEqual([3]);
    });

    test('records of the same moment come in the order of their ids', async () => {
      await store.commit(['b', 'c', 'a'].map((id) => put(entry(id, 7))));
      expect((await store.find('journal', { order: 'oldest' })).map((found) => found.id)).toEqual(['a', 'b', 'c']);
    });

    test('a thousand records are the default limit', async () => {
      await store.commit(Array.from({ length: 1005 }, (_, i) => put(entry(`e${String(i).padStart(5, '0')}`, i))));
      expect(await store.find('journal')).toHaveLength(1000);
      expect(await store.count('journal')).toBe(1005);
    });

    test('bounds of time are inclusive below and exclusive above', async () => {
      await store.commit([1, 2, 3].map((at) => put(entry(`e${at}`, at))));
      expect((await store.find('journal', { from: 2, to: 3 })).map((found) => found.at)).toEqual([2]);
      expect(await store.count('journal', { from: 2 })).toBe(2);
    });

    test('conditions are joined by and; a list means one of', async () => {
      await store.commit([
        put(entry('a', 1, 'check')),
        put(entry('b', 2, 'alert')),
        put(entry('c', 3, 'job')),
        put(entry('d', 4, 'job')),
      ]);
      expect(
        (await store.find('journal', { where: { kind: ['job', 'alert'] }, to: 4 })).map((found) => found.id),
      ).toEqual(['c', 'b']);
      expect(await store.find('journal', { where: { kind: [] } })).toEqual([]);
    });

    test('absent optional fields are found as absent or not at all, never as something else', async () => {
      const outbox = (id: string, state: OutboxEntry['state'], dueAt: number) =>
        ({ id, state, dueAt, channel: 'slack' }) as OutboxEntry;
      await store.commit([
        { in: 'outbox', put: outbox('x', 'queued' as OutboxEntry['state'], 1) },
        { in: 'outbox', put: outbox('y', 'queued' as OutboxEntry['state'], 2) },
      ]);
      expect(await store.count('outbox', { where: { episodeId: 'none' } })).toBe(0);
      expect(await store.count('outbox', { where: { channel: 'slack' }, to: 2 })).toBe(1);
    });

    test('prunes what is older than a moment and says how much', async () => {
      await store.commit([1, 2, 3].map((at) => put(entry(`e${at}`, at))));
      expect(await store.prune('journal', 3)).toBe(2);
      expect((await store.find('journal')).map((found) => found.at)).toEqual([3]);
      expect(await store.prune('journal', 3)).toBe(0);
    });

    test('what comes out is a copy', async () => {
      await store.commit([put(entry('a', 1))]);
      const first = (await store.get('journal', 'a')) as { text: string };
      first.text = 'changed';
      expect((await store.get('journal', 'a'))?.text).toBe('entry a');
    });

    test('a change that cannot be stored takes the whole transaction with it', async () => {
      const bad = { in: 'memory', put: { id: 'm', at: 1, value: 1n } } as unknown as Change;
      await store.commit([put(entry('a', 1))]);
      const outcome = await store.commit([put(entry('b', 2)), bad]).then(
        () => 'kept',
        () => 'refused',
      );
      // Stores that can hold the odd value may keep it; then both are there. Half of it is never there.
      expect(await store.count('journal')).toBe(outcome === 'kept' ? 2 : 1);
    });

    test('an empty commit changes nothing', async () => {
      await store.commit([]);
      expect(await store.count('journal')).toBe(0);
    });

    test('everything committed is there after the store was closed and opened again', async () => {
      if (!under.reopen) return expect(under.reopen).toBeUndefined();
      await store.commit([put(entry('a', 1)), { in: 'memory', put: { id: 'm', at: 2, value: { deep: [1, null] } } }]);
      await store.close();
      store = await under.reopen();
      expect(await store.get('journal', 'a')).toEqual(entry('a', 1));
      expect(await store.get('memory', 'm')).toEqual({ id: 'm', at: 2, value: { deep: [1, null] } });
    });
  });
}
