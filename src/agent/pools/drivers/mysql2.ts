/** mysql2: callback pools, and the callback pool inside a promise pool. */
import { current } from '../../context.ts';
import { type Attached, type PoolDriver, together } from '../driver.ts';
import { hasMethods, patch, peek } from '../patch.ts';
import type { PoolCounts, PoolWatch, RunningQuery } from '../pool-watch.ts';

type Callback = (this: unknown, ...args: unknown[]) => unknown;

export const mysql2Driver: PoolDriver = {
  kind: 'mysql2',
  language: 'mysql',
  recognises: (pool) => isCore(pool) || isCore(peek(pool, 'pool')),
  inner: (pool) => (isCore(pool) ? pool : (peek(pool, 'pool') as object)),
  attach: attachPool,
};

function isCore(pool: unknown): boolean {
  return (
    hasMethods(pool, 'getConnection', 'releaseConnection', 'query', 'execute') &&
    peek(pool, '_allConnections') !== undefined
  );
}

function attachPool(pool: object, watch: PoolWatch): Attached {
  const connections = new WeakSet<object>();
  /** The pool asks again with a callback it got before when the connection meant for it broke: that is the same request. */
  const ours = new WeakSet<Callback>();
  watch.counts = () => countsOf(pool, watch);
  const undo = [
    patch(pool, 'getConnection', (original) => {
      return function getConnection(this: unknown, ...args: unknown[]): unknown {
        const callback = args[0] as Callback;
        if (!watch.reports || typeof callback !== 'function' || ours.has(callback))
          return Reflect.apply(original, this, args);
        const request = watch.request(getConnection);
        const answered = function (this: unknown, ...answer: unknown[]): unknown {
          const connection = answer[1];
          watch.answered(request, answer[0], connection);
          if (!answer[0] && typeof connection === 'object' && connection !== null)
            watchConnection(connection, watch, connections);
          return watch.handing(request, () => Reflect.apply(callback, this, answer));
        };
        ours.add(answered);
        args[0] = answered;
        try {
          return Reflect.apply(original, this, args);
        } catch (error) {
          watch.answered(request, error, undefined);
          throw error;
        }
      };
    }),
    patch(pool, 'releaseConnection', (original) => {
      return function releaseConnection(this: unknown, ...args: unknown[]): unknown {
        // Before the pool hands it to the next in the queue.
        watch.released(args[0]);
        return Reflect.apply(original, this, args);
      };
    }),
  ];
  return {
    detach: together(undo),
    ended: () => peek(pool, '_closed') === true,
    missing: undo[0]
      ? undefined
      : 'it cannot be changed: its connections are counted, its queries and waits are not timed',
  };
}

function countsOf(pool: object, watch: PoolWatch): PoolCounts {
  const length = (name: string) => Number(peek(peek(pool, name), 'length') ?? 0);
  const [all, idle, waiting] = [length('_allConnections'), length('_freeConnections'), length('_connectionQueue')];
  const opening = Math.max(0, watch.holdings.waiting.size - waiting);
  const limit = Number(peek(peek(pool, 'config'), 'connectionLimit'));
  return { used: Math.max(0, all - idle - opening), idle, waiting, max: limit > 0 ? limit : null };
}

/** Times `query` and `execute` of one connection; the same one again changes nothing. */
export function watchConnection(connection: object, watch: PoolWatch, seen: WeakSet<object>): void {
  if (seen.has(connection)) return;
  seen.add(connection);
  for (const name of ['query', 'execute'] as const) {
    patch(connection, name, (original) => {
      return function timed(this: unknown, ...args: unknown[]): unknown {
        const sql = watch.timesQueries ? sqlOf(args[0]) : undefined;
        if (sql === undefined) return Reflect.apply(original, this, args);
        const running = watch.begin(sql, connection, timed);
        const heard = listenIn(args, watch, running);
        let command: unknown;
        try {
          command = Reflect.apply(original, this, args);
        } catch (error) {
          watch.end(running, error, null);
          throw error;
        }
        // Without a callback it is read as a stream, which ends when its last row has come.
        if (!heard && hasMethods(command, 'once'))
          (command as { once(event: string, run: () => void): void }).once('end', () =>
            watch.end(running, undefined, null),
          );
        return command;
      };
    });
  }
}

/** Puts itself before the callback; false when there is none. The pool gives a command that holds its callback itself. */
function listenIn(args: unknown[], watch: PoolWatch, running: RunningQuery): boolean {
  const at = args.findIndex((one) => typeof one === 'function');
  if (at > 0) {
    args[at] = before(args[at] as Callback, watch, running);
    return true;
  }
  const command = args[0];
  const onResult = peek(command, 'onResult');
  if (typeof onResult !== 'function') return false;
  (command as { onResult: Callback }).onResult = before(onResult as Callback, watch, running);
  return true;
}

function before(callback: Callback, watch: PoolWatch, running: RunningQuery): Callback {
  return function (this: unknown, ...answer: unknown[]): unknown {
    watch.end(running, answer[0], answer[0] ? null : rowsOf(answer[1]));
    const call = () => Reflect.apply(callback, this, answer);
    return running.parent ? current.run(running.parent, call) : call();
  };
}

function sqlOf(given: unknown): string | undefined {
  if (typeof given === 'string') return given;
  const sql = peek(given, 'sql');
  return typeof sql === 'string' ? sql : undefined;
}

function rowsOf(result: unknown): number | null {
  if (Array.isArray(result)) {
    // Several statements in one query give a list of results.
    const nested =
      result.length > 0 && result.every((one) => Array.isArray(one) || typeof peek(one, 'affectedRows') === 'number');
    return nested ? result.reduce<number>((sum, one) => sum + (rowsOf(one) ?? 0), 0) : result.length;
  }
  const affected = peek(result, 'affectedRows');
  return typeof affected === 'number' ? affected : null;
}
