import type { Catalog, SeriesEntry } from './catalog.ts';
import type { Sink } from './codec/sink.ts';
import type { Health } from './health.ts';
import { messageOf } from './health.ts';
import { Journal, listSegments, removeSegment } from './journal.ts';
import { writeSeries } from './journal-entries.ts';
import type { Sealer } from './sealing.ts';
import type { SeriesDb } from './series-db.ts';
import type { Windows } from './windows.ts';

/** Most bytes kept for a journal that cannot be written. */
const JOURNAL_BACKLOG = 16 * 1024 * 1024;
/** How long sealing may hold the thread at a time, ms. */
const SLICE_MS = 12;

/**
 * Keeps what is in memory safe: within a second in the journal, later as chunks in the database. Gives memory back when it is full,
 * and goes on when the disk does not take anything: that is said and counted.
 */
export class Keeper {
  readonly #dir: string;
  readonly #db: SeriesDb;
  readonly #catalog: Catalog;
  readonly #windows: Windows;
  readonly #sealer: Sealer;
  readonly #health: Health;
  readonly #journal: Journal;
  #sealing: Promise<void> | undefined;
  #closed = false;
  /** The series that the journal's rows are about at present. */
  set: Uint32Array = new Uint32Array(0);
  setNumber = 0;
  /** Called when the list of stored windows has changed. */
  onSealed: () => void = () => {};
  /** Called when the database did not take something. */
  onRefused: (error: unknown) => void = () => {};

  constructor(dir: string, db: SeriesDb, catalog: Catalog, windows: Windows, sealer: Sealer, health: Health) {
    this.#dir = dir;
    this.#db = db;
    this.#catalog = catalog;
    this.#windows = windows;
    this.#sealer = sealer;
    this.#health = health;
    this.#journal = new Journal(dir);
  }

  /** Where the journal's entries go. */
  get entries(): Sink {
    return this.#journal.entries;
  }

  /** From now on new windows get journal files of their own, and new series are written down. */
  start(): void {
    this.#windows.onOpen = (number) => {
      this.#journal.startSegment(number);
      this.#definitionsAgain();
    };
    this.#catalog.onNew = (entry) => this.#noteNew(entry);
  }

  #noteNew(entry: SeriesEntry): void {
    this.#sealer.unsaved.add(entry.id);
    writeSeries(this.#journal.entries, entry);
    this.#windows.ensure(entry.id + 1);
  }

  /** Makes what was gathered durable. Rejects when the disk does not take it: it is kept and tried again a second later. */
  async commit(): Promise<void> {
    try {
      await this.#journal.commit();
      this.#health.clear('journal');
    } catch (error) {
      this.#health.report('journal', `The journal could not be written: ${messageOf(error)}`);
      if (this.#journal.pendingBytes > JOURNAL_BACKLOG) {
        this.#health.drop('journal_bytes', this.#journal.dropWaiting());
        this.#definitionsAgain();
      }
      throw error;
    }
  }

  /** Seals all closed windows in slices. */
  seal(): Promise<void> {
    this.#sealing ??= this.#sealSlices().finally(() => {
      this.#sealing = undefined;
    });
    return this.#sealing;
  }

  /** The memory is full: cached windows go first, then the open window is sealed at once. */
  makeRoom(): void {
    this.#windows.evict(0);
    if (this.#windows.head.fill < 0.9) return;
    this.#windows.close();
    while (this.#sealSlice(1000));
    this.#windows.evict(0);
    if (this.#windows.head.fill < 0.9) return;
    // The disk does not take it: the oldest detail is given up so that the present can be seen.
    const oldest = this.#windows.closed()[0];
    if (!oldest) return;
    this.#health.drop('samples_without_disk', oldest.samples);
    this.#sealer.giveUp(oldest);
    this.#windows.remove(oldest);
  }

  /** Waits for what is being written, then closes the journal. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#sealing;
    await this.#journal.close();
  }

  async #sealSlices(): Promise<void> {
    let more = true;
    while (more && !this.#closed) {
      more = this.#sealSlice(SLICE_MS);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** Returns true when there is more to seal and the disk takes it. */
  #sealSlice(budgetMs: number): boolean {
    try {
      const more = this.#sealer.slice(budgetMs);
      this.#afterSealing();
      this.#health.clear('database');
      return more;
    } catch (error) {
      this.onRefused(error);
      this.#health.report('database', `series.db could not be written: ${messageOf(error)}`);
      return false;
    }
  }

  #afterSealing(): void {
    // The parts of a late window have other numbers on the disk: in memory they would count twice.
    for (const window of this.#windows.all.filter((one) => one.sealed && !Number.isFinite(one.from)))
      this.#windows.remove(window);
    this.#windows.evict(1);
    this.onSealed();
    const oldest = this.#db.getMeta('journal_from') ?? 0;
    for (const segment of listSegments(this.#dir)) if (segment < oldest) removeSegment(this.#dir, segment);
  }

  /** A segment must be readable by itself: it begins with the series that are not in the database, and a new set. */
  #definitionsAgain(): void {
    this.set = new Uint32Array(0);
    for (const id of this.#sealer.unsaved) writeSeries(this.#journal.entries, this.#catalog.get(id)!);
  }
}
