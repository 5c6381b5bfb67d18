import type { Clock, Timer } from '../model/clock.ts';
import type { Answer, Order } from '../model/signal.ts';

/** Orders that wait for a process at once. */
const mostWaiting = 200;

interface Waiting {
  readonly instance: string;
  readonly order: Order;
  readonly timer: Timer;
  handed: boolean;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * Orders for processes that report over HTTP: there is no way to call them, so that an order waits for their next batch, goes out with the
 * answer to it, and its own answer comes with a batch after that. It costs about a second each way.
 */
export class OrderBox {
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Asks a process; rejects when no answer has come after `timeoutMs`. */
  ask(instance: string, order: DistributiveOmit<Order, 'id'>, timeoutMs: number): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (this.#waiting.size >= mostWaiting) return reject(new Error('too many orders wait for answers'));
      const timer = this.#clock.after(timeoutMs, () => {
        this.#waiting.delete(id);
        reject(new Error(`the app did not answer within ${timeoutMs} ms`));
      });
      this.#waiting.set(id, { instance, order: { ...order, id } as Order, timer, handed: false, resolve, reject });
    });
  }

  /** What is to be handed to this process now; each order only once. */
  take(instance: string): readonly Order[] {
    const due = [...this.#waiting.values()].filter((one) => one.instance === instance && !one.handed);
    for (const one of due) one.handed = true;
    return due.map((one) => one.order);
  }

  /** Answers that a process sent; those to nobody's order, or to another process's, are dropped. */
  answer(instance: string, answers: readonly Answer[]): void {
    for (const { id, ok, value } of answers) {
      const one = this.#waiting.get(id);
      if (one?.instance !== instance) continue;
      this.#waiting.delete(id);
      one.timer.cancel();
      if (ok) one.resolve(value);
      else one.reject(new Error(String(value)));
    }
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
