import type { ConditionResult } from '../../model/check.ts';
import type { Sample } from '../../model/sample.ts';
import type { Levels } from './levels.ts';
import type { Place } from './place.ts';
import type { Window } from './window.ts';

/** What a database session measures of its own making, in ms and in order: `dns`, `connect`, `tls`, `login`. */
export type Mark = (phase: string) => void;

/** A session of the server, as it is shown: never with values of its statement. */
export interface ServerSession {
  readonly pid: number;
  /** User and application, e.g. `app (importer)`. */
  readonly who: string;
  readonly state: string;
  /** What it waits for, e.g. `Lock: transactionid`; absent when it works. */
  readonly wait?: string;
  /** How long in this state, s. */
  readonly seconds: number;
  /** Age of its transaction, s. */
  readonly transaction_seconds?: number;
  readonly statement: string;
}

/** A session that waits for others, or that others wait for (then `blocked_by` is empty). */
export interface BlockedSession extends ServerSession {
  readonly blocked_by: readonly number[];
}

/** What one statement cost between two passes. */
export interface StatementUse {
  readonly statement: string;
  readonly calls: number;
  readonly total_ms: number;
  readonly mean_ms: number;
}

/** What the server says about itself. All of it is shown; `conditions` are judged, `samples` kept over time. */
export interface ServerFacts {
  /** Single figures, by name. */
  readonly figures: Readonly<Record<string, unknown>>;
  readonly conditions?: readonly ConditionResult[];
  readonly samples?: readonly Omit<Sample, 'at'>[];
  /** At most ten, longest first. */
  readonly activity?: readonly ServerSession[];
  /** Who waits for whom, at most twenty sessions. */
  readonly blocking?: readonly BlockedSession[];
  /** Most expensive first, at most ten, since the pass before. */
  readonly statements?: { readonly window_seconds: number; readonly list: readonly StatementUse[] };
  /** Nothing can be written over this connection. */
  readonly readOnly?: boolean;
  /** It answers, and cannot be used all the same: the check fails. */
  readonly broken?: { readonly failure: FailureKind; readonly reason: string };
}

export interface FactsOptions {
  /** For the server's own time limit, ms. */
  readonly budgetMs: number;
  /** What the pass before counted. */
  readonly window: Window;
  readonly levels: Levels;
  /** Also ask which statements cost most. */
  readonly withStatements: boolean;
}

/** One connection to a database server, login done. */
export interface DatabaseSession {
  /** Asks the configured question, or the cheapest the server knows. `budgetMs` is for the server's own statement timeout. */
  ask(query: string | undefined, budgetMs: number): Promise<void>;
  /** Asks how the server is: one pass. A server that refuses has no facts, which is no failure: it says so in its figures. */
  facts?(options: FactsOptions): Promise<ServerFacts>;
  /** False as soon as the connection is known to be gone. */
  readonly alive: boolean;
  /** Statements or commands sent so far, login not counted. */
  readonly sent: number;
  /** Shown to people, e.g. `PostgreSQL 15.8`. */
  readonly server?: string;
  /** Takes leave in the protocol's way. */
  end(): Promise<void>;
  /** Cuts at once; nothing of it remains. Idempotent. */
  destroy(): void;
}

/** What went wrong, in one word that rules and people can sort by. */
export type FailureKind =
  | 'authentication'
  | 'unknown-database'
  | 'permission'
  | 'tls'
  | 'too-many-connections'
  | 'starting-up'
  | 'shutting-down'
  | 'read-only'
  | 'timeout'
  | 'locked'
  | 'missing-file'
  | 'corrupt'
  | 'connection-lost'
  | 'protocol'
  | 'query';

/** A driver's or server's error in words. */
export interface DriverFailure {
  readonly reason: string;
  readonly code: string;
  readonly failure: FailureKind;
  /** The connection is gone with it, although the driver may not have noticed yet. */
  readonly connectionLost?: boolean;
}

/** How one kind of database is reached. Adding one is a file that exports this, and a line in `kinds.ts`. */
export interface DatabaseKind {
  /** What this check says about the system, for the person who reads its page. */
  readonly explanation: string;
  /** Connects and logs in. Calls `mark` at the end of each phase. When `signal` aborts it must leave nothing open. */
  open(place: Place, options: { signal: AbortSignal; timeoutMs: number; mark: Mark }): Promise<DatabaseSession>;
  /** The server's own error in words, when the error is one; otherwise undefined and the network's words are used. */
  explain(error: unknown): DriverFailure | undefined;
  /** The error of the network that the driver has wrapped into its own; left out where drivers do not wrap. */
  unwrap?(error: unknown): unknown;
}
