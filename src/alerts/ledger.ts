import type { MonitorEvent } from '../model/event.ts';
import type { Log } from '../model/log.ts';
import type { OutboxEntry } from '../model/notification.ts';
import type { Change, StateStore } from '../model/store.ts';
import type { Book } from './book.ts';
import { absorb, applyTo, baseOf, createDraft, type Draft } from './draft.ts';

/** Changes that may wait for a disk that cannot be written; past it the oldest journal lines and transitions go first. */
const mostWaiting = 20_000;
/** Commands decided in one go, so that a flood neither costs a transaction each nor holds the event loop for long. */
const mostAtOnce = 1000;

/** Owed messages on their way to delivery. `stored` is false when the disk could not be written: then only memory knows them. */
export type Owing = (entries: readonly OutboxEntry[], stored: boolean) => void;

/** Runs commands one after another and makes each batch of them durable in one transaction. */
export interface Ledger {
  /** Resolves with the command's answer when it is on the disk. Rejects when the command throws (nothing of it remains) or the disk fails. */
  run<T>(command: (draft: Draft) => T): Promise<T>;
  /** Tries to write what the disk refused before. */
  retry(): Promise<void>;
  /** Resolves when everything that was asked for is done. */
  settle(): Promise<void>;
}

interface Waiting {
  readonly command: (draft: Draft) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Makes the ledger of a book. When the disk refuses a batch, its decisions hold all the same (an alert must be told also when the
 * disk is full): they stay in memory, are written as soon as the disk takes them, and the callers are told that it did not.
 */
export function createLedger(options: {
  book: Book;
  state: StateStore;
  log: Log;
  emit: (event: MonitorEvent) => void;
  onOwed: Owing;
  /** Hears after each batch that the book has changed. */
  onWritten?: () => void;
}): Ledger {
  const { book, state, log, emit, onOwed, onWritten = () => undefined } = options;
  const queue: Waiting[] = [];
  const backlog = new Map<string, Change>();
  let working: Promise<void> | undefined;

  async function commit(changes: ReadonlyMap<string, Change>): Promise<unknown> {
    const everything = new Map([...backlog, ...changes]);
    if (everything.size === 0) return undefined;
    try {
      await state.commit([...everything.values()]);
      if (backlog.size > 0) log.info({ changes: backlog.size }, 'Alerts that waited for the disk are stored now.');
      backlog.clear();
      return undefined;
    } catch (error) {
      if (backlog.size === 0)
        log.error({ error: String(error) }, 'Alerts cannot be stored; they are kept in memory and told.');
      // Delivery owns messages that are not stored: writing them later from here could undo what it has done by then.
      for (const [key, change] of changes) if (change.in !== 'outbox') backlog.set(key, change);
      trim(backlog);
      return error;
    }
  }

  async function work(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.splice(0, mostAtOnce);
      const draft = createDraft(baseOf(book));
      const answers = batch.map((waiting) => decide(waiting, draft));
      const failure = await commit(draft.written.changes);
      applyTo(book, draft.written);
      for (const event of draft.written.events) emit(event);
      onWritten();
      if (draft.written.entries.length > 0) onOwed(draft.written.entries, failure === undefined);
      for (const answer of answers) answer(failure);
    }
  }

  function start(): Promise<void> {
    working ??= Promise.resolve()
      .then(work)
      .finally(() => {
        working = undefined;
        // A command may have come in between the last look at the queue and this moment.
        if (queue.length > 0) void start();
      });
    return working;
  }

  return {
    run<T>(command: (draft: Draft) => T): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        queue.push({ command, resolve: resolve as (value: unknown) => void, reject });
        void start();
      });
    },
    async retry() {
      if (backlog.size > 0 && working === undefined) await commit(new Map());
    },
    async settle() {
      while (queue.length > 0 || working) await start();
    },
  };
}

/** Runs one command on its own draft; gives what to do when the batch is stored (or not). */
function decide(waiting: Waiting, batch: Draft): (failure: unknown) => void {
  const own = createDraft(batch);
  try {
    const value = waiting.command(own);
    absorb(batch.written, own.written);
    const touched = own.written.changes.size > 0;
    return (failure) => (failure !== undefined && touched ? waiting.reject(failure) : waiting.resolve(value));
  } catch (error) {
    return () => waiting.reject(error);
  }
}

function trim(backlog: Map<string, Change>): void {
  for (const [key, change] of backlog) {
    if (backlog.size <= mostWaiting) return;
    if (change.in === 'journal' || change.in === 'transitions') backlog.delete(key);
  }
}
