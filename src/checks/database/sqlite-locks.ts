import { readFile, stat } from 'node:fs/promises';

/** A process that holds the right to write into an SQLite file. */
export interface SqliteWriter {
  readonly pid: number;
}

/** SQLite's lock bytes: the one that a writer reserves in the file itself, and the writer's in the shared-memory file of WAL mode. */
const reservedByte = 0x40000001;
const walWriteByte = 120;

/**
 * Who is writing now, from the kernel's list of locks: SQLite could only tell by trying to lock the file, which would be in the way of the
 * application. Empty where there is no /proc/locks. Locks of processes in other containers have no process id here and are left out.
 */
export async function sqliteWriters(path: string): Promise<SqliteWriter[]> {
  try {
    const [locks, main, shared] = await Promise.all([
      readFile('/proc/locks', 'utf8'),
      stat(path),
      stat(`${path}-shm`).catch(() => undefined),
    ]);
    const pids = parseLocks(locks)
      .filter(
        ({ inode, from, to }) =>
          (inode === main.ino && from <= reservedByte && to >= reservedByte) ||
          (inode === shared?.ino && from <= walWriteByte && to >= walWriteByte),
      )
      .map(({ pid }) => pid);
    return [...new Set(pids)].filter((pid) => pid > 0).map((pid) => ({ pid }));
  } catch {
    return [];
  }
}

/** The exclusive locks of `1: POSIX  ADVISORY  WRITE 1234 08:01:131 1073741825 1073741825`; those that only wait begin with `->`. */
export function parseLocks(text: string): { pid: number; inode: number; from: number; to: number }[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\d+: (?:POSIX|OFDLCK)\s+\S+\s+WRITE\s+(-?\d+)\s+\w+:\w+:(\d+)\s+(\d+)\s+(\d+|EOF)/.exec(
      line.trim(),
    );
    if (!match) return [];
    const [, pid, inode, from, to] = match;
    const end = to === 'EOF' ? Number.POSITIVE_INFINITY : Number(to);
    return [{ pid: Number(pid), inode: Number(inode), from: Number(from), to: end }];
  });
}
