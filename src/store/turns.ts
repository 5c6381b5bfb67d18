/** How long questions may hold the thread in one turn of the event loop, ms. */
const SLICE_MS = 12;

/**
 * Shares the thread between questions and everything else: all questions together get one slice in each turn of the event loop,
 * so that ten of them delay what arrives by no more than one does.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  /** Ms that were used in this turn of the event loop. */
  #used = 0;
  #ticking = false;
  #started = 0;

  /** Waits until there is time for a slice. Ask `spent` now and then while working. */
  async begin(): Promise<void> {
    // Who comes later must not overtake who waits.
    while (this.#used >= SLICE_MS || this.#waiting.length > 0) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        this.#tick();
      });
      if (this.#used < SLICE_MS) break;
    }
    this.#started = performance.now();
    this.#tick();
  }

  /** True when the slice is used up: then `pause` is due. */
  spent(): boolean {
    return this.#used + performance.now() - this.#started >= SLICE_MS;
  }

  /** Gives the thread away and waits for the next slice. */
  pause(): Promise<void> {
    this.end();
    return this.begin();
  }

  /** The work is done, or given up. */
  end(): void {
    this.#used += performance.now() - this.#started;
  }

  #tick(): void {
    if (this.#ticking) return;
    this.#ticking = true;
    setImmediate(() => {
      this.#ticking = false;
      this.#used = 0;
      this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#tick();
    });
  }
}
