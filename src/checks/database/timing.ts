import { isIP } from 'node:net';
import type { Clock } from '../../model/clock.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Place } from './place.ts';

/** What a run was doing when its time was over. */
const stages: Readonly<Record<string, string>> = {
  open: 'opening the file',
  dns: 'looking up the name of the server',
  connect: 'connecting to the server',
  tls: 'waiting for the TLS handshake',
  login: 'waiting for the server to let us in (connected, but no answer to the login)',
  query: 'waiting for the answer to the query',
  facts: 'waiting for the server’s statistics',
};

/** The phase after each, so that a timeout can say what it was waiting for. */
const following: Readonly<Record<string, string>> = {
  dns: 'connect',
  connect: 'login',
  tls: 'login',
  login: 'query',
  open: 'query',
};

/** Where the time of one run goes; begins to measure when it is made. */
export class Timing {
  /** What is being waited for. */
  stage = 'query';
  phases: Record<string, number> = {};
  readonly #clock: Clock;
  readonly #begunAt: number;
  #before: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#begunAt = clock.monotonic();
    this.#before = this.#begunAt;
  }

  /** Milliseconds since the run began. */
  get elapsedMs(): number {
    return this.#clock.monotonic() - this.#begunAt;
  }

  enter(stage: string): void {
    this.stage = stage;
    this.#before = this.#clock.monotonic();
  }

  /** The phase is over: it took from the end of the one before until now. */
  mark(phase: string): void {
    const now = this.#clock.monotonic();
    this.phases[phase] = (this.phases[phase] ?? 0) + now - this.#before;
    this.#before = now;
    this.stage = following[phase] ?? this.stage;
  }

  /** Forgets the phases of an attempt that led nowhere. */
  restart(): void {
    this.phases = {};
  }

  /** What a run was waiting for, in words. */
  words(): string {
    return stages[this.stage] ?? this.stage;
  }
}

/** What a new connection waits for first. */
export function firstStage({ kind, host, socketPath }: Place): 'open' | 'dns' | 'connect' {
  if (kind === 'sqlite') return 'open';
  return socketPath || isIP(host) ? 'connect' : 'dns';
}

/** One turn of the monitor's own event loop: as long as it takes, every other time of this run may be too long. */
export function oneTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The time that was given to a part of a run is over. */
export class Expired extends Error {
  constructor(ms: number) {
    super(`no answer for ${formatDuration(ms)}`);
  }
}

/** The promise's result, or `Expired` after `ms`, or the signal's reason when it aborts. A late rejection is swallowed. */
export function within<T>(promise: Promise<T>, ms: number, signal: AbortSignal, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => finish(() => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted')));
    const timer = clock.after(ms, () => finish(() => reject(new Expired(ms))));
    const finish = (end: () => void) => {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
      end();
    };
    promise.then(
      (value) => finish(() => resolve(value)),
      (error: unknown) => finish(() => reject(error)),
    );
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
}
