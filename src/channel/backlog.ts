import type { SignalBatch } from '../model/signal.ts';

/** Batches kept while the monitor cannot be reached: two minutes of an agent's life. */
const mostBatches = 120;
/** Signals that must survive a squeeze, at most this many of each. */
const mostSaved = 100;

/**
 * The batches that are not yet delivered, oldest first. When there are too many the two oldest become one: what people ordered and the
 * newest state of jobs stays, the bulk (operations, metrics, traces, errors) of the older one is lost and counted.
 */
export class Backlog {
  readonly #batches: SignalBatch[] = [];
  #lost: Record<string, number> = {};

  get size(): number {
    return this.#batches.length;
  }

  /** True when the two oldest had to become one. */
  add(batch: SignalBatch): boolean {
    this.#batches.push(batch);
    if (this.#batches.length <= mostBatches) return false;
    this.#squeeze();
    return true;
  }

  /** The batch at a position; 0 is the oldest. */
  at(index: number): SignalBatch | undefined {
    return this.#batches[index];
  }

  all(): readonly SignalBatch[] {
    return this.#batches;
  }

  /** Forgets every batch up to and with this sequence: it is delivered. */
  delivered(sequence: number): number {
    let count = 0;
    while (this.#batches[0] && this.#batches[0].sequence <= sequence) {
      this.#batches.shift();
      count += 1;
    }
    return count;
  }

  /** Drops the oldest batch because the monitor does not want it. */
  refuse(): void {
    const batch = this.#batches.shift();
    if (batch) this.#count(batch, true);
  }

  takeLost(): Readonly<Record<string, number>> {
    const lost = this.#lost;
    this.#lost = {};
    return lost;
  }

  #squeeze(): void {
    const [older, newer] = this.#batches.splice(0, 2);
    if (!older || !newer) return;
    this.#count(older, false);
    this.#batches.unshift(join(older, newer));
  }

  #count(batch: SignalBatch, everything: boolean): void {
    const add = (kind: string, amount: number | undefined) => {
      if (amount) this.#lost[kind] = (this.#lost[kind] ?? 0) + amount;
    };
    add('batches', 1);
    add('operations', batch.operations?.length);
    add('metrics', batch.metrics?.length);
    add('traces', batch.traces?.length);
    add('errors', batch.errors?.length);
    if (everything) {
      add('progress', batch.progress?.length);
      add('alerts', batch.alerts?.length);
      for (const [kind, amount] of Object.entries(batch.dropped ?? {})) add(kind, amount);
    }
  }
}

/** The newer batch, with what must not be lost of the older one in front. */
function join(older: SignalBatch, newer: SignalBatch): SignalBatch {
  const runs = new Map([...(older.progress ?? []), ...(newer.progress ?? [])].map((run) => [run.id, run]));
  const both = <T>(a: readonly T[] | undefined, b: readonly T[] | undefined): readonly T[] =>
    [...(a ?? []), ...(b ?? [])].slice(-mostSaved);
  const dropped: Record<string, number> = { ...older.dropped };
  for (const [kind, amount] of Object.entries(newer.dropped ?? {})) dropped[kind] = (dropped[kind] ?? 0) + amount;
  return {
    ...newer,
    progress: [...runs.values()].slice(-mostSaved),
    alerts: both(older.alerts, newer.alerts),
    resolvedAlerts: both(older.resolvedAlerts, newer.resolvedAlerts),
    silences: both(older.silences, newer.silences),
    unsilences: both(older.unsilences, newer.unsilences),
    dropped,
  };
}
