import { stat } from 'node:fs/promises';
import type { FactsOptions, ServerFacts, ServerSession } from './kind.ts';
import { judge, judgeSeconds, known } from './levels.ts';
import { sqliteWriters } from './sqlite-locks.ts';
import type { SqliteFigures } from './sqlite-worker.ts';

const mib = 1024 ** 2;
/** Larger files are not looked through: it would take seconds and push other things out of the cache. */
const mostToCheck = 64 * mib;
/** A file is looked through at most so often. */
const checkEveryMs = 600_000;

/** What an SQLite file tells about itself; most of it costs a few pages, the look through the whole file happens every ten minutes. */
export async function sqliteFacts(
  path: string,
  { window, levels }: FactsOptions,
  ask: (integrity: boolean) => Promise<SqliteFigures>,
): Promise<ServerFacts> {
  const [file, wal] = await Promise.all([stat(path), stat(`${path}-wal`).catch(() => undefined)]);
  const { now } = window;
  const small = file.size <= mostToCheck;
  const due = now - Number(window.texts.get('checked_at') ?? 0) >= checkEveryMs;
  const figures = await ask(small && due);
  if (figures.integrity !== undefined) {
    window.texts.set('checked_at', String(now));
    window.texts.set('integrity', figures.integrity);
  }
  const integrity = window.texts.get('integrity');
  const writers = await sqliteWriters(path);
  const held = heldSeconds(
    window,
    writers.map(({ pid }) => pid),
    now,
  );
  const walBytes = wal?.size ?? 0;
  return {
    figures: {
      journal_mode: figures.journalMode,
      size_bytes: figures.pageSize * figures.pageCount,
      free_bytes: figures.pageSize * figures.freePages,
      wal_bytes: walBytes,
      tables: figures.tables,
      integrity: integrity ?? `not looked at: larger than ${mostToCheck / mib} MiB`,
      writer: writers.length > 0 ? writers.map(({ pid }) => `process ${pid}`).join(', ') : 'none',
    },
    conditions: known(
      judgeSeconds('blocked', 'a process holds the write lock', writers.length > 0 ? held : 0, levels.blocked_seconds),
      judge(
        'wal-size',
        {
          condition: (limit) => `the write-ahead log is at most ${limit} large`,
          seen: `the write-ahead log is ${Math.round(walBytes / mib)} MiB large: nobody checkpoints it, or a reader never ends`,
          show: (limit) => `${limit} MiB`,
        },
        walBytes / mib,
        levels.wal_size_mb,
      ),
    ),
    samples: [
      { name: 'database_size_bytes', labels: {}, value: figures.pageSize * figures.pageCount },
      { name: 'database_wal_size_bytes', labels: {}, value: walBytes },
    ],
    activity: writers.map(
      ({ pid }): ServerSession => ({
        pid,
        who: `process ${pid}`,
        state: 'holds the write lock',
        seconds: held,
        statement: '',
      }),
    ),
    ...(integrity !== undefined && integrity !== 'ok'
      ? { broken: { failure: 'corrupt' as const, reason: `the file is damaged: ${integrity.slice(0, 300)}` } }
      : {}),
  };
}

/** How long the same processes have been seen with the write lock, s. Between two looks it may have been let go: then it is too long. */
function heldSeconds(window: FactsOptions['window'], pids: readonly number[], now: number): number {
  const key = pids.join(',');
  if (key === '' || window.texts.get('writers') !== key) {
    window.texts.set('writers', key);
    window.texts.set('writers_since', String(now));
  }
  return (now - Number(window.texts.get('writers_since'))) / 1000;
}
