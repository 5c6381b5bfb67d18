/**
 * Gives each operation the first healthy connection of a chain. Works the same with monitoring off; what it does is reported when it is on.
 */
import type { BreakerRules } from '../../model/breaker.ts';
import { type Clock, systemClock } from '../../model/clock.ts';
import type { FallbackReport } from '../../model/pool.ts';
import type { DatabaseFacts } from '../agent-settings.ts';
import { rescue } from '../rescue.ts';
import type { Source } from './entry.ts';
import { type FailureKind, failureOf } from './failure.ts';
import { type ConnectionFailure, FallbackError } from './fallback-error.ts';
import { type BreakerKind, Link } from './link.ts';
import { OutOfTime, within } from './within.ts';

export interface FallbackOptions {
  /** Name of the chain, shown to people. @default 'database' */
  readonly name?: string;
  /** So many failures in a row open a breaker. @default `database_monitoring.connection_failure_threshold` (3) */
  readonly failureThreshold?: number;
  /** An open breaker lets one operation try again after so many seconds. @default `database_monitoring.circuit_breaker_reset_seconds` (300) */
  readonly resetSeconds?: number;
  /** Longest time to wait for a connection before the next one is tried, ms. @default 10000 */
  readonly connectTimeoutMs?: number;
  /** Judges errors of drivers that are not known here; undefined leaves the judgement to the library. */
  readonly classify?: (error: unknown) => FailureKind | undefined;
  /** Hears when a breaker opens, is tried, or closes. */
  readonly onChange?: (change: FallbackChange) => void;
  /** For tests. */
  readonly clock?: Clock;
}

export interface RunOptions {
  /**
   * May the operation be done twice? True: it is repeated on the next connection whenever its connection failed. Left out: only when it
   * cannot have reached the server. False: never, once it has begun.
   */
  readonly idempotent?: boolean;
  /** Longest time for the operation on one connection, ms. @default no limit */
  readonly timeoutMs?: number;
  /** Gives the operation up. */
  readonly signal?: AbortSignal;
}

/** What an operation is told besides its connection. */
export interface Attempt {
  /** Name of the connection. */
  readonly name: string;
  /** Ends when the time is over or the caller gave up. */
  readonly signal: AbortSignal;
}

export interface FallbackChange {
  readonly connection: string;
  readonly from: BreakerKind;
  readonly to: BreakerKind;
  /** Why the last failure happened. */
  readonly reason: string;
  /** The connection that the next operation would use; null when every breaker is open. */
  readonly current: string | null;
  /** Epoch ms. */
  readonly at: number;
}

export interface FallbackStatus {
  readonly current: string | null;
  readonly connections: readonly {
    readonly name: string;
    readonly breaker: BreakerKind;
    readonly since: number;
    readonly failures: number;
    readonly retryAt: number | null;
    readonly reason: string;
  }[];
}

/** A chain of connections. */
export class Fallback<C> {
  readonly name: string;
  readonly #options: FallbackOptions;
  readonly #clock: Clock;
  readonly #links: readonly Link[];
  readonly #closed: () => void;

  /** For `createFallback` only. */
  constructor(
    sources: readonly Source[],
    options: FallbackOptions,
    facts: () => DatabaseFacts,
    closed: (self: Fallback<C>) => void,
  ) {
    this.name = options.name ?? 'database';
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#closed = () => closed(this);
    const rules = (): BreakerRules => ({
      failureThreshold: options.failureThreshold ?? facts().connection_failure_threshold,
      resetMs: (options.resetSeconds ?? facts().circuit_breaker_reset_seconds) * 1000,
    });
    const changed = (link: Link, from: BreakerKind, to: BreakerKind) => this.#changed(link, from, to);
    this.#links = sources.map((source) => new Link(source, rules, this.#clock.now(), changed));
  }

  /**
   * Runs an operation on the first connection that can be had. Errors of the operation itself pass unchanged.
   * @throws FallbackError when no connection works: it says of each why
   */
  async run<R>(
    operation: (connection: C, attempt: Attempt) => R | PromiseLike<R>,
    options: RunOptions = {},
  ): Promise<R> {
    const failures: ConnectionFailure[] = [];
    for (const link of this.#links) {
      options.signal?.throwIfAborted();
      if (!link.admit(this.#clock.now())) {
        failures.push(link.failure(this.#clock.now()));
        continue;
      }
      const outcome = await this.#attempt(link, operation, options);
      if ('value' in outcome) return outcome.value;
      if (outcome.final) throw outcome.error;
      failures.push(link.failure(this.#clock.now()));
    }
    throw new FallbackError(this.name, failures);
  }

  /** The connection that the next operation would use; null when every breaker is open. */
  get current(): string | null {
    const now = this.#clock.now();
    return this.#links.find((link) => link.isFree(now))?.source.name ?? null;
  }

  /** How every connection stands. */
  status(): FallbackStatus {
    const now = this.#clock.now();
    return { current: this.current, connections: this.#links.map((link) => link.state(now)) };
  }

  /** Ends the reports about it. Connections and pools stay the caller's. */
  close(): void {
    this.#closed();
  }

  /** For the agent only: what happened since the last time. */
  take(gone: boolean): FallbackReport {
    const now = this.#clock.now();
    const connections = this.#links.map((link) => link.take(now));
    return { name: this.name, connections, current: this.current, ...(gone ? { gone: true } : {}) };
  }

  async #attempt<R>(
    link: Link,
    operation: (connection: C, attempt: Attempt) => R | PromiseLike<R>,
    options: RunOptions,
  ): Promise<{ value: R } | { error: unknown; final: boolean }> {
    const stop = new AbortController();
    let connection: C;
    try {
      connection = await this.#take(link.source, stop.signal, options.signal);
    } catch (error) {
      stop.abort(error);
      if (options.signal?.aborted) {
        link.abandoned();
        return { error, final: true };
      }
      link.failed(error, this.#clock.now());
      return { error, final: false };
    }
    const attempt: Attempt = { name: link.source.name, signal: stop.signal };
    try {
      const value = await within((async () => operation(connection, attempt))(), {
        clock: this.#clock,
        ms: options.timeoutMs,
        signal: options.signal,
        what: `${link.source.name} did not answer`,
      });
      link.succeeded(this.#clock.now());
      this.#give(link.source, connection, false);
      return { value };
    } catch (error) {
      stop.abort(error);
      return { error, final: this.#judge(link, connection, error, options) };
    }
  }

  /** Counts what an operation ended with. True when that is the end of it, false when the next connection may try. */
  #judge(link: Link, connection: C, error: unknown, options: RunOptions): boolean {
    const now = this.#clock.now();
    const { source } = link;
    if (options.signal?.aborted) {
      link.abandoned();
      this.#give(source, connection, true);
      return true;
    }
    const kind = this.#kindOf(error, source);
    if (kind === 'query') {
      link.succeeded(now);
      this.#give(source, connection, false);
      return true;
    }
    link.failed(error, now);
    this.#give(source, connection, true);
    if (options.idempotent === true) return false;
    return kind === 'lost' || options.idempotent === false;
  }

  #kindOf(error: unknown, source: Source): FailureKind {
    if (error instanceof OutOfTime) return 'lost';
    const given = rescue(() => this.#options.classify?.(error), undefined);
    if (given === 'refused' || given === 'lost' || given === 'query') return given;
    const kind = failureOf(error);
    // It held a connection: whoever refused it was somebody else, another service that the operation called.
    return kind === 'refused' && source.exclusive ? 'query' : kind;
  }

  async #take(source: Source, stop: AbortSignal, signal: AbortSignal | undefined): Promise<C> {
    if (!source.exclusive) return source.take(stop) as C;
    return within((async () => source.take(stop) as C)(), {
      clock: this.#clock,
      ms: this.#options.connectTimeoutMs ?? 10_000,
      signal,
      what: 'no connection',
      // It came after we had gone on: nobody would ever give it back.
      late: (connection) => this.#give(source, connection, false),
    });
  }

  #give(source: Source, connection: C, failed: boolean): void {
    const result = rescue(() => source.give(connection, failed), undefined);
    // A connection that cannot be given back is the pool's trouble, not the operation's.
    if (result instanceof Promise) result.catch(() => undefined);
  }

  #changed(link: Link, from: BreakerKind, to: BreakerKind): void {
    const { name } = link.source;
    rescue(
      () =>
        this.#options.onChange?.({
          connection: name,
          from,
          to,
          reason: link.reason,
          current: this.current,
          at: this.#clock.now(),
        }),
      undefined,
    );
  }
}
