import type { Check, CheckOutcome } from '../model/check.ts';
import type { Clock } from '../model/clock.ts';
import { formatDuration } from '../model/duration.ts';
import { isMonitorError } from '../model/problem.ts';

/** After the deadline a check may still say in its own words what it was waiting for; then the verdict is made without it. */
const lastWordsMs = 150;

/** How one run ended. */
export interface RunEnd {
  readonly outcome: CheckOutcome;
  readonly durationMs: number;
  /** Settles when a check that ignored its deadline comes back at last; absent when it did come back. */
  readonly straggler?: Promise<void>;
}

/**
 * Runs a check once. Always resolves, at the latest 150 ms after the check's deadline, whatever the check does.
 * `abort` ends the run early (used when the monitor stops).
 */
export function runOnce(check: Check, clock: Clock, abort?: AbortSignal): Promise<RunEnd> {
  const startedAt = clock.monotonic();
  const { timeoutMs } = check.info;
  const controller = new AbortController();
  const onAbort = () => controller.abort(abort?.reason);
  abort?.addEventListener('abort', onAbort, { once: true });

  return new Promise((resolve) => {
    const deadline = clock.after(timeoutMs, () =>
      controller.abort(new Error(`no answer within ${formatDuration(timeoutMs)}`)),
    );
    const lastWords = clock.after(timeoutMs + lastWordsMs, () => finish(timedOut(timeoutMs), running));
    const finish = (outcome: CheckOutcome, straggler?: Promise<void>) => {
      deadline.cancel();
      lastWords.cancel();
      abort?.removeEventListener('abort', onAbort);
      resolve({ outcome, durationMs: clock.monotonic() - startedAt, ...(straggler ? { straggler } : {}) });
    };
    const running = attempt(check, controller.signal).then(
      (outcome) => finish(outcome),
      (error: unknown) => finish(controller.signal.aborted ? timedOut(timeoutMs) : failed(error)),
    );
  });
}

/** A check that throws before its first await must not take the scheduler with it. */
async function attempt(check: Check, signal: AbortSignal): Promise<CheckOutcome> {
  return await check.run(signal);
}

function timedOut(timeoutMs: number): CheckOutcome {
  return { status: 'error', reason: `no answer within ${formatDuration(timeoutMs)}`, seen: { timed_out: true } };
}

/** Checks say "down" with an outcome; an exception is a mistake in the check, or a plain function of the user's. */
function failed(error: unknown): CheckOutcome {
  const message = error instanceof Error ? error.message : String(error);
  return {
    status: isMonitorError(error) ? 'unknown' : 'error',
    reason: message || 'the check failed without a message',
    seen: { threw: error instanceof Error ? error.name : typeof error },
  };
}
