/**
 * The way from the app's thread to the monitor in a worker thread of the same process. In come batches, out come their delivery and
 * the monitor's orders. It must never throw into the app, block it, keep it alive, or grow while the worker is away.
 */
import { Worker } from 'node:worker_threads';
import type { Channel } from '../model/channel.ts';
import { type Clock, systemClock, type Timer } from '../model/clock.ts';
import type { Answer, Order, SignalBatch } from '../model/signal.ts';
import { Backlog } from './backlog.ts';
import type { ToApp, ToWorker, WorkerStart } from './messages.ts';

/** Batches on their way without an answer; the rest waits on our side, where it is bounded. */
const mostUnderWay = 10;
const longestBackOffMs = 60_000;
/** A worker that lived this long was healthy: the next restart is quick again. */
const healthyAfterMs = 60_000;

export type WorkerChannelState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready'; readonly url: string | null }
  /** The worker died; it is started again after `afterMs`. */
  | { readonly kind: 'died'; readonly reason: string; readonly afterMs: number }
  /** It cannot run and is not tried again. */
  | { readonly kind: 'failed'; readonly message: string; readonly hint: string | undefined };

export interface WorkerChannelOptions {
  /** The worker's entry file. */
  readonly workerUrl: URL;
  /** What the entry gets as `workerData.options`. */
  readonly workerData: unknown;
  readonly onSettings: (settings: unknown) => void;
  /** Answers an order; a rejection becomes a negative answer. */
  readonly onOrder: (order: Order) => Promise<unknown> | unknown;
  readonly onState: (state: WorkerChannelState) => void;
  readonly clock?: Clock;
}

/** Starts the worker and keeps it running. */
export function createWorkerChannel(options: WorkerChannelOptions): Channel & { terminate(): Promise<void> } {
  return new WorkerChannel(options);
}

class WorkerChannel implements Channel {
  readonly #options: WorkerChannelOptions;
  readonly #clock: Clock;
  readonly #backlog = new Backlog();
  readonly #stopped = new SharedArrayBuffer(4);
  #worker: Worker | undefined;
  #ready = false;
  /** How many batches of the backlog's front are under way. */
  #underWay = 0;
  #delivered = 0;
  #startedAt = 0;
  #failures = 0;
  #restart: Timer | undefined;
  #ended = false;
  #lastError = '';

  constructor(options: WorkerChannelOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#start();
  }

  get stats(): Channel['stats'] {
    return { queued: this.#backlog.size, delivered: this.#delivered, takeLost: () => this.#backlog.takeLost() };
  }

  send(batch: SignalBatch): void {
    if (this.#ended) return;
    // When two batches became one, one fewer of those in front is under way; if only the older one was, the new one goes out whole.
    if (this.#backlog.add(batch)) this.#underWay = Math.max(0, this.#underWay - 1);
    this.#pump();
  }

  farewell(batch: SignalBatch): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#restart?.cancel();
    const worker = this.#worker;
    if (!worker) return;
    const worthWaiting = this.#ready || this.#backlog.size > 1 || hasNews(batch);
    this.#backlog.add(batch);
    for (const waiting of this.#backlog.all().slice(this.#underWay)) this.#post({ kind: 'batch', batch: waiting });
    this.#post({ kind: 'stop' });
    // The worker has its own event loop: it goes on while this thread stands still here.
    if (worthWaiting) Atomics.wait(new Int32Array(this.#stopped), 0, 0, this.#ready ? 2000 : 4000);
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#restart?.cancel();
    const worker = this.#worker;
    if (!worker) return;
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    for (const waiting of this.#backlog.all().slice(this.#underWay)) this.#post({ kind: 'batch', batch: waiting });
    this.#post({ kind: 'stop' });
    worker.ref();
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, 5000);
    });
    await Promise.race([exited, tooLong]);
    clearTimeout(timer);
    await worker.terminate().catch(() => undefined);
  }

  /** Kills the worker as a crash would; it is started again. For tests. */
  async terminate(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): void {
    this.#startedAt = this.#clock.monotonic();
    this.#tell({ kind: 'starting' });
    const start: WorkerStart = {
      cryoprotectMonitoring: true,
      stopped: this.#stopped,
      options: this.#options.workerData,
    };
    try {
      // No execArgv: what the app preloads (`--import`) is not meant for this thread.
      // A heap limit of its own: without one a worker that runs out of memory takes the whole process with it.
      const worker = new Worker(this.#options.workerUrl, {
        name: 'cryoprotect-monitoring',
        workerData: start,
        execArgv: [],
        resourceLimits: { maxOldGenerationSizeMb: 256 },
      });
      this.#worker = worker;
      worker.on('message', (message: ToApp) => this.#hear(message));
      worker.on('error', (error: unknown) => {
        this.#lastError = error instanceof Error ? error.message : String(error);
      });
      worker.on('exit', (code) => this.#died(worker, code));
      worker.unref();
    } catch (error) {
      this.#lastError = error instanceof Error ? error.message : String(error);
      this.#died(undefined, 1);
    }
  }

  #hear(message: ToApp): void {
    switch (message.kind) {
      case 'settings':
        this.#options.onSettings(message.settings);
        break;
      case 'ready':
        this.#ready = true;
        this.#tell({ kind: 'ready', url: message.url });
        this.#pump();
        break;
      case 'failed':
        this.#ended = true;
        this.#tell({ kind: 'failed', message: message.message, hint: message.hint });
        break;
      case 'delivered': {
        const count = this.#backlog.delivered(message.sequence);
        this.#delivered += count;
        this.#underWay = Math.max(0, this.#underWay - count);
        this.#pump();
        break;
      }
      case 'refused':
        if (this.#backlog.at(0)?.sequence === message.sequence) {
          this.#backlog.refuse();
          this.#underWay = Math.max(0, this.#underWay - 1);
        }
        this.#pump();
        break;
      case 'order':
        void this.#answer(message.order);
        break;
    }
  }

  async #answer(order: Order): Promise<void> {
    let answer: Answer;
    try {
      answer = { id: order.id, ok: true, value: await this.#options.onOrder(order) };
    } catch (error) {
      answer = { id: order.id, ok: false, value: error instanceof Error ? error.message : String(error) };
    }
    this.#post({ kind: 'answer', answer });
  }

  #pump(): void {
    if (!this.#ready) return;
    while (this.#underWay < mostUnderWay) {
      const next = this.#backlog.at(this.#underWay);
      if (!next) return;
      this.#underWay += 1;
      this.#post({ kind: 'batch', batch: next });
    }
  }

  /** Copies instead of transferring: sketches are some hundred bytes, and what is not acknowledged may have to be sent again. */
  #post(message: ToWorker): void {
    try {
      this.#worker?.postMessage(message);
    } catch {
      // A value that cannot be cloned would block the queue for ever.
      if (message.kind === 'batch') {
        this.#backlog.refuse();
        this.#underWay = Math.max(0, this.#underWay - 1);
      }
    }
  }

  #died(worker: Worker | undefined, code: number): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    this.#ready = false;
    this.#underWay = 0;
    if (this.#ended) return;
    if (this.#clock.monotonic() - this.#startedAt > healthyAfterMs) this.#failures = 0;
    this.#failures += 1;
    const afterMs = Math.min(longestBackOffMs, 250 * 2 ** this.#failures);
    const reason = this.#lastError || `exit code ${code}`;
    this.#lastError = '';
    this.#tell({ kind: 'died', reason, afterMs });
    this.#restart = this.#clock.after(afterMs, () => this.#start());
  }

  #tell(state: WorkerChannelState): void {
    try {
      this.#options.onState(state);
    } catch {
      // Whoever listens cannot hurt the channel.
    }
  }
}

/** True when a batch holds more than a sign of life. */
function hasNews(batch: SignalBatch): boolean {
  const parts = [
    batch.operations,
    batch.metrics,
    batch.errors,
    batch.progress,
    batch.traces,
    batch.alerts,
    batch.silences,
  ];
  return parts.some((part) => (part?.length ?? 0) > 0);
}
