import { decodeIntegers, encodeIntegers } from './codec/integers.ts';
import { Sink, Source } from './codec/sink.ts';
import { decodeValues, encodeValues } from './codec/values.ts';

const MOST_SERIES = 2 ** 24;
/** Times beyond this do not fit into a column of integers. */
const LARGEST_TIME = 2 ** 49;

/**
 * The newest point of every series, by its number. Kept with each sealed window, so that a start needs not look for it in the chunks;
 * what came after that is in the journal.
 */
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

  /** All of them as bytes: count, then a column each of numbers, times and values. */
  encode(): Uint8Array {
    const ids: number[] = [];
    for (const [id, at] of this.#times.entries()) if (at > -LARGEST_TIME && at < LARGEST_TIME) ids.push(id);
    const sink = new Sink();
    sink.varint(ids.length);
    encodeIntegers(Float64Array.from(ids), ids.length, sink);
    encodeIntegers(
      Float64Array.from(ids, (id) => this.#times[id]!),
      ids.length,
      sink,
    );
    encodeValues(
      Float64Array.from(ids, (id) => this.#values[id]!),
      ids.length,
      sink,
    );
    return sink.take();
  }

  /** Takes up what `encode` wrote. Throws a RangeError on damaged bytes. */
  restore(bytes: Uint8Array): void {
    const source = new Source().load(bytes);
    const count = source.varint();
    if (count > MOST_SERIES) throw new RangeError('The stored newest values have an impossible number.');
    const [ids, times, values] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
    decodeIntegers(source, count, ids);
    decodeIntegers(source, count, times);
    decodeValues(source, count, values);
    for (let i = 0; i < count; i++) {
      if (!(ids[i]! >= 0 && ids[i]! < MOST_SERIES))
        throw new RangeError('A stored newest value has an impossible number.');
      this.note(ids[i]!, times[i]!, values[i]!);
    }
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
