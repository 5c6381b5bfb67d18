/**
 * The thread in which SQLite works for a check: its calls block, and a file on a dead network drive blocks for ever. The check gives up at
 * its deadline and ends this thread. It only reads.
 */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** What the check asks of its thread. */
export type SqliteTask =
  | { readonly kind: 'query'; readonly sql: string }
  | { readonly kind: 'figures'; readonly integrity: boolean };

export interface SqliteFigures {
  readonly journalMode: string;
  readonly pageSize: number;
  readonly pageCount: number;
  readonly freePages: number;
  readonly tables: number;
  /** `ok`, or the first complaints; undefined when it was not looked at. */
  readonly integrity?: string;
}

/** Answer to a task: in the order in which they came. */
export type SqliteReply =
  | { readonly ok: true; readonly version?: string; readonly figures?: SqliteFigures }
  | { readonly ok: false; readonly message: string; readonly errcode: number };

export interface SqliteStart {
  readonly path: string;
  readonly busyMs: number;
}

function firstValue(db: DatabaseSync, sql: string): unknown {
  return Object.values(db.prepare(sql).get() ?? {})[0];
}

function figures(db: DatabaseSync, integrity: boolean): SqliteFigures {
  const number = (sql: string) => Number(firstValue(db, sql));
  return {
    journalMode: String(firstValue(db, 'PRAGMA journal_mode')),
    pageSize: number('PRAGMA page_size'),
    pageCount: number('PRAGMA page_count'),
    freePages: number('PRAGMA freelist_count'),
    tables: number("SELECT count(*) FROM sqlite_schema WHERE type = 'table'"),
    ...(integrity
      ? {
          integrity: db
            .prepare('PRAGMA quick_check(3)')
            .all()
            .map((row) => String(Object.values(row)[0]))
            .join('; '),
        }
      : {}),
  };
}

const port = parentPort;
if (port) {
  const answer = (work: () => SqliteReply) => {
    try {
      port.postMessage(work());
    } catch (error) {
      const { message, errcode } = error as { message?: unknown; errcode?: unknown };
      port.postMessage({ ok: false, message: String(message), errcode: Number(errcode ?? 0) } satisfies SqliteReply);
    }
  };
  const { path, busyMs } = workerData as SqliteStart;
  let db: DatabaseSync | undefined;
  answer(() => {
    db = new DatabaseSync(path, { readOnly: true, timeout: busyMs });
    return { ok: true, version: String(firstValue(db, 'SELECT sqlite_version()')) };
  });
  port.on('message', (task: SqliteTask) =>
    answer(() => {
      if (!db) throw new Error('the file is not open');
      if (task.kind === 'figures') return { ok: true, figures: figures(db, task.integrity) };
      // One row is enough to know that it can be read; a whole table would only fill the memory.
      db.prepare(task.sql).get();
      return { ok: true };
    }),
  );
}
