import type { Answer, Order, SignalBatch } from '../model/signal.ts';

/** What the app's thread says to the worker. */
export type ToWorker =
  | { readonly kind: 'batch'; readonly batch: SignalBatch }
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** Everything taken in must be on the disk, and the monitor stopped, before the flag is raised. */
  | { readonly kind: 'stop' };

/** What the worker says to the app's thread. */
export type ToApp =
  | { readonly kind: 'settings'; readonly settings: unknown }
  | { readonly kind: 'ready'; readonly url: string | null }
  /** The monitor cannot run, and trying again would not help before somebody has changed something. */
  | { readonly kind: 'failed'; readonly message: string; readonly hint: string | undefined }
  | { readonly kind: 'delivered'; readonly sequence: number }
  | { readonly kind: 'refused'; readonly sequence: number; readonly message: string }
  | { readonly kind: 'order'; readonly order: Order };

/** The workerData that marks a thread as ours, so that an app loaded in it does not start a monitor in the monitor. */
export interface WorkerStart {
  readonly cryoprotectMonitoring: true;
  /** One number in shared memory: 0 until `stop` is done, then 1. */
  readonly stopped: SharedArrayBuffer;
  readonly options: unknown;
}
