/**
 * Delivery: takes the messages that the alert engine owes and sends each through its channel until it has arrived or is given up.
 * One lane for each channel; what happened to every message is stored, so that a crash loses none and a receiver can tell repetitions.
 */
import type { Clock } from '../model/clock.ts';
import type { Emit } from '../model/event.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { Log } from '../model/log.ts';
import type { DeliveryView, Notifier, OutboxEntry } from '../model/notification.ts';
import type { StateStore } from '../model/store.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import { createLane, type Lane, type Outcome } from './lane.ts';
import { closedRecordId } from './lane-health.ts';
import { throttleKey } from './lane-queue.ts';
import { changeEntry, trialEntry } from './own-messages.ts';

/** No message that waited when the monitor stopped waits longer than this after the next start, whatever the clock did. */
const longestWaitMs = 3_600_000;
const everything = 1_000_000;
/** Ids of finished messages that are remembered, in case an answer of the store still shows them as queued. */
const finishedToRemember = 10_000;

export interface DeliveryOptions {
  readonly notifiers: readonly Notifier[];
  readonly state: StateStore;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly log: Log;
  /** Hears when a channel gives a message up or keeps failing, and when it delivers again. */
  readonly onOutcome?: (outcome: Outcome) => void;
  /** For jitter; 0..1. @default Math.random */
  readonly random?: () => number;
}

export interface Delivery {
  readonly view: DeliveryView;
  /** Takes messages over from the engine. `stored` is false when the disk refused them: then they are stored here, when it allows. */
  take(entries: readonly OutboxEntry[], stored: boolean): void;
  /** Tells channels that want to know of changes what the journal says; lines about anything else are passed over. */
  tellChange(line: JournalEntry): void;
  /** Looks into the store for messages it does not know yet. */
  wake(): void;
  /** Takes up what was left when the monitor stopped or was killed. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Makes delivery over the given channels; nothing is sent before `start`. */
export function createDelivery(options: DeliveryOptions): Delivery {
  const { notifiers, state, clock, log } = options;
  const keeper = createKeeper(state, log);
  const lanes = new Map<string, Lane>();
  const known = new Set<string>();
  let reading: Promise<void> | undefined;
  let again = false;
  const early: OutboxEntry[] = [];

  function add(entry: OutboxEntry): void {
    if (known.has(entry.id)) return;
    known.add(entry.id);
    for (const id of known) {
      if (known.size <= finishedToRemember) break;
      // Messages that still wait are also known by their lane; forgetting the oldest ids only costs a second look.
      if (id < entry.id) known.delete(id);
      else break;
    }
    lanes.get(entry.channel)?.add(itemOf(entry, clock, lanes.get(entry.channel)!.notifier));
  }

  async function read(): Promise<void> {
    do {
      again = false;
      const queued = await state.find('outbox', { where: { state: 'queued' }, order: 'oldest', limit: everything });
      for (const entry of queued) add(entry);
      // Whoever took a message and let its lease run out is dead: the message is anybody's again.
      const taken = await state.find('outbox', { where: { state: 'sending' }, order: 'oldest', limit: everything });
      for (const entry of taken) if ((entry.leaseUntil ?? Number.POSITIVE_INFINITY) < clock.now()) add(entry);
    } while (again);
  }

  return {
    view: {
      channels: () => notifiers.map((notifier) => lanes.get(notifier.name)?.state() ?? unused(notifier)),
      test: async (channel) => lanes.get(channel)?.test(trialEntry(channel, 'test', clock.now())),
    },
    take(entries, stored) {
      if (!stored) void keeper.write(entries.map((entry) => ({ in: 'outbox', put: entry })));
      if (lanes.size === 0) early.push(...entries);
      else for (const entry of entries) add(entry);
    },
    tellChange(line) {
      for (const notifier of notifiers) {
        const entry = notifier.changes ? changeEntry(notifier.name, line, clock.now()) : undefined;
        if (!entry) continue;
        void keeper.write([{ in: 'outbox', put: entry }]);
        if (lanes.size === 0) early.push(entry);
        else add(entry);
      }
    },
    wake() {
      again = true;
      if (lanes.size === 0) return;
      reading ??= read()
        .catch((error: unknown) => log.error({ error: String(error) }, 'The outbox could not be read.'))
        .finally(() => {
          reading = undefined;
        });
    },
    async start() {
      for (const notifier of notifiers) lanes.set(notifier.name, await openLane(notifier, options, keeper, add));
      const left = await state.find('outbox', {
        where: { state: ['queued', 'sending', 'retry'] },
        order: 'oldest',
        limit: everything,
      });
      await expireUnknown(left, lanes, keeper);
      for (const entry of left) add(entry);
      for (const entry of early.splice(0)) add(entry);
    },
    async stop() {
      await reading;
      await Promise.all([...lanes.values()].map((lane) => lane.stop()));
      await keeper.write([]);
    },
  };
}

/** A message as its lane keeps it, with its times on the steady clock. */
function itemOf(entry: OutboxEntry, clock: Clock, notifier: Notifier) {
  const now = clock.monotonic();
  const age = Math.max(0, clock.now() - entry.createdAt);
  const wait = Math.min(Math.max(0, entry.dueAt - clock.now()), longestWaitMs);
  // "sending" in the store means that the monitor ended in the middle of an attempt: nobody knows whether it arrived.
  const unknownFate = entry.state === 'sending' ? (notifier.ambiguousWaitMs ?? 0) : 0;
  return { entry, dueAt: now + Math.max(wait, unknownFate), bornAt: now - age, held: false };
}

/** Messages to a channel that is no longer configured can never be sent. */
async function expireUnknown(
  left: readonly OutboxEntry[],
  lanes: ReadonlyMap<string, Lane>,
  keeper: Keeper,
): Promise<void> {
  const lost = left.filter((entry) => !lanes.has(entry.channel));
  await keeper.write(
    lost.map((entry) => ({
      in: 'outbox',
      put: { ...entry, state: 'expired', lastError: 'the channel is no longer configured' },
    })),
  );
}

async function openLane(
  notifier: Notifier,
  options: DeliveryOptions,
  keeper: Keeper,
  onPassedOn: (entry: OutboxEntry) => void,
): Promise<Lane> {
  const { state, clock } = options;
  const channel = notifier.name;
  const told = new Map<string, number>();
  const recent = await state.find('outbox', {
    where: { channel, state: 'delivered' },
    limit: notifier.resume ? 20_000 : 1000,
  });
  for (const entry of recent) {
    if (entry.event !== 'firing' && entry.event !== 'escalated') continue;
    const at = clock.monotonic() - Math.max(0, clock.now() - (entry.deliveredAt ?? entry.createdAt));
    const key = throttleKey(entry);
    told.set(key, Math.max(told.get(key) ?? Number.NEGATIVE_INFINITY, at));
  }
  notifier.resume?.(newestOfEach(recent));
  const lastDeliveredAt = recent[0]?.deliveredAt;
  const closed = await state.get('memory', closedRecordId(channel));
  return createLane({
    notifier,
    clock,
    keeper,
    told,
    emit: options.emit,
    onPassedOn,
    onOutcome: options.onOutcome ?? (() => undefined),
    random: options.random ?? Math.random,
    history: {
      delivered: await state.count('outbox', { where: { channel, state: 'delivered' } }),
      dead: await state.count('outbox', { where: { channel, state: 'dead' } }),
      closedForMs: Math.min(Math.max(0, Number(closed?.value ?? 0) - clock.now()), longestWaitMs),
      ...(lastDeliveredAt === undefined ? {} : { lastDeliveredAt }),
    },
  });
}

function unused(notifier: Notifier) {
  const { name, kind, target, minSeverity } = notifier;
  return {
    name,
    kind,
    target,
    minSeverity,
    health: 'unused',
    queued: 0,
    deliveredCount: 0,
    deadCount: 0,
    breaker: 'closed',
  } as const;
}

/** Of messages that arrived, newest first: the last word about each episode. */
function newestOfEach(delivered: readonly OutboxEntry[]): OutboxEntry[] {
  const newest = new Map<string, OutboxEntry>();
  for (const entry of delivered) {
    if (entry.event === 'test' || entry.event === 'probe' || entry.event === 'acknowledged') continue;
    const known = newest.get(entry.episodeId);
    if (!known || known.id < entry.id) newest.set(entry.episodeId, entry);
  }
  return [...newest.values()];
}
