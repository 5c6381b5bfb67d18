import { stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import type { DatabaseKind, DatabaseSession, DriverFailure } from './kind.ts';
import { sqliteFacts } from './sqlite-facts.ts';
import { sqliteWriters } from './sqlite-locks.ts';
import type { SqliteFigures, SqliteReply, SqliteStart, SqliteTask } from './sqlite-worker.ts';

/** What SQLite's own codes mean, by their lowest eight bits. */
const plain: Readonly<Record<number, Omit<DriverFailure, 'code'>>> = {
  5: { failure: 'locked', reason: 'the database is locked: another process is writing and lets nobody read' },
  6: { failure: 'locked', reason: 'a table is locked by another connection of the same process' },
  10: { failure: 'query', reason: 'the disk could not be read' },
  11: { failure: 'corrupt', reason: 'the file is damaged' },
  14: {
    failure: 'permission',
    reason: 'the file cannot be opened: not ours to read, or its folder not ours to write in WAL mode',
  },
  23: { failure: 'permission', reason: 'permission denied' },
  26: { failure: 'corrupt', reason: 'the file is not an SQLite database' },
};

class SqliteError extends Error {
  readonly errcode: number;
  constructor(message: string, errcode: number) {
    super(message);
    this.errcode = errcode;
  }
}

class FileProblem extends Error {}

/** SQLite files, through Node's own `node:sqlite`. Opened for reading only, so that a missing file is not made and nothing is ever locked for long. */
export const sqlite: DatabaseKind = {
  explanation:
    'Opens the SQLite file for reading in a thread of its own and asks a question; every few runs it is opened anew. ' +
    'It tells whether the file is there, whole and readable, who holds the write lock, and how large the write-ahead log is.',

  async open({ database: path }, { signal, timeoutMs, mark }) {
    const file = await stat(path).catch((error: NodeJS.ErrnoException) => {
      throw new FileProblem(
        error.code === 'ENOENT' ? `there is no file ${path}` : `${path} cannot be read (${error.code})`,
      );
    });
    if (!file.isFile()) throw new FileProblem(`${path} is not a file`);
    const thread = startThread({ path, busyMs: Math.min(2000, timeoutMs / 4) });
    const onAbort = () => thread.destroy();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      const { version = '' } = await namingWriters(path, thread.next());
      mark('open');
      return session(path, thread, version);
    } catch (error) {
      thread.destroy();
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  },

  explain(error) {
    if (error instanceof FileProblem) {
      const missing = error.message.startsWith('there is no');
      return {
        code: missing ? 'ENOENT' : 'file',
        failure: missing ? 'missing-file' : 'permission',
        reason: error.message,
      };
    }
    if (!(error instanceof SqliteError)) return undefined;
    const known = plain[error.errcode & 255];
    const code = `SQLITE_${error.errcode & 255}`;
    if (known) return { ...known, code, reason: `${known.reason} (${error.message})` };
    return { code, failure: 'query', reason: `SQLite says: ${error.message}` };
  },
};

/** Adds to "database is locked" by whom. */
async function namingWriters<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof SqliteError) || (error.errcode & 255) !== 5) throw error;
    const pids = (await sqliteWriters(path)).map(({ pid }) => pid).join(', ');
    throw new SqliteError(
      `${error.message}${pids ? `; the write lock is held by process ${pids}` : ''}`,
      error.errcode,
    );
  }
}

interface Thread {
  /** Hands a task over and resolves with its answer; without one, with the next answer. */
  next(task?: SqliteTask): Promise<Extract<SqliteReply, { ok: true }>>;
  readonly alive: boolean;
  destroy(): void;
}

function startThread(start: SqliteStart): Thread {
  const file = import.meta.url.endsWith('.ts') ? './sqlite-worker.ts' : './sqlite-worker.js';
  const worker = new Worker(new URL(file, import.meta.url), {
    name: 'cryoprotect-sqlite',
    workerData: start,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 32 },
  });
  let alive = true;
  let waiting: { resolve(reply: Extract<SqliteReply, { ok: true }>): void; reject(error: Error): void }[] = [];
  const fail = (error: Error) => {
    alive = false;
    for (const one of waiting) one.reject(error);
    waiting = [];
  };
  worker.on('message', (reply: SqliteReply) => {
    const first = waiting.shift();
    if (reply.ok) first?.resolve(reply);
    else first?.reject(new SqliteError(reply.message, reply.errcode));
  });
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('the thread that reads the file ended')));
  return {
    next: (task) =>
      new Promise((resolve, reject) => {
        if (!alive) return reject(new Error('the thread that reads the file ended'));
        waiting.push({ resolve, reject });
        if (task) worker.postMessage(task);
      }),
    get alive() {
      return alive;
    },
    destroy() {
      fail(new Error('the thread that reads the file was ended'));
      void worker.terminate();
    },
  };
}

function session(path: string, thread: Thread, version: string): DatabaseSession {
  let sent = 0;
  const task = (one: SqliteTask) => {
    sent += 1;
    return thread.next(one);
  };
  return {
    async ask(sql) {
      await namingWriters(path, task({ kind: 'query', sql: sql ?? 'SELECT count(*) FROM sqlite_schema' }));
    },
    facts: (options) =>
      sqliteFacts(path, options, async (integrity) => {
        const { figures } = await task({ kind: 'figures', integrity });
        return figures as SqliteFigures;
      }),
    get alive() {
      return thread.alive;
    },
    get sent() {
      return sent;
    },
    server: `SQLite ${version}`,
    end: async () => thread.destroy(),
    destroy: () => thread.destroy(),
  };
}
