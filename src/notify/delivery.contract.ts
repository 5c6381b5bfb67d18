/** What the tests of delivery share: channels that answer from a script, messages, and delivery over a fake clock. */
import { silentLog } from '../model/log.ts';
import type { DeliveryResult, Notifier, OutboxEntry } from '../model/notification.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { createMemoryStateStore, type MemoryStateStore } from '../testing/memory-state-store.ts';
import { createDelivery } from './delivery.ts';
import type { Outcome } from './lane.ts';
import { sampleEntry } from './notifier.contract.ts';

export const delivered: DeliveryResult = { outcome: 'delivered', summary: 'ok' };
export const busy = { outcome: 'retry', reason: 'refused', summary: 'POST -> 503' } as const satisfies DeliveryResult;
export const gone: DeliveryResult = { outcome: 'final', reason: 'gone', summary: 'POST -> 410' };

export interface Scripted extends Notifier {
  /** Every attempt: when (steady clock) and what. */
  readonly attempts: { at: number; entry: OutboxEntry }[];
}

/** A channel that answers from a script, the last answer for ever; `hang` never answers. */
export function scripted(
  clock: FakeClock,
  name: string,
  script: (DeliveryResult | 'hang')[],
  extra: Partial<Notifier> = {},
): Scripted {
  const attempts: Scripted['attempts'] = [];
  return {
    name,
    kind: 'scripted',
    minSeverity: 'debug',
    target: 'nowhere',
    ...extra,
    attempts,
    deliver(entry) {
      attempts.push({ at: clock.monotonic(), entry });
      const answer = script.length > 1 ? script.shift()! : script[0]!;
      return answer === 'hang' ? new Promise(() => undefined) : Promise.resolve(answer);
    },
  };
}

let counter = 0;
/** A message that is due now, about a problem of its own. */
export function message(
  clock: FakeClock,
  change: Partial<OutboxEntry> = {},
  facts: Partial<OutboxEntry['facts']> = {},
): OutboxEntry {
  counter += 1;
  const id = `m${String(counter).padStart(6, '0')}`;
  const now = clock.now();
  return sampleEntry(
    {
      id,
      episodeId: `episode-${id}`,
      channel: 'one',
      state: 'queued',
      createdAt: now,
      dueAt: now,
      attempts: 0,
      ...change,
    },
    { labels: { n: id }, ...facts },
  );
}

/** Delivery over a memory store, started. */
export async function setUp(
  notifiersOf: (clock: FakeClock) => Scripted[],
  given?: { clock: FakeClock; state: MemoryStateStore },
) {
  const clock = given?.clock ?? createFakeClock();
  const state = given?.state ?? createMemoryStateStore();
  const notifiers = notifiersOf(clock);
  const outcomes: Outcome[] = [];
  const delivery = createDelivery({
    notifiers,
    state,
    clock,
    emit: () => undefined,
    log: silentLog,
    onOutcome: (outcome) => outcomes.push(outcome),
    random: () => 0.5,
  });
  const owe = async (...entries: OutboxEntry[]) => {
    await state.commit(entries.map((put) => ({ in: 'outbox', put })));
    delivery.take(entries, true);
    await clock.advance(0);
  };
  await delivery.start();
  await clock.advance(0);
  return { clock, state, notifiers, delivery, outcomes, owe };
}

/** The states of all messages, oldest first. */
export const statesOf = (state: MemoryStateStore) => state.all('outbox').map((entry) => entry.state);
