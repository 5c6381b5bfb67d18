import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a checkpoint holds: the predecessor's fields, and ours. Counts are totals over all runs of the job. */
export interface Checkpoint {
  readonly processed: number;
  readonly successful: number;
  readonly failed: number;
  readonly skipped: number;
  /** The predecessor's batch counter. */
  readonly lastBatch: number;
  readonly total: number;
  /** True when the job came to its end: the next run begins at 0. */
  readonly done: boolean;
  /** Whatever the job wants to find again, e.g. the last id. */
  readonly cursor: unknown;
}

/** What became of reading one. `problem` says what was wrong, in a sentence. */
export interface RestoredCheckpoint {
  readonly checkpoint: Checkpoint | undefined;
  readonly problem?: string;
}

/**
 * Reads a checkpoint, also one of the predecessor. A file that is damaged is passed over for the copy of the one before (`.bak`);
 * a missing one is no problem.
 */
export function readCheckpoint(file: string): RestoredCheckpoint {
  let problem: string | undefined;
  for (const path of [file, `${file}.bak`]) {
    if (!existsSync(path)) continue;
    try {
      const checkpoint = parse(readFileSync(path, 'utf8'));
      if (checkpoint)
        return problem === undefined ? { checkpoint } : { checkpoint, problem: `${problem}; went on from ${path}` };
      problem ??= `${path} is no checkpoint`;
    } catch (error) {
      problem ??= `${path} cannot be read (${error instanceof Error ? error.message : String(error)})`;
    }
  }
  return problem === undefined
    ? { checkpoint: undefined }
    : { checkpoint: undefined, problem: `${problem}; begins at 0` };
}

function parse(text: string): Checkpoint | undefined {
  const raw = JSON.parse(text) as Record<string, unknown> | null;
  if (typeof raw !== 'object' || raw === null) return undefined;
  const number = (value: unknown) =>
    typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;
  if (typeof raw['processed'] !== 'number' && typeof raw['position'] !== 'number') return undefined;
  const processed = number(raw['processed'] ?? raw['position']);
  const failed = number(raw['failed']);
  const total = number(raw['total']);
  return {
    processed,
    // Files written by the predecessor's batch tools know only how far they were.
    successful: raw['successful'] === undefined ? Math.max(0, processed - failed) : number(raw['successful']),
    failed,
    skipped: number(raw['skipped']),
    lastBatch: number(raw['last_batch']),
    total,
    done: raw['state'] === 'done',
    cursor: raw['cursor'] ?? null,
  };
}

/** Writes the checkpoints of one job: off the app's path, the newest one only, each durable before it counts as written. */
export class CheckpointFile {
  readonly file: string;
  #waiting: Checkpoint | undefined;
  #writing: Promise<boolean> | undefined;
  #version = 0;
  readonly #onProblem: (problem: string) => void;

  constructor(file: string, onProblem: (problem: string) => void) {
    this.file = file;
    this.#onProblem = onProblem;
  }

  /** Resolves with true when this checkpoint, or a newer one, is on the disk; with false when the disk refused it. Never rejects. */
  save(checkpoint: Checkpoint): Promise<boolean> {
    this.#waiting = checkpoint;
    const running = this.#writing;
    if (!running) return this.#write();
    // One write is under way with an older state: the next one carries ours.
    return running.then(() => this.#writing ?? (this.#waiting ? this.#write() : true));
  }

  /** At the end of the process: writes what waits, before this returns. */
  saveNow(checkpoint?: Checkpoint): void {
    const newest = checkpoint ?? this.#waiting;
    if (!newest) return;
    this.#waiting = undefined;
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      const temporary = `${this.file}.${process.pid}.exit.tmp`;
      const handle = openSync(temporary, 'w');
      writeSync(handle, text(newest));
      fsyncSync(handle);
      closeSync(handle);
      if (existsSync(this.file)) renameSync(this.file, `${this.file}.bak`);
      renameSync(temporary, this.file);
    } catch (error) {
      this.#onProblem(
        `the checkpoint ${this.file} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  #write(): Promise<boolean> {
    const checkpoint = this.#waiting;
    this.#waiting = undefined;
    if (!checkpoint) return Promise.resolve(true);
    const writing = this.#replace(checkpoint).then(
      () => true,
      (error: unknown) => {
        this.#onProblem(
          `the checkpoint ${this.file} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
        );
        return false;
      },
    );
    this.#writing = writing;
    return writing.finally(() => {
      this.#writing = undefined;
    });
  }

  /** A new file beside the old one, on the disk, then renamed: there is a whole checkpoint at every moment, in one of two places. */
  async #replace(checkpoint: Checkpoint): Promise<void> {
    const folder = dirname(this.file);
    await mkdir(folder, { recursive: true });
    this.#version += 1;
    const temporary = `${this.file}.${process.pid}.${this.#version}.tmp`;
    const handle = await open(temporary, 'w');
    try {
      await handle.writeFile(text(checkpoint));
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (existsSync(this.file)) await rename(this.file, `${this.file}.bak`);
    await rename(temporary, this.file);
    await syncFolder(folder);
  }
}

/** The names themselves must be durable too; not every system lets a folder be opened. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // The file's content is safe; only the rename may be lost with the machine.
  }
}

function text(checkpoint: Checkpoint): string {
  return `${JSON.stringify(
    {
      version: 1,
      state: checkpoint.done ? 'done' : 'running',
      position: checkpoint.processed,
      processed: checkpoint.processed,
      successful: checkpoint.successful,
      failed: checkpoint.failed,
      skipped: checkpoint.skipped,
      last_batch: checkpoint.lastBatch,
      total: checkpoint.total,
      last_updated: new Date().toISOString(),
      cursor: checkpoint.cursor,
    },
    null,
    2,
  )}\n`;
}
