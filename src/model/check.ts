import type { Sample } from './sample.ts';

/** `unknown` and `stale` are never shown or counted as healthy. */
export type CheckStatus = 'ok' | 'warning' | 'error' | 'unknown' | 'stale';

/** The page a check belongs to. */
export type CheckComponent = 'database' | 'api' | 'system' | 'application' | 'heartbeat';

/** What a person is shown as the ground of a verdict: a condition and what was seen. */
export interface ConditionResult {
  /** The rule in words, e.g. `status is 200`. */
  readonly condition: string;
  readonly met: boolean;
  /** The value that was seen, e.g. `503`; secrets are redacted before they get here. */
  readonly seen: string;
  readonly severity: 'warning' | 'error';
  /** What kind of condition it is, where rules need to know: `response-time`. */
  readonly id?: string;
  /** The numbers of a condition with two thresholds, in its own unit, e.g. ms. */
  readonly levels?: { readonly warning: number; readonly error: number };
}

/** The root of a failure that is only a consequence: a parent of the check that is down itself. */
export interface Cause {
  /** Id of the check that is down, e.g. `database:main`: the topmost one when parents have parents. */
  readonly check: string;
  readonly name: string;
  /** What that check said. */
  readonly reason: string;
}

/** A planned maintenance window that is open. */
export interface Maintenance {
  readonly name: string;
  /** Epoch ms of its end. */
  readonly until: number;
}

/** Why a bad result is held against nobody; absent when it counts. */
export type Excuse = 'maintenance' | 'parent';

/** What one run of a check found. A target that is down is data, never an exception. */
export interface CheckOutcome {
  readonly status: 'ok' | 'warning' | 'error' | 'unknown';
  /** Why, in one sentence a person understands at night, e.g. `connection refused (127.0.0.1:5432)`. */
  readonly reason: string;
  /** What was seen: small, JSON-safe, redacted. */
  readonly seen: Readonly<Record<string, unknown>>;
  readonly conditions?: readonly ConditionResult[];
  /** Where the time went, in milliseconds, in order, e.g. `{ dns: 1.2, connect: 3 }`. */
  readonly phases?: Readonly<Record<string, number>>;
  /** Numbers to keep besides `check_up` and `check_duration_seconds`, which every check gets. */
  readonly samples?: readonly Omit<Sample, 'at'>[];
  /** The last word of a check that came and went with its application: whatever was wrong with it is over. */
  readonly gone?: boolean;
  /** True when the monitor itself was starved or without network: shown, but not counted against anything. */
  readonly inconclusive?: boolean;
  /** How long the answer itself took, ms, when the run did more than wait for one (earlier attempts). */
  readonly answerMs?: number;
}

/** A check's description: what never changes from run to run. */
export interface CheckInfo {
  /** Stable and unique, e.g. `database:pooler`, `api:/health`, `system`. */
  readonly id: string;
  /** Kind of probe, e.g. `postgres`, `http`, `system`. */
  readonly kind: string;
  readonly component: CheckComponent;
  /** Name shown to people. */
  readonly name: string;
  /** Where it looks, without credentials. */
  readonly target: string;
  readonly intervalMs: number;
  /** Hard total deadline of one run. */
  readonly timeoutMs: number;
  /** Position in a fallback chain, 0 first; absent outside chains. */
  readonly order?: number;
  /** Ids of the checks this one depends on: while one of them is down, a failure here is its consequence and tells nobody. */
  readonly parents?: readonly string[];
  /** The operation of the application that this check asks, e.g. `GET /orders`: its real traffic is shown beside the check. */
  readonly operation?: string;
  /** Words that maintenance windows and people select by. */
  readonly tags?: readonly string[];
  /** Which chain that is; connections of one chain stand in for each other. */
  readonly chain?: string;
  /** What this check says about the system, for the person who reads its page. */
  readonly explanation: string;
}

/** Something that can be asked how it is. */
export interface Check {
  readonly info: CheckInfo;
  /** Asks once. Must honour `signal`; the scheduler enforces the deadline even when it does not. */
  run(signal: AbortSignal): Promise<CheckOutcome>;
  /** For checks that come and go: their id returns, so that their history is kept for that time. */
  readonly lasting?: boolean;
  /** Frees kept connections. Idempotent. */
  close?(): Promise<void>;
  /** What the check wants to find again after a restart: small and JSON-safe (a breaker's state). Read after each run. */
  memory?(): unknown;
  /** Gives back what `memory` said in an earlier life, before the first run. Must cope with anything. */
  recall?(value: unknown): void;
}

/** One run, with when it was and how long it took. */
export interface CheckResult extends CheckOutcome {
  readonly check: CheckInfo;
  /** Epoch milliseconds of the start of the run. */
  readonly at: number;
  readonly durationMs: number;
  /** Set when the check failed while a parent was down: the parent's alert tells people, this one's must not. */
  readonly becauseOf?: Cause;
  /** Set when the run fell into a planned maintenance: shown as it is, counted against nothing. */
  readonly maintenance?: Maintenance;
}

/** Why a result that is not ok must be held against nobody; undefined when it counts. */
export function excuseOf(result: CheckResult): Excuse | undefined {
  if (result.maintenance && result.status !== 'ok') return 'maintenance';
  return result.becauseOf ? 'parent' : undefined;
}

/** A check as it stands now. */
export interface CheckState {
  readonly check: CheckInfo;
  /** The last result's status, or `stale` when it is older than two intervals plus the timeout, or `unknown` before the first. */
  readonly status: CheckStatus;
  readonly reason: string;
  readonly last?: CheckResult;
  /** Epoch ms since when the status has been what it is. */
  readonly since: number;
  readonly consecutiveFailures: number;
  readonly running: boolean;
  /** Epoch ms of the next run. */
  readonly nextAt: number;
  /** Newest last, at most 120. */
  readonly recent: readonly {
    readonly at: number;
    readonly status: CheckOutcome['status'];
    readonly durationMs: number;
    readonly inconclusive?: boolean;
    readonly excuse?: Excuse;
  }[];
  /** The maintenance window that is open for it now. */
  readonly maintenance?: Maintenance;
}

/** What the other rooms may ask the check scheduler. */
export interface ChecksView {
  all(): readonly CheckState[];
  one(id: string): CheckState | undefined;
  /** The planned maintenance there has been for a check since `from` (epoch ms): time that counts neither as up nor as down. */
  maintenanceOf?(id: string, from: number): readonly { readonly from: number; readonly to: number }[];
  /** Runs a check now, sharing a run that is already under way. Resolves with its result; undefined for an unknown id. */
  runNow(id: string): Promise<CheckResult | undefined>;
}
