import type { Log } from '../model/log.ts';

/** What can fail by itself: writing the journal, writing the database, tidying it, and what was found damaged when the store was opened. */
export type Trouble = 'journal' | 'database' | 'upkeep' | 'damage';

/** Counts what the store had to drop, and remembers what is wrong with the disk until it is right again. */
export class Health {
  readonly #log: Log;
  readonly #drops: Record<string, number> = {};
  readonly #problems = new Map<Trouble, string>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Everything dropped so far, by reason. */
  get drops(): Readonly<Record<string, number>> {
    return this.#drops;
  }

  /** All that is wrong at present, in one text; undefined when nothing is. */
  get problem(): string | undefined {
    return this.#problems.size === 0 ? undefined : [...this.#problems.values()].join(' ');
  }

  drop(reason: string, count: number): void {
    this.#drops[reason] = (this.#drops[reason] ?? 0) + count;
  }

  /** Says it once: the same words again are not logged again. */
  report(trouble: Trouble, text: string): void {
    const known = this.#problems.get(trouble);
    // What was damaged stays so: one find does not hide the one before. After a few, more of them say nothing new.
    const keep = trouble === 'damage' && known !== undefined;
    if (known?.includes(text) || (keep && known.length > 1000)) return;
    this.#log.error({}, text);
    this.#problems.set(trouble, keep ? `${known} ${text}` : text);
  }

  clear(trouble: Trouble): void {
    this.#problems.delete(trouble);
  }
}

/** The words of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
