/** A timer handle that can be cancelled. */
export interface Timer {
  cancel(): void;
}

/** Time comes in through this door, so that tests drive days in milliseconds. */
export interface Clock {
  /** Wall-clock time in epoch milliseconds. May jump, also backwards. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes backwards. Measure durations with it. */
  monotonic(): number;
  /** Calls `fn` once after `delayMs`. The timer never keeps the process alive by itself. */
  after(delayMs: number, fn: () => void): Timer;
  /** Calls `fn` every `periodMs`. The timer never keeps the process alive by itself. */
  every(periodMs: number, fn: () => void): Timer;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, fn) {
    const timer = setTimeout(fn, delayMs);
    timer.unref?.();
    return { cancel: () => clearTimeout(timer) };
  },
  every(periodMs, fn) {
    const timer = setInterval(fn, periodMs);
    timer.unref?.();
    return { cancel: () => clearInterval(timer) };
  },
};
