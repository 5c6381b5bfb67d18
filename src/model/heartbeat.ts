/** What a job says of itself. */
export interface HeartbeatReport {
  /** `start` begins a run; `success` and `failure` end one, or stand for a whole run that nobody announced. */
  readonly kind: 'start' | 'success' | 'failure';
  /** Which run, when runs may overlap. */
  readonly run?: string;
  /** Exit code of the job. */
  readonly code?: number;
  /** What the job says, e.g. the tail of its log; bounded and redacted where it is taken in. */
  readonly message?: string;
}

/** A run that has begun and not ended. */
export interface HeartbeatRun {
  readonly run: string | null;
  /** Epoch ms. */
  readonly at: number;
}

/** How a heartbeat stands. `late` = nothing came in time, `overrun` = a run takes too long. */
export type HeartbeatPhase = 'new' | 'ok' | 'running' | 'due' | 'late' | 'failed' | 'overrun';

/** A heartbeat as it stands now. */
export interface HeartbeatState {
  /** Id of its check. */
  readonly check: string;
  /** Whoever knows it may report, and nothing else. */
  readonly key: string;
  readonly name: string;
  /** In words, e.g. `every 1 h` or `30 2 * * * (Europe/Berlin)`. */
  readonly schedule: string;
  readonly phase: HeartbeatPhase;
  readonly reason: string;
  /** When the next report is expected, epoch ms. */
  readonly expectedAt: number | null;
  /** When it counts as missing. */
  readonly deadlineAt: number | null;
  readonly lastSeenAt: number | null;
  readonly lastDurationMs: number | null;
  readonly lastCode: number | null;
  readonly message: string | null;
  readonly runs: readonly HeartbeatRun[];
}

/** What the server may ask of the heartbeats. */
export interface HeartbeatsView {
  all(): readonly HeartbeatState[];
  /** Takes a report in; resolves when it is stored. Undefined for a key that nobody has. */
  report(key: string, report: HeartbeatReport): Promise<HeartbeatState | undefined>;
  /** The known key that is most like this one. */
  nearestKey(key: string): string | undefined;
}

/** The view of a monitor without heartbeats. */
export const noHeartbeats: HeartbeatsView = {
  all: () => [],
  report: () => Promise.resolve(undefined),
  nearestKey: () => undefined,
};
