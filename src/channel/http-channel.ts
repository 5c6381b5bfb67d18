/**
 * The way to a monitor in another process or on another machine: POST /monitoring/api/signals, one batch at a time, in order, over one
 * kept connection. It must never throw into the app, hold a request up, keep the process alive, or grow while the monitor is away.
 */
import type { Agent } from 'node:http';
import type { Channel } from '../model/channel.ts';
import { type Clock, systemClock, type Timer } from '../model/clock.ts';
import type { Order, SignalBatch } from '../model/signal.ts';
import { Backlog } from './backlog.ts';

const timeoutMs = 10_000;
const longestBackOffMs = 30_000;
/** Characters of the monitor's answer that are read. */
const mostAnswer = 65_536;

export interface HttpChannelOptions {
  /** Base address of the monitor, e.g. `http://monitor.internal:5001`; `/monitoring` at the end is accepted. */
  readonly url: string;
  /** Bearer token of a machine that may report. */
  readonly token?: string;
  /** Hears once of each new kind of trouble, and once when it is over (`undefined`). */
  readonly onTrouble: (trouble: string | undefined) => void;
  /** Hears of what the monitor asks of this process; the answer goes with a later batch. */
  readonly onOrder?: (order: Order) => void;
  readonly clock?: Clock;
}

/** Makes the channel; the first connection is made with the first batch. */
export function createHttpChannel(options: HttpChannelOptions): Channel {
  return new HttpChannel(options);
}

type Outcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'refused' | 'retry'; readonly why: string; readonly afterMs?: number };

class HttpChannel implements Channel {
  readonly #options: HttpChannelOptions;
  readonly #clock: Clock;
  readonly #backlog = new Backlog();
  readonly #target: URL;
  readonly #agent: Agent;
  readonly #request: typeof import('node:http').request;
  #busy = false;
  #delivered = 0;
  #failures = 0;
  #retry: Timer | undefined;
  #trouble: string | undefined;
  #ended = false;
  #idle: (() => void) | undefined;

  constructor(options: HttpChannelOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#target = new URL(`${options.url.replace(/\/+$/, '').replace(/\/monitoring$/, '')}/monitoring/api/signals`);
    // Asked for at run time: apps that watch themselves with a worker never load these modules for us.
    const protocol = process.getBuiltinModule(this.#target.protocol === 'https:' ? 'node:https' : 'node:http');
    this.#agent = new protocol.Agent({ keepAlive: true, maxSockets: 1, scheduling: 'fifo' });
    this.#request = protocol.request;
  }

  get stats(): Channel['stats'] {
    return { queued: this.#backlog.size, delivered: this.#delivered, takeLost: () => this.#backlog.takeLost() };
  }

  send(batch: SignalBatch): void {
    if (this.#ended) return;
    this.#backlog.add(batch);
    if (!this.#retry) void this.#pump();
  }

  /** A process that ends now cannot wait for a network: what waits is tried once, without a promise. */
  farewell(batch: SignalBatch): void {
    this.send(batch);
    this.#ended = true;
  }

  async close(): Promise<void> {
    this.#ended = true;
    this.#retry?.cancel();
    this.#retry = undefined;
    if (this.#backlog.size > 0) {
      const emptied = new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
      void this.#pump();
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([emptied, new Promise<void>((resolve) => (timer = setTimeout(resolve, 2000)))]);
      clearTimeout(timer);
    }
    this.#agent.destroy();
  }

  async #pump(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let batch = this.#backlog.at(0); batch; batch = this.#backlog.at(0)) {
        const outcome = await this.#post(batch);
        if (outcome.kind === 'retry') {
          this.#wait(outcome.why, outcome.afterMs);
          return;
        }
        if (outcome.kind === 'refused') {
          this.#say(outcome.why);
          if (this.#backlog.at(0) === batch) this.#backlog.refuse();
          continue;
        }
        this.#failures = 0;
        this.#say(undefined);
        this.#delivered += this.#backlog.delivered(batch.sequence);
      }
      this.#idle?.();
    } finally {
      this.#busy = false;
    }
  }

  #wait(why: string, afterMs: number | undefined): void {
    this.#say(why);
    this.#failures += 1;
    if (this.#ended) {
      this.#idle?.();
      return;
    }
    // Half of it by chance, so that a hundred processes do not come back in the same moment.
    const backOff = Math.min(longestBackOffMs, 500 * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    this.#retry = this.#clock.after(Math.max(backOff, Math.min(afterMs ?? 0, 60_000)), () => {
      this.#retry = undefined;
      void this.#pump();
    });
  }

  #say(trouble: string | undefined): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    try {
      this.#options.onTrouble(trouble);
    } catch {
      // Whoever listens cannot hurt the channel.
    }
  }

  #post(batch: SignalBatch): Promise<Outcome> {
    return new Promise((resolve) => {
      try {
        const body = Buffer.from(JSON.stringify(batch, bytesAsText));
        const headers: Record<string, string | number> = {
          'content-type': 'application/json',
          'content-length': body.length,
        };
        if (this.#options.token) headers['authorization'] = `Bearer ${this.#options.token}`;
        const request = this.#request(this.#target, {
          method: 'POST',
          agent: this.#agent,
          headers,
          timeout: timeoutMs,
        });
        // Reporting must not keep a process alive that has nothing else to do; `close` waits by itself.
        request.on('socket', (socket) => {
          if (!this.#ended) socket.unref();
        });
        request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
        request.on('error', (error) =>
          resolve({ kind: 'retry', why: `the monitor at ${this.#target.origin} cannot be reached: ${error.message}` }),
        );
        request.on('response', (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            if (text.length < mostAnswer) text += chunk;
          });
          response.on('close', () => {
            const outcome = this.#judge(response.statusCode ?? 0, response.headers['retry-after']);
            if (outcome.kind === 'delivered') this.#obey(text);
            resolve(outcome);
          });
        });
        request.end(body);
      } catch (error) {
        resolve({
          kind: 'refused',
          why: `a batch cannot be sent: ${error instanceof Error ? error.message : String(error)}`,
        });
      }
    });
  }

  /** A monitor that wants something of us says so in its answer to a batch. */
  #obey(text: string): void {
    if (!this.#options.onOrder || !text.includes('"orders"')) return;
    try {
      const { orders } = JSON.parse(text) as { orders?: readonly Order[] };
      for (const order of orders ?? []) this.#options.onOrder(order);
    } catch {
      // An older monitor, or something between us that answers for it.
    }
  }

  #judge(status: number, retryAfter: string | undefined): Outcome {
    if (status >= 200 && status < 300) return { kind: 'delivered' };
    const why = `the monitor at ${this.#target.origin} answered ${status}`;
    if (status === 401 || status === 403) return { kind: 'retry', why: `${why}: check the token`, afterMs: 60_000 };
    // A batch that is too big or not understood will not get better.
    if (status === 400 || status === 413 || status === 415 || status === 422) return { kind: 'refused', why };
    const seconds = Number(retryAfter);
    return { kind: 'retry', why, ...(Number.isFinite(seconds) && seconds > 0 ? { afterMs: seconds * 1000 } : {}) };
  }
}

/** Bytes travel as base64. */
function bytesAsText(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
    : value;
}
