/** Waits for something no longer than it may take, and no longer than anybody wants it. */
import type { Clock } from '../../model/clock.ts';

/** It took longer than it was given. */
export class OutOfTime extends Error {
  override readonly name = 'TimeoutError';
}

/** Ends with what `work` ends with, or before it when the time is over or the signal fires. What comes later is `late`'s. */
export function within<T>(
  work: PromiseLike<T>,
  options: {
    readonly clock: Clock;
    /** Milliseconds; undefined = as long as it takes. */
    readonly ms: number | undefined;
    readonly signal: AbortSignal | undefined;
    readonly what: string;
    readonly late?: (value: T) => void;
  },
): Promise<T> {
  const { clock, ms, signal, what, late } = options;
  return new Promise<T>((resolve, reject) => {
    let over = false;
    const end = (finish: () => void) => {
      if (over) return;
      over = true;
      timer?.cancel();
      signal?.removeEventListener('abort', abort);
      finish();
    };
    const abort = () => end(() => reject(signal?.reason));
    const timer =
      ms === undefined ? undefined : clock.after(ms, () => end(() => reject(new OutOfTime(`${what} within ${ms} ms`))));
    signal?.addEventListener('abort', abort);
    work.then(
      (value) => (over ? late?.(value) : end(() => resolve(value))),
      (error: unknown) => end(() => reject(error)),
    );
    if (signal?.aborted) abort();
  });
}
