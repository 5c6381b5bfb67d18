import { accessSync, constants, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MonitorError } from '../model/problem.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { readRuntimeFile } from './runtime-file.ts';

/** Who holds a data directory. */
export interface LockInfo {
  /** @default this process */
  readonly pid?: number;
  /** Address of the dashboard, when it is known already. */
  readonly url?: string | null;
}

export interface DirectoryLock {
  /** Lets the next monitor in. Safe to call twice. */
  release(): Promise<void>;
}

const LOCK_FILE = 'monitor.lock';
const OWNER_FILE = 'monitor.owner.json';

/**
 * Makes the data directory ours, creating it when it is missing. The kernel holds the lock, so it ends with the process however that dies.
 * Throws MonitorError `data-directory-taken` (naming pid and address of the first) or `data-directory-unusable`.
 */
export async function lockDataDirectory(dir: string, info: LockInfo = {}): Promise<DirectoryLock> {
  makeUsable(dir);
  let db: DatabaseSync;
  try {
    db = takeLock(join(dir, LOCK_FILE));
  } catch (error) {
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === 5) throw takenError(dir, error);
    throw unusable(dir, error);
  }
  const owner = { pid: info.pid ?? process.pid, url: info.url ?? null, host: hostname(), since_at: Date.now() };
  try {
    writeFileAtomic(join(dir, OWNER_FILE), JSON.stringify(owner));
  } catch (error) {
    db.close();
    throw unusable(dir, error);
  }
  let held = true;
  return {
    async release() {
      if (!held) return;
      held = false;
      rmSync(join(dir, OWNER_FILE), { force: true });
      db.close();
    },
  };
}

/**
 * An exclusive transaction on an empty database: SQLite's lock is the only one in Node that ends with the process
 * and also keeps a second thread of the same process out.
 */
function takeLock(file: string): DatabaseSync {
  let db = new DatabaseSync(file);
  try {
    db.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
    return db;
  } catch (error) {
    db.close();
    // Something else lies under this name (NOTADB): it holds nothing of ours, so it may be replaced.
    if ((error as { errcode?: number }).errcode !== 26) throw error;
    rmSync(file, { force: true });
    db = new DatabaseSync(file);
    db.exec('BEGIN EXCLUSIVE');
    return db;
  }
}

/** Creates the directory and makes sure that files can be made in it. */
export function makeUsable(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    accessSync(dir, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(dir, error);
  }
}

export function unusable(dir: string, cause: unknown): MonitorError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new MonitorError('data-directory-unusable', `The data directory ${resolve(dir)} cannot be used: ${why}`, {
    cause,
    hint: 'Make it writable for this user, free some space, or set monitoring.monitoring_dir to another directory.',
  });
}

function takenError(dir: string, cause: unknown): MonitorError {
  const owner = readOwner(dir);
  const runtime = readRuntimeFile(dir);
  const pid = owner?.pid ?? runtime?.pid;
  const url = (runtime && runtime.pid === pid ? runtime.url : null) ?? owner?.url ?? null;
  const who =
    pid === undefined
      ? 'Another monitor'
      : `The monitor with pid ${pid}${owner?.host && owner.host !== hostname() ? ` on ${owner.host}` : ''}`;
  return new MonitorError(
    'data-directory-taken',
    `${who}${url ? ` (${url})` : ''} uses the data directory ${resolve(dir)}.`,
    {
      cause,
      hint: 'Stop it first, or set monitoring.monitoring_dir to another directory.',
    },
  );
}

function readOwner(dir: string): { pid?: number; url?: string | null; host?: string } | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(dir, OWNER_FILE), 'utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
