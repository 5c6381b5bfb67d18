/** What a fallback chain is made of, and how a connection is taken from each kind of it. */
import { MonitorError } from '../../model/problem.ts';
import { hasMethods, peek } from '../pools/patch.ts';

interface Named {
  /** Name shown to people, e.g. `pooler`; unique in the chain. */
  readonly name: string;
}

/** A pool: each operation gets a connection of its own from it, which is given back afterwards. */
export interface PoolEntry<P = unknown> extends Named {
  readonly pool: P;
}

/** A connection is made, or fetched, for each operation. */
export interface ConnectEntry<C = unknown> extends Named {
  readonly connect: (signal: AbortSignal) => C | PromiseLike<C>;
  /** Takes it back; `failed` when it must not be used again. @default its own `release()`, when it has one */
  // biome-ignore lint/suspicious/noExplicitAny: the connection's type is what `connect` returns; it cannot stand in both places of a list's type.
  readonly release?: (connection: any, failed: boolean) => unknown;
}

/** A client that all operations share, as clients of Redis and MongoDB are. */
export interface UseEntry<C = unknown> extends Named {
  readonly use: C;
}

export type FallbackEntry = PoolEntry | ConnectEntry | UseEntry;

/** What the operations of an entry get. */
export type ConnectionOf<E> = E extends { readonly use: infer C }
  ? C
  : E extends { readonly connect: (...given: never[]) => infer R }
    ? Awaited<R>
    : E extends { readonly pool: infer P }
      ? ConnectionOfPool<P>
      : never;

/** What a pool hands out: pg's `connect()`, mysql2's `getConnection()`, anybody's `acquire()`. */
export type ConnectionOfPool<P> = P extends { getConnection(): Promise<infer C> }
  ? C
  : P extends { getConnection(callback: (error: never, connection: infer C) => unknown): unknown }
    ? C
    : P extends { connect: { (): Promise<infer C>; (callback: never): unknown } }
      ? C
      : P extends { connect(): Promise<infer C> }
        ? C
        : P extends { acquire(...given: never[]): infer R }
          ? R extends { readonly promise: Promise<infer C> }
            ? C
            : Awaited<R>
          : never;

/** One entry, ready to be asked. */
export interface Source {
  readonly name: string;
  /** The connection is the operation's own: what fails after it was taken has reached it. */
  readonly exclusive: boolean;
  take(signal: AbortSignal): unknown;
  give(connection: unknown, failed: boolean): unknown;
}

/** Checks a list of entries. Throws a MonitorError `bad-argument`: a chain that cannot work must be noticed before it is needed. */
export function readEntries(given: unknown): Source[] {
  if (!Array.isArray(given) || given.length === 0)
    throw wrong(
      'createFallback needs a list of at least one connection',
      '{ name, pool | connect | use }, first choice first',
    );
  const sources = given.map((entry: unknown, index) => readEntry(entry, index));
  for (const [index, { name }] of sources.entries())
    if (sources.findIndex((one) => one.name === name) !== index)
      throw wrong(`connections[${index}]: the name "${name}" is used twice`);
  return sources;
}

function readEntry(entry: unknown, index: number): Source {
  const place = `connections[${index}]`;
  const name = peek(entry, 'name');
  if (typeof name !== 'string' || name.trim() === '' || name.length > 80)
    throw wrong(`${place}.name must be a text of 1 to 80 characters, e.g. "pooler"`);
  const kinds = ['pool', 'connect', 'use'].filter((kind) => peek(entry, kind) !== undefined);
  if (kinds.length !== 1)
    throw wrong(
      `${place} ("${name}") must have exactly one of pool, connect and use, not ${kinds.join(' and ') || 'none'}`,
    );
  const value = peek(entry, kinds[0]!);
  if (kinds[0] === 'use') return { name, exclusive: false, take: () => value, give: () => undefined };
  if (kinds[0] === 'connect') {
    if (typeof value !== 'function')
      throw wrong(`${place}.connect ("${name}") must be a function that gives a connection`);
    const release = peek(entry, 'release');
    return {
      name,
      exclusive: true,
      take: (signal) => (value as (signal: AbortSignal) => unknown)(signal),
      give: typeof release === 'function' ? (release as Source['give']) : giveBack,
    };
  }
  return { name, exclusive: true, ...fromPool(value, `${place}.pool ("${name}")`) };
}

function fromPool(pool: unknown, place: string): Pick<Source, 'take' | 'give'> {
  type Call = (...given: unknown[]) => unknown;
  const own = pool as Record<string, Call>;
  if (hasMethods(pool, 'getConnection')) {
    // A promise pool of mysql2 holds the callback pool; the callback pool does not answer otherwise.
    if (hasMethods(peek(pool, 'pool'), 'getConnection')) return { take: () => own['getConnection']!(), give: giveBack };
    return {
      take: () =>
        new Promise((resolve, reject) => {
          own['getConnection']!((error: unknown, connection: unknown) => (error ? reject(error) : resolve(connection)));
        }),
      give: giveBack,
    };
  }
  if (hasMethods(pool, 'acquire', 'release'))
    return {
      take: () => {
        const taken = own['acquire']!();
        return peek(taken, 'promise') ?? taken;
      },
      give: (connection, failed) =>
        failed && hasMethods(pool, 'destroy') ? own['destroy']!(connection) : own['release']!(connection),
    };
  if (hasMethods(pool, 'connect') && typeof peek(pool, 'totalCount') === 'number')
    return { take: () => own['connect']!(), give: giveBack };
  throw wrong(
    `${place} is no pool known here (pg, mysql2, acquire and release)`,
    'give connect, or use for a shared client',
  );
}

/** mysql2 destroys what failed; pg does when `release` gets something true. */
function giveBack(connection: unknown, failed: boolean): unknown {
  const own = connection as { destroy(): unknown; release(failed?: boolean): unknown };
  if (failed && hasMethods(connection, 'destroy', 'release')) return own.destroy();
  if (hasMethods(connection, 'release')) return failed ? own.release(true) : own.release();
  return undefined;
}

function wrong(message: string, hint?: string): MonitorError {
  return new MonitorError('bad-argument', message, hint === undefined ? {} : { hint });
}
