/** How long a long computation may hold the event loop before others get a turn, ms. */
const sliceMs = 10;

/** Lets others have their turn during a long computation, and ends it when nobody waits for it any more. */
export interface Turns {
  yield(): Promise<void>;
}

/** Takes turns until `signal` is aborted; then `yield` throws its reason. */
export function takeTurns(signal: AbortSignal | undefined): Turns {
  let began = performance.now();
  let counted = 0;
  return {
    async yield() {
      counted += 1;
      if (counted % 32 !== 0 || performance.now() - began < sliceMs) return;
      await new Promise<void>((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      began = performance.now();
    },
  };
}
