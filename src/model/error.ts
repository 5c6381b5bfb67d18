/** An error as it reaches us, redacted. */
export interface ErrorEvent {
  readonly id: string;
  readonly at: number;
  readonly instance: string;
  /** The caller's type (`recordError`) or the error's class. */
  readonly type: string;
  readonly message: string;
  readonly stack: string;
  readonly handled: boolean;
  readonly causes?: readonly { readonly type: string; readonly message: string; readonly stack: string }[];
  readonly correlationId?: string;
  readonly requestId?: string;
  readonly traceId?: string;
  readonly release?: string;
  readonly context: Readonly<Record<string, unknown>>;
  /** How many identical events this one stands for. */
  readonly count: number;
}

/** Errors that are the same mistake. */
export interface ErrorGroup {
  /** The fingerprint. */
  readonly id: string;
  readonly type: string;
  /** The message with its variable parts replaced. */
  readonly title: string;
  /** First in-app frame, e.g. `importBatch (src/import.ts:88)`. */
  readonly culprit: string;
  readonly state: 'open' | 'resolved' | 'regressed' | 'ignored';
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly count: number;
  readonly release?: string;
  /** What the fingerprint was made of, for people. */
  readonly groupedBy: string;
}

/** A kept example of a group. */
export interface ErrorOccurrence {
  readonly id: string;
  readonly groupId: string;
  readonly at: number;
  readonly event: ErrorEvent;
}
