import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { Trace } from '../model/span.ts';
import type { StateStore } from '../model/store.ts';
import type { PendingChanges } from './pending.ts';

/** Traces kept altogether, and for each name and reason in a minute. */
const mostTraces = 5000;
const mostAMinute = 300;
const mostAMinuteOfAKind = 20;

export interface TraceShelfOptions {
  readonly state: StateStore;
  readonly pending: PendingChanges;
  readonly clock: Clock;
  readonly log: Log;
  readonly onLoss: (kind: string, amount: number) => void;
}

/** Keeps whole traces within a budget; the metrics count everything, so that a trace left out costs only an example. */
export class TraceShelf {
  readonly #options: TraceShelfOptions;
  #minute = 0;
  #inMinute = 0;
  readonly #kinds = new Map<string, number>();
  #nextPruneAt = 0;

  constructor(options: TraceShelfOptions) {
    this.#options = options;
  }

  add(trace: Trace): void {
    const minute = Math.floor(this.#options.clock.now() / 60_000);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#inMinute = 0;
      this.#kinds.clear();
    }
    const kind = `${trace.keptBecause}\n${trace.name}`;
    const seen = (this.#kinds.get(kind) ?? 0) + 1;
    if (this.#inMinute >= mostAMinute || seen > mostAMinuteOfAKind) {
      this.#options.onLoss('traces', 1);
      return;
    }
    this.#inMinute += 1;
    this.#kinds.set(kind, seen);
    this.#options.pending.put('traces', trace);
  }

  /** Once a second; does something every five minutes: the oldest traces past the budget go. */
  tick(): void {
    const now = this.#options.clock.monotonic();
    if (now < this.#nextPruneAt) return;
    this.#nextPruneAt = now + 300_000;
    this.#prune().catch((error: unknown) => this.#options.log.warn({ err: error }, 'old traces could not be removed'));
  }

  async #prune(): Promise<void> {
    const { state } = this.#options;
    const count = await state.count('traces');
    if (count <= mostTraces) return;
    const oldest = await state.find('traces', { order: 'oldest', limit: Math.min(1000, count - mostTraces) });
    const last = oldest.at(-1);
    if (last) await state.prune('traces', last.at + 1);
  }
}
