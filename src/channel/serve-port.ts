import type { Answer, Order } from '../model/signal.ts';
import type { ToApp, ToWorker } from './messages.ts';

/** As much of a MessagePort as is needed. */
export interface PortLike {
  on(event: 'message', listener: (message: ToWorker) => void): unknown;
  postMessage(message: ToApp): void;
}

export interface ServePortOptions {
  /** Takes a batch in; what it answers is passed on to the sender. */
  readonly onBatch: (
    batch: unknown,
  ) => Promise<{ readonly ok: true } | { readonly ok: false; readonly message: string }>;
  /** Stops everything; the process ends when it is done. */
  readonly onStop: () => Promise<void>;
}

/** The worker's side of the channel. */
export interface ServedPort {
  send(message: Exclude<ToApp, { kind: 'order' }>): void;
  /** Asks the app; rejects when it does not answer in time. */
  order(order: DistributiveOmit<Order, 'id'>, timeoutMs: number): Promise<unknown>;
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Listens to the app's thread. */
export function servePort(port: PortLike, options: ServePortOptions): ServedPort {
  const waiting = new Map<number, (answer: Answer) => void>();
  let nextOrder = 1;
  let taken: Promise<unknown> = Promise.resolve();

  const take = async (batch: Extract<ToWorker, { kind: 'batch' }>['batch']) => {
    const answer = await options.onBatch(batch);
    if (answer.ok) port.postMessage({ kind: 'delivered', sequence: batch.sequence });
    else port.postMessage({ kind: 'refused', sequence: batch.sequence, message: answer.message });
  };

  port.on('message', (message) => {
    if (message.kind === 'batch') {
      // In order: an acknowledgement speaks for everything before it.
      taken = taken.then(() => take(message.batch)).catch(() => undefined);
    } else if (message.kind === 'answer') {
      waiting.get(message.answer.id)?.(message.answer);
    } else {
      void taken.then(() => options.onStop());
    }
  });

  return {
    send: (message) => port.postMessage(message),
    order(order, timeoutMs) {
      const id = nextOrder++;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new Error(`the app did not answer within ${timeoutMs} ms`));
        }, timeoutMs);
        waiting.set(id, (answer) => {
          clearTimeout(timer);
          waiting.delete(id);
          if (answer.ok) resolve(answer.value);
          else reject(new Error(String(answer.value)));
        });
        port.postMessage({ kind: 'order', order: { ...order, id } as Order });
      });
    },
  };
}
