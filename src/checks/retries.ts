import type { Check, CheckOutcome } from '../model/check.ts';
import type { Clock } from '../model/clock.ts';
import { formatDuration } from '../model/duration.ts';
import { cut } from '../model/redact.ts';

/**
 * Repeats a failed attempt before the check fails. All attempts share the check's one deadline: what hangs uses it up and is not
 * repeated, what fails quickly is. Every failed attempt is shown.
 */
export function withRetries(
  check: Check,
  options: { readonly retries: number; readonly pauseMs: number; readonly clock: Clock },
): Check {
  const { retries, pauseMs, clock } = options;
  if (retries === 0) return check;

  async function run(signal: AbortSignal): Promise<CheckOutcome> {
    const failed: string[] = [];
    for (;;) {
      const startedAt = clock.monotonic();
      const outcome = await check.run(signal);
      const answerMs = clock.monotonic() - startedAt;
      const final = outcome.status !== 'error' || outcome.inconclusive === true || failed.length >= retries;
      if (final || signal.aborted || !(await pause(pauseMs, clock, signal))) {
        return failed.length === 0 ? outcome : told(outcome, failed, answerMs);
      }
      failed.push(cut(`${outcome.reason} (after ${formatDuration(answerMs)})`, 200));
    }
  }

  return { ...check, info: check.info, run };
}

/** Adds what went wrong before. An answer that took several attempts is no plain ok. */
function told(outcome: CheckOutcome, failed: readonly string[], answerMs: number): CheckOutcome {
  const attempts = failed.length + 1;
  const again = `${attempts} attempts`;
  const reason =
    outcome.status === 'error'
      ? `${outcome.reason} (the last of ${again})`
      : `${outcome.reason} (only at attempt ${attempts}; before: ${failed.at(-1)})`;
  return { ...outcome, reason, answerMs, seen: { ...outcome.seen, attempts, failed_attempts: failed } };
}

/** Resolves with true after the pause, with false when the deadline ends it. */
function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const onAbort = () => {
      timer.cancel();
      resolve(false);
    };
    const timer = clock.after(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve(true);
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
