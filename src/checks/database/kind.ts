import type { Sample } from '../../model/sample.ts';

/** What a database session measures of its own making, in ms and in order: `dns`, `connect`, `login`. */
export type Mark = (phase: string) => void;

/** What the server says about itself: `seen` is shown, `samples` are kept over time, `problems` make the check warn. */
export interface ServerFacts {
  readonly seen: Readonly<Record<string, unknown>>;
  readonly samples?: readonly Omit<Sample, 'at'>[];
  readonly problems?: readonly string[];
}

/** One connection to a database server, login done. */
export interface DatabaseSession {
  /** Asks the configured question, or the cheapest the server knows. `budgetMs` is for the server's own statement timeout. */
  ask(query: string | undefined, budgetMs: number): Promise<void>;
  /** Asks how the server is: one combined question. */
  facts?(budgetMs: number): Promise<ServerFacts>;
  /** False as soon as the connection is known to be gone. */
  readonly alive: boolean;
  /** Shown to people, e.g. `PostgreSQL 15.8`. */
  readonly server?: string;
  /** Takes leave in the protocol's way. */
  end(): Promise<void>;
  /** Cuts at once; nothing of it remains. Idempotent. */
  destroy(): void;
}

/** A driver's or server's error in words. */
export interface DriverFailure {
  readonly reason: string;
  readonly code: string;
  /** The connection is gone with it, although the driver may not have noticed yet. */
  readonly connectionLost?: boolean;
}

/** How one kind of database is reached. Adding one is a file that exports this, and a line in `kinds.ts`. */
export interface DatabaseKind {
  /** What this check says about the system, for the person who reads its page. */
  readonly explanation: string;
  /** Connects and logs in. Calls `mark` at the end of each phase. When `signal` aborts it must leave nothing open. */
  open(url: string, options: { signal: AbortSignal; timeoutMs: number; mark: Mark }): Promise<DatabaseSession>;
  /** The server's own error in words, when the error is one; otherwise undefined and the network's words are used. */
  explain(error: unknown): DriverFailure | undefined;
}
