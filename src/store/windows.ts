import type { Head } from './head.ts';
import { HeadWindow } from './head.ts';

const DAY = 86_400_000;
/** Times in memory are 32-bit distances: a late window reaches this far to both sides of its first point. */
const LATE_REACH = 2 ** 31;

/**
 * Which window a point belongs to: the open one (the present hour), or the late one for what is older.
 * A point after the end of the open window closes both and opens the next pair.
 */
export class Windows {
  readonly head: Head;
  readonly #lengthMs: number;
  /** Windows in memory in the order of their making: the sealed ones as a cache, the closed ones to be sealed, the open pair last. */
  readonly all: HeadWindow[] = [];
  #next: number;
  #bound = 64;
  open: HeadWindow | undefined;
  late: HeadWindow | undefined;
  /** Called with the number of a new open window. */
  onOpen: (number: number) => void = () => {};

  constructor(head: Head, lengthMs: number, firstNumber: number) {
    this.head = head;
    this.#lengthMs = lengthMs;
    this.#next = firstNumber;
  }

  /** A number that no window had before. */
  nextNumber(): number {
    return this.#next++;
  }

  /** The window for a point of this moment. */
  for(at: number): HeadWindow {
    const open = this.open;
    if (open && at >= open.from && at < open.to) return open;
    if (!open || at >= open.to) return this.#openAt(at);
    return this.#lateAt(at);
  }

  /** Ends the open pair; the next point opens another. */
  close(): void {
    this.open = undefined;
    this.late = undefined;
  }

  /** Windows that wait to be sealed, oldest first. */
  closed(): HeadWindow[] {
    return this.all.filter((window) => !window.sealed && window !== this.open && window !== this.late);
  }

  /** The oldest journal file that is still needed, when `done` is sealed as well. */
  oldestSegment(done: HeadWindow): number {
    let oldest = done.segment + 1;
    for (const window of this.all) if (window !== done && !window.sealed) oldest = Math.min(oldest, window.segment);
    return oldest;
  }

  /** Gives the memory of sealed windows back, all but the newest `keep`. */
  evict(keep: number): void {
    const sealed = this.all.filter((window) => window.sealed);
    for (const window of sealed.slice(0, Math.max(0, sealed.length - keep))) this.remove(window);
  }

  remove(window: HeadWindow): void {
    this.head.releaseAll(window);
    this.all.splice(this.all.indexOf(window), 1);
  }

  /** Room for at least `series` numbers in every new window. */
  ensure(series: number): void {
    if (series <= this.#bound) return;
    this.#bound = Math.max(series, this.#bound * 2);
    this.open?.ensure(this.#bound);
  }

  #openAt(at: number): HeadWindow {
    this.close();
    const from = Math.floor(at / this.#lengthMs) * this.#lengthMs;
    const number = this.nextNumber();
    this.onOpen(number);
    this.open = new HeadWindow(number, from, from + this.#lengthMs, from, this.#bound);
    this.open.segment = number;
    this.all.push(this.open);
    return this.open;
  }

  #lateAt(at: number): HeadWindow {
    const late = this.late;
    if (late && at >= late.base && at < late.base + 2 ** 32) return late;
    const base = Math.floor((at - LATE_REACH) / DAY) * DAY;
    this.late = new HeadWindow(
      this.nextNumber(),
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      base,
      this.#bound,
    );
    this.late.segment = this.open?.number ?? this.late.number;
    this.all.push(this.late);
    return this.late;
  }
}
