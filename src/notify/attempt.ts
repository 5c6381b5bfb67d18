import type { Clock } from '../model/clock.ts';
import type { DeliveryResult, Notifier, OutboxEntry } from '../model/notification.ts';

const usualTimeoutMs = 30_000;
/** How much longer than the attempt itself a lease lasts: writing the result takes a moment, too. */
const graceMs = 30_000;

/** How long a message that is being sent belongs to its sender, ms. */
export function leaseMs(notifier: Notifier): number {
  return (notifier.timeoutMs ?? usualTimeoutMs) + graceMs;
}

/** Lets a notifier try once, and answers in time whatever it does: one that hangs or throws is a result too. */
export async function attempt(
  notifier: Notifier,
  entries: readonly OutboxEntry[],
  clock: Clock,
  stop: AbortSignal,
): Promise<DeliveryResult> {
  const controller = new AbortController();
  const limit = notifier.timeoutMs ?? usualTimeoutMs;
  return new Promise((resolve) => {
    const finish = (result: DeliveryResult): void => {
      timer.cancel();
      stop.removeEventListener('abort', onStop);
      resolve(result);
    };
    const timer = clock.after(limit, () => {
      controller.abort();
      finish({ outcome: 'retry', reason: 'timeout', summary: `no answer within ${limit} ms` });
    });
    const onStop = (): void => {
      controller.abort();
      finish({ outcome: 'retry', reason: 'timeout', summary: 'interrupted: the monitor stops' });
    };
    if (stop.aborted) return onStop();
    stop.addEventListener('abort', onStop);
    Promise.resolve()
      .then(() => {
        const [entry] = entries;
        if (entries.length > 1 && notifier.together) return notifier.together.deliver(entries, controller.signal);
        return notifier.deliver(entry!, controller.signal);
      })
      .then(finish, (error: unknown) =>
        finish({ outcome: 'final', reason: 'invalid', summary: `the channel itself failed: ${String(error)}` }),
      );
  });
}
