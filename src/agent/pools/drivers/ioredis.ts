/** ioredis: one connection on which all commands travel, or a cluster of them. */
import { redisText } from '../../../model/statement-shape.ts';
import type { Attached, PoolDriver } from '../driver.ts';
import type { Request } from '../holdings.ts';
import { hasMethods, patch, peek } from '../patch.ts';
import type { PoolCounts, PoolWatch } from '../pool-watch.ts';

type Settle = (value: unknown) => unknown;

export const ioredisDriver: PoolDriver = {
  kind: 'ioredis',
  language: 'redis',
  recognises: (client) =>
    hasMethods(client, 'sendCommand', 'disconnect', 'duplicate') && typeof peek(client, 'status') === 'string',
  attach: attachClient,
};

function attachClient(client: object, watch: PoolWatch): Attached {
  const running = new WeakSet<object>();
  /** Commands that wait until the connection is there. */
  const queued = new WeakMap<object, Request>();
  watch.counts = () => countsOf(client);
  const undo = patch(client, 'sendCommand', (original) => {
    return function sendCommand(this: unknown, ...args: unknown[]): unknown {
      const command = args[0];
      if (!watch.reports || typeof command !== 'object' || command === null) return Reflect.apply(original, this, args);
      // The client sends what waited again, as the same command.
      const waited = queued.get(command);
      if (waited && peek(client, 'status') === 'ready') {
        queued.delete(command);
        watch.served(waited, undefined);
      }
      if (!running.has(command)) {
        running.add(command);
        if (peek(client, 'status') !== 'ready') queued.set(command, watch.request(sendCommand));
        follow(command, watch, sendCommand, (error) => {
          const request = queued.get(command);
          if (request) watch.served(request, error);
          queued.delete(command);
        });
      }
      return Reflect.apply(original, this, args);
    };
  });
  return {
    detach: () => undo?.(),
    ended: () => peek(client, 'status') === 'end',
    missing: undo ? undefined : 'it cannot be changed: its commands are not timed',
  };
}

/** Hears of the reply where the client itself does: its promise stays as it is, handled or not. */
function follow(
  command: object,
  watch: PoolWatch,
  below: (...args: never[]) => unknown,
  settled: (error: unknown) => void,
): void {
  const { resolve, reject } = command as { resolve?: Settle; reject?: Settle };
  if (typeof resolve !== 'function' || typeof reject !== 'function') return;
  const name = peek(command, 'name');
  const text = redisText(typeof name === 'string' ? name : '', firstOf(peek(command, 'args')));
  const query = watch.timesQueries ? watch.begin(text, undefined, below) : undefined;
  const done = (error: unknown) => {
    settled(error);
    if (query) watch.end(query, error, null);
  };
  try {
    const writable = command as { resolve: Settle; reject: Settle };
    writable.resolve = function (this: unknown, value: unknown) {
      done(undefined);
      return Reflect.apply(resolve, this, [value]);
    };
    writable.reject = function (this: unknown, error: unknown) {
      done(error ?? true);
      return Reflect.apply(reject, this, [error]);
    };
  } catch {
    // A frozen command is not timed.
  }
}

function firstOf(args: unknown): unknown {
  return Array.isArray(args) ? (args[0] as unknown) : undefined;
}

function countsOf(client: object): PoolCounts {
  const nodes = peek(client, 'nodes');
  const ready = peek(client, 'status') === 'ready';
  const waiting = Number(peek(peek(client, 'offlineQueue'), 'length') ?? 0);
  if (typeof nodes !== 'function') return { used: ready ? 1 : 0, idle: 0, waiting, max: 1 };
  const all = (nodes.call(client) as object[]).length;
  return { used: ready ? all : 0, idle: 0, waiting, max: all };
}
