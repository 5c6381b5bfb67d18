/** Connection pools of applications, as the agent reports them and the monitor keeps them. */
import type { StatementLanguage } from './statement-shape.ts';

/** What a pool does at one moment. Durations in ms; null where the pool does not tell or nothing is there. */
export interface PoolSnapshot {
  /** Epoch ms. */
  readonly at: number;
  /** Connections that somebody holds. */
  readonly used: number;
  readonly idle: number;
  /** Requests for a connection that have not got one. */
  readonly waiting: number;
  readonly max: number | null;
  /** How long the request that waits longest has waited, and the one that came last. */
  readonly longestWaitMs: number | null;
  readonly shortestWaitMs: number | null;
  /** How long the connection that is held longest has been held, and the one taken last. */
  readonly longestHoldMs: number | null;
  readonly shortestHoldMs: number | null;
  /** Who holds connections: places in the app's code, most connections first, at most five. */
  readonly holders: readonly PoolHolder[];
}

/** Connections that one place in the app's code took and has not given back. */
export interface PoolHolder {
  /** e.g. `src/reports.ts:88`; `unknown` where it was not captured. */
  readonly site: string;
  readonly count: number;
  readonly longestMs: number;
  /** What the longest of them runs or ran last, without values. */
  readonly statement: string | null;
  /** The stack that took the longest of them, frames of the app and of packages, one a line. */
  readonly stack: string;
}

/** What statements of one shape did since the previous batch. */
export interface StatementDelta {
  readonly id: string;
  readonly text: string;
  readonly summary: string;
  readonly errors: number;
  readonly rows: number;
  /** An encoded `Sketch` of seconds; its count is how often it ran. */
  readonly durations: Uint8Array;
}

/** One query that took longer than `slow_query_threshold_ms`. */
export interface SlowQuery {
  readonly id: string;
  /** Epoch ms of its start. */
  readonly at: number;
  readonly pool: string;
  readonly service: string;
  readonly instance: string;
  /** Id of the statement's shape, and its text without values. */
  readonly statement: string;
  readonly text: string;
  readonly durationMs: number;
  /** How long it had waited for a connection before that. */
  readonly waitMs: number;
  readonly rows: number | null;
  /** Place in the app's code, e.g. `src/reports.ts:88`; empty where it was not captured. */
  readonly caller: string;
  readonly traceId?: string;
  readonly correlationId?: string;
  /** Type and code of the error it ended with. */
  readonly error?: string;
}

/** What happened in one watched pool since the previous batch, and how it stands. */
export interface PoolReport {
  readonly name: string;
  /** `pg`, `mysql2`, `ioredis`, `redis`, `mongodb`, `generic`. */
  readonly kind: string;
  readonly language: StatementLanguage;
  readonly snapshot: PoolSnapshot;
  /** Encoded sketches of seconds: how long requests waited for a connection, and how long connections were held. */
  readonly waits: Uint8Array;
  readonly holds: Uint8Array;
  /** Requests for a connection that failed, those of them that ran out of time, and times the pool became exhausted. */
  readonly errors: number;
  readonly timeouts: number;
  readonly exhaustions: number;
  readonly statements: readonly StatementDelta[];
  readonly slow: readonly Omit<SlowQuery, 'service' | 'instance' | 'pool'>[];
  /** The pool was ended or is not watched any more: the last report. */
  readonly gone?: true;
}

/** One connection of an application's fallback chain. */
export interface FallbackConnection {
  readonly name: string;
  readonly breaker: 'closed' | 'open' | 'half-open';
  /** Epoch ms since when the breaker has been what it is. */
  readonly since: number;
  /** Failures in a row. */
  readonly failures: number;
  /** Epoch ms when an open breaker lets a trial through. */
  readonly retryAt: number | null;
  /** Why the last failure happened; empty before the first. */
  readonly reason: string;
  /** Operations it served, and attempts on it that failed, since the previous batch. */
  readonly served: number;
  readonly failed: number;
}

/** An application's fallback chain. */
export interface FallbackReport {
  readonly name: string;
  readonly connections: readonly FallbackConnection[];
  /** The connection that the next operation would use; null when every breaker is open. */
  readonly current: string | null;
  readonly gone?: true;
}

/** A watched pool as the monitor knows it: the newest snapshot and where it came from. */
export interface PoolState {
  readonly name: string;
  readonly kind: string;
  readonly service: string;
  readonly instance: string;
  readonly snapshot: PoolSnapshot;
  /** Seconds, of requests in the last minute. */
  readonly waits: {
    readonly count: number;
    readonly p50: number | null;
    readonly p95: number | null;
    readonly p99: number | null;
  };
  /** Since the monitor started. */
  readonly errors: number;
  readonly timeouts: number;
  readonly exhaustions: number;
  /** `stale`: its process has been silent; `gone`: it was ended in an orderly way. */
  readonly state: 'live' | 'stale' | 'gone';
}

/** A fallback chain as the monitor knows it. */
export interface FallbackState {
  readonly name: string;
  readonly service: string;
  readonly instance: string;
  readonly connections: readonly (FallbackConnection & {
    readonly servedTotal: number;
    readonly failedTotal: number;
  })[];
  readonly current: string | null;
  readonly state: 'live' | 'stale' | 'gone';
}

/** What other rooms may ask about pools and fallback chains. */
export interface PoolsView {
  /** Pools that live, and those that ended within the last minute. */
  pools(): readonly PoolState[];
  fallbacks(): readonly FallbackState[];
}

/** The text of a statement's shape, kept so that figures of the past have a name. */
export interface StatementRecord {
  readonly id: string;
  readonly lastSeenAt: number;
  readonly text: string;
  readonly summary: string;
}
