import {
  type Change,
  type CollectionName,
  type Collections,
  type Find,
  indexes,
  type StateStore,
} from '../model/store.ts';

/** A `StateStore` in memory that can be told to fail, and that keeps its records when it is "killed". */
export interface MemoryStateStore extends StateStore {
  /** Makes every following `commit` reject with this error, until it is called with undefined. */
  failWith(error: Error | undefined): void;
  /** How many transactions were committed. */
  readonly commits: number;
  /** Every record of one collection, for assertions. */
  all<K extends CollectionName>(collection: K): Collections[K][];
}

type Records = { [K in CollectionName]: Map<string, Collections[K]> };

/** Makes a state store for tests. Records are copied on the way in and out, as a real store does. */
export function createMemoryStateStore(): MemoryStateStore {
  const records = Object.fromEntries(Object.keys(indexes).map((name) => [name, new Map()])) as unknown as Records;
  let failure: Error | undefined;
  let commits = 0;

  const matching = <K extends CollectionName>(collection: K, query: Find<K> = {}): Collections[K][] => {
    const orderField = indexes[collection][0] as keyof Collections[K];
    const found = [...records[collection].values()].filter((record) => fits(record, query, orderField));
    const sign = query.order === 'oldest' ? 1 : -1;
    found.sort((a, b) => sign * (Number(a[orderField]) - Number(b[orderField]) || (a.id < b.id ? -1 : 1)));
    return found;
  };

  return {
    async commit(changes) {
      if (failure) throw failure;
      for (const change of changes) apply(records, change);
      commits += 1;
    },
    async get(collection, id) {
      const record = records[collection].get(id);
      return record && structuredClone(record);
    },
    async find(collection, query = {}) {
      return matching(collection, query)
        .slice(0, query.limit ?? 1000)
        .map((record) => structuredClone(record));
    },
    async count(collection, query = {}) {
      return matching(collection, query).length;
    },
    async prune(collection, before) {
      const old = matching(collection, { to: before } as Find<typeof collection>);
      for (const record of old) records[collection].delete(record.id);
      return old.length;
    },
    async close() {},
    failWith(error) {
      failure = error;
    },
    get commits() {
      return commits;
    },
    all: (collection) => [...records[collection].values()],
  };
}

function fits<K extends CollectionName>(
  record: Collections[K],
  query: Find<K>,
  orderField: keyof Collections[K],
): boolean {
  const at = Number(record[orderField]);
  if (query.from !== undefined && at < query.from) return false;
  if (query.to !== undefined && at >= query.to) return false;
  return Object.entries(query.where ?? {}).every(([field, wanted]) => {
    const value = record[field as keyof Collections[K]];
    return Array.isArray(wanted) ? wanted.includes(value) : value === wanted;
  });
}

function apply(records: Records, change: Change): void {
  const collection = records[change.in] as Map<string, unknown>;
  if ('remove' in change) collection.delete(change.remove);
  else collection.set(change.put.id, structuredClone(change.put));
}
