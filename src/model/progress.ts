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
