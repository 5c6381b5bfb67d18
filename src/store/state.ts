import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { Change, CollectionName, Collections, Find, StateStore } from '../model/store.ts';
import { makeUsable, unusable } from './data-directory.ts';
import { salvage, setAside } from './salvage.ts';
import type { Param } from './sqlite.ts';
import { checkIntegrity, isCorruption, openSqlite, transaction } from './sqlite.ts';
import { condition, toParam } from './state-query.ts';
import { collectionNames, fieldsOf, migrate, orderOf, quote } from './state-schema.ts';

export interface StateStoreOptions {
  /** The data directory; made when missing. */
  readonly dir: string;
  readonly log: Log;
  readonly clock: Clock;
}

/** A state store that can say what is wrong with its disk. */
export type DiskStateStore = StateStore & {
  /** The last thing that went wrong with the disk, if it still matters. */
  readonly problem?: string | undefined;
};

/** Above this size the whole file is not read at each start. */
const CHECKED_SIZE = 256 * 1024 * 1024;

/**
 * Opens `state.db`. A damaged file is set aside as `state.db.corrupt-<time>` and what can be read of it is carried over.
 * Throws MonitorError `data-directory-unusable` when the directory cannot be used at all.
 */
export async function openStateStore(options: StateStoreOptions): Promise<DiskStateStore> {
  const { dir, log, clock } = options;
  makeUsable(dir);
  const file = join(dir, 'state.db');
  try {
    return new SqliteStateStore(openChecked(file), log, undefined);
  } catch (error) {
    if (!isCorruption(error)) throw unusable(dir, error);
    const aside = setAside(file, clock.now());
    try {
      const db = openChecked(file);
      const kept = salvage(aside, db, collectionNames);
      const problem = `state.db was damaged. It was set aside as ${aside}; ${kept} records of it could be kept.`;
      log.error({ file: aside, kept, error: String(error) }, problem);
      return new SqliteStateStore(db, log, problem);
    } catch (second) {
      throw unusable(dir, second);
    }
  }
}

function openChecked(file: string): DatabaseSync {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const db = openSqlite(file);
  try {
    if (size > 0 && size < CHECKED_SIZE) checkIntegrity(db);
    migrate(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

class SqliteStateStore implements DiskStateStore {
  readonly #db: DatabaseSync;
  readonly #log: Log;
  readonly #statements = new Map<string, StatementSync>();
  readonly #damage: string | undefined;
  #writeProblem: string | undefined;
  #closed = false;

  constructor(db: DatabaseSync, log: Log, damage: string | undefined) {
    this.#db = db;
    this.#log = log;
    this.#damage = damage;
  }

  get problem(): string | undefined {
    return this.#writeProblem ?? this.#damage;
  }

  async commit(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    try {
      transaction(this.#db, () => {
        for (const change of changes) this.#apply(change);
      });
      this.#writeProblem = undefined;
    } catch (error) {
      const text = `state.db could not be written: ${error instanceof Error ? error.message : String(error)}`;
      // Said once per problem, not once per attempt.
      if (this.#writeProblem !== text) this.#log.error({ error: String(error) }, text);
      this.#writeProblem = text;
      throw error;
    }
  }

  async get<K extends CollectionName>(collection: K, id: string): Promise<Collections[K] | undefined> {
    const row = this.#prepare(`SELECT doc FROM ${table(collection)} WHERE id = ?`).get(id);
    return row === undefined ? undefined : (JSON.parse(row.doc as string) as Collections[K]);
  }

  async find<K extends CollectionName>(collection: K, query: Find<K> = {}): Promise<Collections[K][]> {
    const { sql, params } = condition(collection, query);
    const direction = query.order === 'oldest' ? 'ASC' : 'DESC';
    const order = `ORDER BY ${quote(orderOf(collection))} ${direction}, id ${direction}`;
    const rows = this.#prepare(`SELECT doc FROM ${table(collection)}${sql} ${order} LIMIT ?`).all(
      ...params,
      query.limit ?? 1000,
    );
    return rows.map((row) => JSON.parse(row.doc as string) as Collections[K]);
  }

  async count<K extends CollectionName>(
    collection: K,
    query: Pick<Find<K>, 'where' | 'from' | 'to'> = {},
  ): Promise<number> {
    const { sql, params } = condition(collection, query);
    return this.#prepare(`SELECT count(*) AS n FROM ${table(collection)}${sql}`).get(...params)?.n as number;
  }

  async prune<K extends CollectionName>(collection: K, before: number): Promise<number> {
    const order = quote(orderOf(collection));
    // In portions: a transaction over a hundred thousand records would hold everything else up.
    const sql = `DELETE FROM ${table(collection)} WHERE rowid IN (SELECT rowid FROM ${table(collection)} WHERE ${order} < ? LIMIT 2000)`;
    let total = 0;
    for (;;) {
      const { changes } = this.#prepare(sql).run(before);
      total += Number(changes);
      if (Number(changes) < 2000) return total;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#statements.clear();
    try {
      this.#db.exec('PRAGMA optimize');
    } catch (error) {
      this.#log.warn({ error: String(error) }, 'state.db could not be tidied at the end.');
    }
    this.#db.close();
  }

  #apply(change: Change): void {
    if ('remove' in change) {
      this.#prepare(`DELETE FROM ${table(change.in)} WHERE id = ?`).run(change.remove);
      return;
    }
    const fields = fieldsOf(change.in);
    const record = change.put as unknown as Record<string, unknown>;
    const columns = fields.map(quote);
    const sql =
      `INSERT INTO ${table(change.in)} (id, doc, ${columns.join(', ')}) VALUES (?, ?, ${fields.map(() => '?').join(', ')}) ` +
      `ON CONFLICT (id) DO UPDATE SET doc = excluded.doc, ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}`;
    const params: Param[] = [String(record.id), JSON.stringify(record)];
    for (const field of fields) params.push(toParam(record[field]));
    this.#prepare(sql).run(...params);
  }

  #prepare(sql: string): StatementSync {
    if (this.#closed) throw new Error('The state store is closed.');
    let statement = this.#statements.get(sql);
    if (!statement) {
      // Conditions come in few shapes; the bound is only there against a caller with thousands of list lengths.
      if (this.#statements.size > 200) this.#statements.clear();
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function table(collection: CollectionName): string {
  fieldsOf(collection);
  return quote(collection);
}
