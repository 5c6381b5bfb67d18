/** Bytes at the start of a leaf page of SQLite. */
const PAGE_HEADER = 8;
/** A cell's pointer at the start of the page. */
const POINTER = 2;
/** Do not cut for less than this: another row costs a dozen bytes and a read. */
const LEAST_PART = 128;

/**
 * Decides where to cut bytes so that rows that are added in ascending order of their key fill SQLite's pages to the last byte.
 * Without it half a row is lost at the end of every page. It only follows what SQLite does; being wrong costs space, nothing else.
 */
export class PagePacker {
  readonly #usable: number;
  #left = 0;
  #lastKey = -1;

  constructor(pageSize: number) {
    this.#usable = pageSize - PAGE_HEADER;
  }

  /** How many of the next `length` bytes go into the row of this key. */
  next(key: number, length: number): number {
    // Not at the end of the table: SQLite divides pages as it likes there.
    if (key <= this.#lastKey) return Math.min(length, this.#usable >> 2);
    this.#lastKey = key;
    const whole = cellSize(key, length);
    if (whole <= this.#left) {
      this.#left -= whole;
      return length;
    }
    const fitting = this.#left - cellSize(key, this.#left) + this.#left;
    if (fitting >= LEAST_PART) {
      this.#left = 0;
      return Math.min(fitting, length);
    }
    // A payload above this spills into a page of its own, of which most would stay empty.
    const most = this.#usable - 27 - 8;
    const part = Math.min(length, most);
    this.#left = this.#usable - cellSize(key, part);
    return part;
  }
}

/** Bytes that a row with a blob of `length` takes in a leaf page, pointer included. */
function cellSize(key: number, length: number): number {
  // Record header: its own size, the key's type (null), the blob's type.
  const payload = 1 + 1 + varintSize(12 + 2 * length) + length;
  return POINTER + varintSize(payload) + varintSize(key) + payload;
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) size++;
  return size;
}
