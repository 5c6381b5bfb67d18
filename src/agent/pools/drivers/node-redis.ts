/** node-redis (`redis`): clients, and pools of clients. */
import { redisText } from '../../../model/statement-shape.ts';
import { observe } from '../../settle.ts';
import { type Attached, type PoolDriver, together } from '../driver.ts';
import { hasMethods, patch, peek } from '../patch.ts';
import type { PoolWatch } from '../pool-watch.ts';

export const nodeRedisPoolDriver: PoolDriver = {
  kind: 'redis',
  language: 'redis',
  recognises: (pool) => hasMethods(pool, 'execute', 'sendCommand') && typeof peek(pool, 'totalClients') === 'number',
  attach: attachPool,
};

export const nodeRedisDriver: PoolDriver = {
  kind: 'redis',
  language: 'redis',
  recognises: (client) => hasMethods(client, 'sendCommand', 'connect') && typeof peek(client, 'isReady') === 'boolean',
  attach(client, watch) {
    watch.counts = () => ({ used: peek(client, 'isReady') === true ? 1 : 0, max: 1 });
    let opened = peek(client, 'isOpen') === true;
    const undo = watchClient(client, watch, new WeakSet());
    return {
      detach: together(undo),
      // One that was not opened yet has not ended.
      ended: () => {
        const open = peek(client, 'isOpen') === true;
        if (open) opened = true;
        return opened && !open;
      },
      missing: undo.length > 0 ? undefined : 'it cannot be changed: its commands are not timed',
    };
  },
};

function attachPool(pool: object, watch: PoolWatch): Attached {
  const clients = new WeakSet<object>();
  const number = (name: string) => Number(peek(pool, name) ?? 0);
  watch.counts = () => ({
    used: number('clientsInUse'),
    idle: number('idleClients'),
    waiting: number('tasksQueueLength'),
    max: watch.max,
  });
  let opened = peek(pool, 'isOpen') === true;
  const undo = patch(pool, 'execute', (original) => {
    return function execute(this: unknown, ...args: unknown[]): unknown {
      const task = args[0];
      if (!watch.reports || typeof task !== 'function') return Reflect.apply(original, this, args);
      const request = watch.request(execute);
      let answered = false;
      args[0] = function (this: unknown, ...given: unknown[]): unknown {
        const client = given[0];
        answered = true;
        watch.answered(request, undefined, client);
        if (typeof client === 'object' && client !== null) watchClient(client, watch, clients);
        const release = () => watch.released(client);
        try {
          const result = watch.handing(request, () => Reflect.apply(task, this, given) as unknown);
          const observed = observe(result, release);
          if (!observed) release();
          return observed ? observed.value : result;
        } catch (error) {
          release();
          throw error;
        }
      };
      const result = Reflect.apply(original, this, args);
      const observed = observe(result, (failed, error) => {
        if (failed && !answered) watch.answered(request, error ?? true, undefined);
      });
      return observed ? observed.value : result;
    };
  });
  return {
    detach: () => undo?.(),
    ended: () => {
      const open = peek(pool, 'isOpen') === true;
      if (open) opened = true;
      return opened && !open;
    },
    missing: undo
      ? undefined
      : 'it cannot be changed: its connections are counted, its commands and waits are not timed',
  };
}

/** Times the commands of one client: single ones, and the batches of `multi()` as one. */
function watchClient(given: object, watch: PoolWatch, seen: WeakSet<object>): (() => void)[] {
  // The client in the app's hands may be a shell around the real one, in which all shells meet.
  const self = peek(given, '_self');
  const client = typeof self === 'object' && self !== null ? self : given;
  if (seen.has(client)) return [];
  seen.add(client);
  const undo = [
    timed(client, 'sendCommand', watch, (args) => {
      const list = args[0];
      return Array.isArray(list) ? redisText(String(list[0]), list[1]) : 'UNKNOWN';
    }),
    timed(client, '_executeMulti', watch, () => 'MULTI'),
    timed(client, '_executePipeline', watch, () => 'PIPELINE'),
  ];
  return undo.filter((one) => one !== undefined);
}

function timed(
  client: object,
  method: string,
  watch: PoolWatch,
  textOf: (args: unknown[]) => string,
): (() => void) | undefined {
  return patch(client, method, (original) => {
    return function command(this: unknown, ...args: unknown[]): unknown {
      if (!watch.timesQueries) return Reflect.apply(original, this, args);
      const running = watch.begin(textOf(args), client, command);
      let result: unknown;
      try {
        result = Reflect.apply(original, this, args);
      } catch (error) {
        watch.end(running, error, null);
        throw error;
      }
      const observed = observe(result, (failed, error) =>
        watch.end(running, failed ? (error ?? true) : undefined, null),
      );
      return observed ? observed.value : result;
    };
  });
}
