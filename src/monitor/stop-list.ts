import type { Log } from '../model/log.ts';

/** What has been started and how to end it; ends in the reverse order. */
export interface StopList {
  add(name: string, stop: () => Promise<void> | void): void;
  /** Ends everything. A part that fails is logged and does not keep the others from ending. Idempotent. */
  unwind(): Promise<void>;
}

export function createStopList(log: Log): StopList {
  const stops: { name: string; stop: () => Promise<void> | void }[] = [];
  let unwinding: Promise<void> | undefined;

  async function unwind(): Promise<void> {
    for (let part = stops.pop(); part; part = stops.pop()) {
      try {
        await part.stop();
      } catch (error) {
        log.error({ err: error }, `${part.name} did not stop in order`);
      }
    }
  }

  return {
    add: (name, stop) => void stops.push({ name, stop }),
    unwind: () => {
      unwinding ??= unwind();
      return unwinding;
    },
  };
}
