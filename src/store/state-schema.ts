import type { DatabaseSync } from 'node:sqlite';
import type { CollectionName } from '../model/store.ts';
import { indexes } from '../model/store.ts';
import { scalar, transaction } from './sqlite.ts';

/** Columns are named like the fields. Names come from our own table of indexes, never from outside. */
export const quote = (name: string): string => `"${name}"`;

/** The collections there are. */
export const collectionNames = Object.keys(indexes) as CollectionName[];

export function fieldsOf(collection: CollectionName): readonly string[] {
  const fields: readonly string[] | undefined = indexes[collection];
  if (!fields) throw new TypeError(`There is no collection ${String(collection)}.`);
  return fields;
}

/** The field a collection is ordered by. */
export function orderOf(collection: CollectionName): string {
  return fieldsOf(collection)[0]!;
}

/**
 * Steps from one layout of the file to the next, in order; the file's `user_version` is the number of steps it has seen.
 * New collections and indexed fields need no step: `adoptIndexes` adds them.
 */
const migrations: readonly ((db: DatabaseSync) => void)[] = [
  function firstLayout(db) {
    db.exec('CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID');
    db.prepare('INSERT INTO about VALUES (?, ?)').run('format', 'CryoProtect Monitoring state');
  },
];

/** Brings the file to the present layout. Throws when it was made by a newer version. */
export function migrate(db: DatabaseSync): void {
  const version = Number(scalar(db.prepare('PRAGMA user_version')));
  if (version > migrations.length) {
    throw new Error(
      `state.db was written by a newer version (layout ${version}, this one knows ${migrations.length}).`,
    );
  }
  for (let step = version; step < migrations.length; step++) {
    transaction(db, () => {
      migrations[step]!(db);
      db.exec(`PRAGMA user_version = ${step + 1}`);
    });
  }
  transaction(db, () => {
    for (const name of collectionNames) adoptIndexes(db, name);
  });
}

function adoptIndexes(db: DatabaseSync, name: CollectionName): void {
  const table = quote(name);
  const order = quote(orderOf(name));
  db.exec(`CREATE TABLE IF NOT EXISTS ${table} (id TEXT NOT NULL UNIQUE, doc TEXT NOT NULL)`);
  const present = new Set(
    (db.prepare(`PRAGMA table_info(${table})`).all() as { name: string }[]).map((row) => row.name),
  );
  for (const field of fieldsOf(name)) {
    if (!present.has(field)) {
      db.exec(`ALTER TABLE ${table} ADD COLUMN ${quote(field)}`);
      db.exec(`UPDATE ${table} SET ${quote(field)} = json_extract(doc, '$."${field}"')`);
    }
    const columns = quote(field) === order ? order : `${quote(field)}, ${order}`;
    db.exec(`CREATE INDEX IF NOT EXISTS ${quote(`${name}_${field}`)} ON ${table} (${columns})`);
  }
}
