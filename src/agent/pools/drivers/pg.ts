/** node-postgres: `pg.Pool` and `pg-pool`. */
import { current } from '../../context.ts';
import { observe } from '../../settle.ts';
import { type Attached, type PoolDriver, together } from '../driver.ts';
import { hasMethods, listen, patch, peek } from '../patch.ts';
import type { PoolCounts, PoolWatch, RunningQuery } from '../pool-watch.ts';

export const pgDriver: PoolDriver = {
  kind: 'pg',
  language: 'sql',
  recognises: (pool) =>
    hasMethods(pool, 'connect', 'query', 'end', 'on') && typeof peek(pool, 'totalCount') === 'number',
  attach: attachPool,
};

function attachPool(pool: object, watch: PoolWatch): Attached {
  const clients = new WeakSet<object>();
  watch.counts = () => countsOf(pool, watch);
  const undo = patch(pool, 'connect', (original) => {
    // `Pool.query` asks for its connection here too, on the caller's own stack and in its context.
    return function connect(this: unknown, ...args: unknown[]): unknown {
      if (!watch.followsPool && !watch.timesQueries) return Reflect.apply(original, this, args);
      const request = watch.request(connect);
      const callback = args[0];
      if (typeof callback === 'function') {
        args[0] = function (this: unknown, ...answer: unknown[]): unknown {
          arrive(answer[0], answer[1]);
          return watch.handing(request, () => Reflect.apply(callback, this, answer));
        };
      }
      const arrive = (error: unknown, client: unknown) => {
        watch.answered(request, error, client);
        if (!error && typeof client === 'object' && client !== null) watchClient(client, watch, clients);
      };
      try {
        const result = Reflect.apply(original, this, args);
        if (typeof callback === 'function') return result;
        const observed = observe(result, (failed, error, client) =>
          arrive(failed ? (error ?? true) : undefined, client),
        );
        return observed ? observed.value : result;
      } catch (error) {
        watch.answered(request, error, undefined);
        throw error;
      }
    };
  });
  const unlisten = listen(pool, 'release', (_error, client) => watch.released(client));
  return {
    detach: together([undo, unlisten]),
    ended: () => peek(pool, 'ended') === true,
    missing: undo
      ? undefined
      : 'it cannot be changed: its connections are counted, its queries and waits are not timed',
  };
}

function countsOf(pool: object, watch: PoolWatch): PoolCounts {
  const { totalCount, idleCount, waitingCount, options } = pool as {
    totalCount: number;
    idleCount: number;
    waitingCount: number;
    options?: { max?: number };
  };
  // A connection that is being opened counts as one of the pool, and somebody waits for it.
  const opening = Math.max(0, watch.holdings.waiting.size - waitingCount);
  return {
    used: Math.max(0, totalCount - idleCount - opening),
    idle: idleCount,
    waiting: waitingCount,
    max: options?.max,
  };
}

/** Times the queries of one connection; the same one again changes nothing. */
export function watchClient(client: object, watch: PoolWatch, seen: WeakSet<object>): void {
  if (seen.has(client)) return;
  seen.add(client);
  patch(client, 'query', (original) => {
    return function query(this: unknown, ...args: unknown[]): unknown {
      const sql = watch.timesQueries ? sqlOf(args[0]) : undefined;
      if (sql === undefined) return Reflect.apply(original, this, args);
      const running = watch.begin(sql, client, query);
      const at = typeof args[2] === 'function' ? 2 : typeof args[1] === 'function' ? 1 : -1;
      if (at > 0) args[at] = timed(watch, running, args[at] as Callback);
      let result: unknown;
      try {
        result = Reflect.apply(original, this, args);
      } catch (error) {
        watch.end(running, error, null);
        throw error;
      }
      if (at > 0) return result;
      const observed = observe(result, (failed, error, value) =>
        watch.end(running, failed ? (error ?? true) : undefined, failed ? null : rowsOf(value)),
      );
      return observed ? observed.value : result;
    };
  });
}

type Callback = (this: unknown, ...args: unknown[]) => unknown;

/** The callback, run where the query was asked for and not where the connection happened to become free. */
function timed(watch: PoolWatch, running: RunningQuery, callback: Callback): Callback {
  return function (this: unknown, ...answer: unknown[]): unknown {
    watch.end(running, answer[0], answer[0] ? null : rowsOf(answer[1]));
    const call = () => Reflect.apply(callback, this, answer);
    return running.parent ? current.run(running.parent, call) : call();
  };
}

/**
 * The text of a query that can be timed. Cursors, streams and other submittables run by themselves, and an options object with a
 * callback of its own must not be changed: both pass through as they are.
 */
function sqlOf(config: unknown): string | undefined {
  if (typeof config === 'string') return config;
  if (typeof config !== 'object' || config === null) return undefined;
  if (typeof peek(config, 'submit') === 'function' || peek(config, 'callback') !== undefined) return undefined;
  const text = peek(config, 'text');
  return typeof text === 'string' ? text : undefined;
}

function rowsOf(result: unknown): number | null {
  if (Array.isArray(result)) return result.reduce<number>((sum, one) => sum + (rowsOf(one) ?? 0), 0);
  const count = peek(result, 'rowCount');
  return typeof count === 'number' ? count : null;
}
