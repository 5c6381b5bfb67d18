import { resolve } from 'node:path';
import { newId } from '../model/id.ts';
import type { ProgressRun, ProgressState } from '../model/progress.ts';
import { estimateProgress, type ProgressEstimate } from '../model/progress-estimate.ts';
import { CheckpointFile, readCheckpoint } from './checkpoint.ts';
import type { AgentCore } from './core.ts';
import { plain, rescue, textOf } from './rescue.ts';

/** How a job is followed. */
export interface ProgressOptions {
  /** How many items there are; 0 or nothing when nobody knows yet. */
  readonly totalItems?: number;
  /** File in which the job's position is kept. A name without a folder lies in `progress_trackers.checkpoint_dir`. */
  readonly checkpointFile?: string;
  /** Keeps a checkpoint under the job's name when no file is given. @default false */
  readonly checkpoint?: boolean;
  /** Goes on from an existing checkpoint. @default `progress_trackers.auto_resume` */
  readonly resume?: boolean;
}

/** What happened since the last update. Amounts are added up. */
export interface ProgressUpdate {
  readonly itemsProcessed?: number;
  /** @default itemsProcessed minus failed minus skipped */
  readonly successful?: number;
  /** @default 0 */
  readonly failed?: number;
  /** @default 0 */
  readonly skipped?: number;
  /** Items of the batch that just ended, when that is not `itemsProcessed`. */
  readonly batchSize?: number;
  /** What the job is doing, for people. */
  readonly message?: string;
  /** A new total, when more or fewer items turn out to be there. */
  readonly totalItems?: number;
  /** Something to find again after a restart, e.g. the last id; kept in the checkpoint. */
  readonly cursor?: unknown;
  /** False leaves the checkpoint as it is. @default true */
  readonly saveCheckpoint?: boolean;
}

/** Where a job stands. */
export interface ProgressStatus extends ProgressEstimate {
  readonly id: string;
  readonly name: string;
  readonly state: ProgressState;
  readonly totalItems: number;
  readonly processedItems: number;
  readonly successfulItems: number;
  readonly failedItems: number;
  readonly skippedItems: number;
  readonly restoredItems: number;
  /** True once the checkpoint of this update is on the disk, false when it could not be written; `true` at once without a checkpoint. */
  readonly saved: Promise<boolean>;
}

const nothingToSave = Promise.resolve(true);

/** Trackers whose newest checkpoint may not be on the disk yet; looked through when the process ends. */
export const openTrackers = new Set<ProgressTracker>();

/** Follows one run of a batch job. Its methods never throw. */
export class ProgressTracker {
  readonly name: string;
  /** Unique for this run. */
  readonly id = newId();
  readonly #core: AgentCore;
  readonly #checkpoint: CheckpointFile | undefined;
  readonly #startedAt = Date.now();
  #state: ProgressState = 'running';
  #total: number;
  #processed = 0;
  #successful = 0;
  #failed = 0;
  #skipped = 0;
  #restored = 0;
  #batches = 0;
  #message = '';
  #updatedAt = this.#startedAt;
  #endedAt: number | undefined;
  #checkpointAt: number | undefined;
  /** When the batch under way began; durations are measured on the monotonic clock, a pause does not count. */
  #batchSince = performance.now();
  #recent: { at: number; items: number; durationMs: number }[] = [];
  #cursor: unknown = null;

  constructor(core: AgentCore, name: string, options: ProgressOptions) {
    this.#core = core;
    this.name = textOf(name, 200);
    this.#total = whole(options.totalItems);
    const file = checkpointPath(core, this.name, options);
    if (file !== undefined) {
      this.#checkpoint = new CheckpointFile(file, (problem) => core.warn(problem));
      if (options.resume ?? core.settings.progress_trackers.auto_resume) this.#restore(file);
      openTrackers.add(this);
    }
    this.#tell();
  }

  /** What the job kept with its last checkpoint; null when there was none. */
  get cursor(): unknown {
    return this.#cursor;
  }

  /** Items that an earlier run had done: the job goes on after them. */
  get restoredItems(): number {
    return this.#restored;
  }

  /** Adds what was done since the last update. */
  update(given: ProgressUpdate = {}): ProgressStatus {
    if (this.#endedAt !== undefined) return this.status();
    const update = plain(given);
    const failed = whole(update.failed);
    const skipped = whole(update.skipped);
    const successful = update.successful === undefined ? undefined : whole(update.successful);
    const processed =
      update.itemsProcessed === undefined ? (successful ?? 0) + failed + skipped : whole(update.itemsProcessed);
    this.#processed += processed;
    this.#failed += failed;
    this.#skipped += skipped;
    this.#successful += successful ?? Math.max(0, processed - failed - skipped);
    if (update.totalItems !== undefined) this.#total = whole(update.totalItems);
    if (this.#total > 0 && this.#processed > this.#total) this.#total = this.#processed;
    if (update.message !== undefined) this.#message = textOf(update.message, 1000);
    if (update.cursor !== undefined) this.#cursor = update.cursor;
    this.#endBatch(update.batchSize === undefined ? processed : whole(update.batchSize));
    this.#state = 'running';
    // The predecessor had no word for the end: all items done is done.
    if (this.#total > 0 && this.#processed >= this.#total) return this.#end('done', undefined);
    return this.#tell(update.saveCheckpoint === false ? nothingToSave : this.#save());
  }

  /** The job is done, whatever the total said. */
  done(message?: string): ProgressStatus {
    return this.#end('done', message);
  }

  /** The job failed; its checkpoint stays for the next run. */
  fail(reason?: unknown): ProgressStatus {
    const message = reason === undefined ? undefined : textOf(isError(reason) ? reason.message : reason, 1000);
    if (isError(reason)) this.#core.fault(reason, { context: { job: this.name, run: this.id } });
    return this.#end('failed', message);
  }

  /** The job waits on purpose: it does not count as stalled, and the time does not count into its rate. */
  pause(message?: string): ProgressStatus {
    if (this.#endedAt !== undefined) return this.status();
    this.#state = 'paused';
    if (message !== undefined) this.#message = textOf(message, 1000);
    this.#updatedAt = Date.now();
    return this.#tell(this.#save());
  }

  /** Goes on after a pause. */
  resume(): ProgressStatus {
    if (this.#endedAt !== undefined) return this.status();
    this.#state = 'running';
    this.#batchSince = performance.now();
    this.#updatedAt = Date.now();
    return this.#tell();
  }

  status(saved: Promise<boolean> = nothingToSave): ProgressStatus {
    const run = this.#run();
    return {
      ...estimateProgress(run, Date.now()),
      id: run.id,
      name: run.name,
      state: run.state,
      totalItems: run.totalItems,
      processedItems: run.processedItems,
      successfulItems: run.successfulItems,
      failedItems: run.failedItems,
      skippedItems: run.skippedItems,
      restoredItems: run.restoredItems,
      saved,
    };
  }

  /** Writes the checkpoint before it returns: only for the end of the process. */
  saveNow(): void {
    if (this.#endedAt === undefined) this.#checkpoint?.saveNow(this.#point());
    else this.#checkpoint?.saveNow();
  }

  [Symbol.dispose](): void {
    this.done();
  }

  #end(state: 'done' | 'failed', message: string | undefined): ProgressStatus {
    if (this.#endedAt !== undefined) return this.status();
    this.#state = state;
    if (message !== undefined) this.#message = textOf(message, 1000);
    this.#endedAt = Date.now();
    this.#updatedAt = this.#endedAt;
    const saved = this.#save();
    void saved.then(() => openTrackers.delete(this));
    return this.#tell(saved);
  }

  #endBatch(items: number): void {
    const now = performance.now();
    this.#updatedAt = Date.now();
    if (items > 0) {
      this.#batches += 1;
      this.#recent.push({ at: this.#updatedAt, items, durationMs: Math.max(0.001, now - this.#batchSince) });
      if (this.#recent.length > 20) this.#recent.shift();
      this.#batchSince = now;
    }
  }

  #restore(file: string): void {
    const { checkpoint, problem } = readCheckpoint(file);
    if (problem) this.#core.warn(`${this.name}: ${problem}`);
    if (!checkpoint || checkpoint.processed === 0) return;
    // A finished job that is started again begins again; files of the predecessor do not say that they are finished.
    if (checkpoint.done || (this.#total > 0 && checkpoint.processed >= this.#total)) return;
    this.#processed = checkpoint.processed;
    this.#restored = checkpoint.processed;
    this.#successful = checkpoint.successful;
    this.#failed = checkpoint.failed;
    this.#skipped = checkpoint.skipped;
    this.#batches = checkpoint.lastBatch;
    this.#cursor = checkpoint.cursor;
    if (this.#total === 0) this.#total = checkpoint.total;
  }

  #save(): Promise<boolean> {
    if (!this.#checkpoint) return nothingToSave;
    return this.#checkpoint.save(this.#point()).then((saved) => {
      if (saved) this.#checkpointAt = Date.now();
      return saved;
    });
  }

  #point() {
    return {
      processed: this.#processed,
      successful: this.#successful,
      failed: this.#failed,
      skipped: this.#skipped,
      lastBatch: this.#batches,
      total: this.#total,
      done: this.#state === 'done',
      cursor: this.#cursor,
    };
  }

  #tell(saved: Promise<boolean> = nothingToSave): ProgressStatus {
    this.#core.progress(this.#run());
    return this.status(saved);
  }

  #run(): ProgressRun {
    return {
      id: this.id,
      name: this.name,
      instance: this.#core.source.instance,
      state: this.#state,
      totalItems: this.#total,
      processedItems: this.#processed,
      successfulItems: this.#successful,
      failedItems: this.#failed,
      skippedItems: this.#skipped,
      restoredItems: this.#restored,
      message: this.#message,
      startedAt: this.#startedAt,
      updatedAt: this.#updatedAt,
      ...(this.#endedAt === undefined ? {} : { endedAt: this.#endedAt }),
      batches: this.#batches,
      recentBatches: [...this.#recent],
      ...(this.#checkpoint ? { checkpointFile: this.#checkpoint.file } : {}),
      ...(this.#checkpointAt === undefined ? {} : { checkpointAt: this.#checkpointAt }),
    };
  }
}

function isError(value: unknown): value is Error {
  return rescue(() => value instanceof Error, false);
}

function whole(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;
}

function checkpointPath(core: AgentCore, name: string, options: ProgressOptions): string | undefined {
  const folder = core.settings.progress_trackers.checkpoint_dir;
  const { checkpointFile } = options;
  if (typeof checkpointFile === 'string' && checkpointFile !== '') {
    return /[/\\]/.test(checkpointFile) ? resolve(checkpointFile) : resolve(folder, checkpointFile);
  }
  return options.checkpoint ? resolve(folder, `${name.replace(/[^A-Za-z0-9_-]+/g, '-')}.json`) : undefined;
}
