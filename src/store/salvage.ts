import { existsSync, renameSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { CollectionName } from '../model/store.ts';
import type { Param } from './sqlite.ts';
import { openSqlite, transaction } from './sqlite.ts';
import { toParam } from './state-query.ts';
import { fieldsOf, quote } from './state-schema.ts';

/** A name for a damaged file that no file has yet. */
export function nameAside(file: string, now: number): string {
  const stamp = new Date(now).toISOString().replaceAll(':', '-').replace('.', '-');
  let aside = `${file}.corrupt-${stamp}`;
  for (let n = 2; existsSync(aside); n++) aside = `${file}.corrupt-${stamp}-${n}`;
  return aside;
}

/** Moves a damaged database out of the way with everything that belongs to it. Returns its new name. */
export function setAside(file: string, now: number): string {
  const aside = nameAside(file, now);
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  return aside;
}

/** Copies every record that can still be read from a damaged state database into a new one. Returns how many. */
export function salvage(damaged: string, into: DatabaseSync, collections: readonly CollectionName[]): number {
  let source: DatabaseSync;
  try {
    source = openSqlite(damaged, { readOnly: true });
  } catch {
    return 0;
  }
  let kept = 0;
  try {
    for (const name of collections) kept += salvageCollection(source, into, name);
  } finally {
    source.close();
  }
  return kept;
}

function salvageCollection(source: DatabaseSync, into: DatabaseSync, name: CollectionName): number {
  const fields = fieldsOf(name);
  const insert = into.prepare(
    `INSERT OR REPLACE INTO ${quote(name)} (id, doc, ${fields.map(quote).join(', ')}) VALUES (?, ?, ${fields.map(() => '?').join(', ')})`,
  );
  let kept = 0;
  transaction(into, () => {
    for (const { id, doc } of readableRows(source, name)) {
      const record = parse(doc);
      if (!record || typeof id !== 'string') continue;
      const params: Param[] = [id, doc as string];
      for (const field of fields) params.push(toParam(record[field]));
      insert.run(...params);
      kept++;
    }
  });
  return kept;
}

function parse(doc: unknown): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(String(doc));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** All rows that can be read; damaged stretches are jumped over with growing steps. */
function* readableRows(source: DatabaseSync, name: CollectionName): Generator<{ id: unknown; doc: unknown }> {
  let after = 0;
  let gap = 1;
  // 2^31 records is far beyond what a state file holds; past it there is nothing behind the damage.
  while (gap < 2 ** 31) {
    try {
      const next = source
        .prepare(`SELECT rowid AS n, id, doc FROM ${quote(name)} NOT INDEXED WHERE rowid > ? ORDER BY rowid LIMIT 1`)
        .get(after);
      if (next === undefined) return;
      after = next.n as number;
      gap = 1;
      yield { id: next.id, doc: next.doc };
    } catch {
      after += gap;
      gap *= 2;
    }
  }
}
