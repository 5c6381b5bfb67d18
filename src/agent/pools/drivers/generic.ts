/** Anything with `acquire` and `release`: generic-pool, tarn (knex), and pools of the app's own. */
import { observe } from '../../settle.ts';
import { type Attached, type PoolDriver, together } from '../driver.ts';
import { hasMethods, patch, peek } from '../patch.ts';
import type { PoolCounts, PoolWatch } from '../pool-watch.ts';
import { watchConnection } from './mysql2.ts';
import { watchClient } from './pg.ts';

export const genericDriver: PoolDriver = {
  kind: 'generic',
  language: 'sql',
  recognises: (pool) => hasMethods(pool, 'acquire', 'release'),
  attach: attachPool,
};

function attachPool(pool: object, watch: PoolWatch): Attached {
  const seen = new WeakSet<object>();
  watch.counts = () => countsOf(pool);
  const taken = (resource: unknown) => {
    if (typeof resource !== 'object' || resource === null || !hasMethods(resource, 'query')) return;
    // The connections that query builders keep in such pools are the drivers' own.
    if (hasMethods(resource, 'addCommand')) watchConnection(resource, watch, seen);
    else if (peek(resource, 'connection') !== undefined) watchClient(resource, watch, seen);
  };
  const undo = [
    patch(pool, 'acquire', (original) => {
      return function acquire(this: unknown, ...args: unknown[]): unknown {
        if (!watch.reports) return Reflect.apply(original, this, args);
        const request = watch.request(acquire);
        const settled = (failed: boolean, error?: unknown, resource?: unknown) => {
          watch.answered(request, failed ? (error ?? true) : undefined, resource);
          if (!failed) taken(resource);
        };
        const at = args.findIndex((one) => typeof one === 'function');
        if (at >= 0) args[at] = heard(args[at] as Callback, settled);
        let result: unknown;
        try {
          result = Reflect.apply(original, this, args);
        } catch (error) {
          settled(true, error);
          throw error;
        }
        if (at >= 0) return result;
        // tarn gives an operation that holds the promise and can be aborted.
        const pending = hasMethods(result, 'abort') ? observe(peek(result, 'promise'), settled) : undefined;
        if (pending) {
          (result as { promise: unknown }).promise = pending.value;
          return result;
        }
        const observed = observe(result, settled);
        if (!observed) settled(false, undefined, result);
        return observed ? observed.value : result;
      };
    }),
    ...['release', 'destroy'].map((name) =>
      patch(pool, name, (original) => {
        return function released(this: unknown, ...args: unknown[]): unknown {
          watch.released(args[0]);
          return Reflect.apply(original, this, args);
        };
      }),
    ),
  ];
  return {
    detach: together(undo),
    ended: () => peek(pool, 'destroyed') === true || peek(pool, '_draining') === true || peek(pool, 'ended') === true,
    missing: undo[0] ? undefined : 'it cannot be changed: its numbers are shown, its waits are not timed',
  };
}

type Callback = (this: unknown, ...args: unknown[]) => unknown;

function heard(callback: Callback, settled: (failed: boolean, error?: unknown, resource?: unknown) => void): Callback {
  return function (this: unknown, ...answer: unknown[]): unknown {
    settled(Boolean(answer[0]), answer[0], answer[1]);
    return Reflect.apply(callback, this, answer);
  };
}

/** The numbers under the names that such pools give them: as properties (generic-pool) or as methods (tarn). */
function countsOf(pool: object): PoolCounts {
  const number = (...names: string[]): number | undefined => {
    for (const name of names) {
      const value = peek(pool, name);
      const read: unknown = typeof value === 'function' ? value.call(pool) : value;
      if (typeof read === 'number') return read;
    }
    return undefined;
  };
  return {
    used: number('borrowed', 'numUsed', 'used'),
    idle: number('available', 'numFree', 'idle'),
    waiting: number('pending', 'numPendingAcquires', 'waiting'),
    max: number('max', 'maxSize', 'limit'),
  };
}
