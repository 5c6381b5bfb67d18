/** Hears when something asynchronous settles, without changing what its caller gets. */

export type Settled = (failed: boolean, error?: unknown, value?: unknown) => void;

/**
 * When `result` is a promise or anything with a `then`, calls `settled` when it settles and returns what to give to the caller;
 * otherwise calls nothing and returns undefined.
 *
 * A plain promise is followed by a derived one, so that an unhandled rejection stays unhandled exactly when it was before.
 * Anything else keeps its identity (its class, its other methods): its own `then` is watched, and never called by us, because with
 * query builders a call of `then` runs the query.
 */
export function observe<T>(result: T, settled: Settled): { readonly value: T } | undefined {
  if (typeof result !== 'object' && typeof result !== 'function') return undefined;
  if (result === null) return undefined;
  if (
    result instanceof Promise &&
    Object.getPrototypeOf(result) === Promise.prototype &&
    Object.keys(result).length === 0
  ) {
    const derived = result.then(
      (value) => {
        settled(false, undefined, value);
        return value;
      },
      (error: unknown) => {
        settled(true, error);
        throw error;
      },
    );
    return { value: derived as T };
  }
  return watchThen(result as T & object, settled);
}

type Then = (this: unknown, onValue?: unknown, onError?: unknown) => unknown;

function watchThen<T extends object>(result: T, settled: Settled): { readonly value: T } | undefined {
  try {
    const then = (result as { then?: unknown }).then as Then | undefined;
    if (typeof then !== 'function') return undefined;
    let heard = false;
    const hear: Settled = (failed, error, value) => {
      if (heard) return;
      heard = true;
      settled(failed, error, value);
    };
    const watched: Then = function (onValue, onError) {
      return then.call(
        this,
        (value: unknown) => {
          hear(false, undefined, value);
          return typeof onValue === 'function' ? onValue(value) : value;
        },
        (error: unknown) => {
          hear(true, error);
          if (typeof onError === 'function') return onError(error);
          throw error;
        },
      );
    };
    Object.defineProperty(result, 'then', { value: watched, configurable: true, writable: true, enumerable: false });
    return { value: result };
  } catch {
    // Frozen, or a getter that throws: it is measured up to here only.
    return undefined;
  }
}
