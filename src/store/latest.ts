/** The newest point of every series, by its number. */
export class Latest {
  #times = new Float64Array(64).fill(Number.NEGATIVE_INFINITY);
  #values = new Float64Array(64);

  note(id: number, at: number, value: number): void {
    this.#ensure(id);
    if (at < this.#times[id]!) return;
    this.#times[id] = at;
    this.#values[id] = value;
  }

  noteRow(ids: Uint32Array, at: number, values: Float64Array): void {
    const count = ids.length;
    for (let i = 0; i < count; i++) {
      const id = ids[i]!;
      if (id >= this.#times.length) this.#ensure(id);
      if (at < this.#times[id]!) continue;
      this.#times[id] = at;
      this.#values[id] = values[i]!;
    }
  }

  /** Epoch ms of the newest point; undefined when there was none since the start. */
  at(id: number): number | undefined {
    const at = this.#times[id];
    return at === undefined || at === Number.NEGATIVE_INFINITY ? undefined : at;
  }

  value(id: number): number {
    return this.#values[id]!;
  }

  #ensure(id: number): void {
    if (id < this.#times.length) return;
    const size = Math.max(id + 1, this.#times.length * 2);
    const times = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
    times.set(this.#times);
    const values = new Float64Array(size);
    values.set(this.#values);
    this.#times = times;
    this.#values = values;
  }
}
