/** Where a batch job stands. `stalled` is decided by the monitor, the other states by the job. */
export type ProgressState = 'running' | 'paused' | 'stalled' | 'done' | 'failed' | 'abandoned';

/** One run of a job, as the agent reports it and the store keeps it. Counts are totals, never deltas. */
export interface ProgressRun {
  /** The predecessor's `tracking_id`: unique per run. */
  readonly id: string;
  readonly name: string;
  readonly instance: string;
  readonly state: ProgressState;
  /** 0 or absent = unknown total. */
  readonly totalItems: number;
  readonly processedItems: number;
  readonly successfulItems: number;
  readonly failedItems: number;
  readonly skippedItems: number;
  /** Items that a checkpoint restored when this run began: never counted into the rate. */
  readonly restoredItems: number;
  readonly message: string;
  readonly startedAt: number;
  readonly updatedAt: number;
  readonly endedAt?: number;
  readonly batches: number;
  /** The newest batches, oldest first, at most 20: what rate and ETA are made of. */
  readonly recentBatches: readonly { readonly at: number; readonly items: number; readonly durationMs: number }[];
  readonly checkpointFile?: string;
  readonly checkpointAt?: number;
}

/** What a run's numbers say, computed at one moment. */
export interface ProgressEstimate {
  /** 0..1, or null when the total is unknown. */
  readonly ratio: number | null;
  readonly elapsedSeconds: number;
  /** Items per second over the recent batches; null before the first. */
  readonly itemsPerSecond: number | null;
  /** Seconds until done as a range [optimistic, likely, pessimistic]; null when nothing honest can be said. */
  readonly remainingSeconds: readonly [number, number, number] | null;
  readonly averageBatchSeconds: number | null;
  readonly averageBatchItems: number | null;
}
