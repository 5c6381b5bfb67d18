import type { Clock, Timer } from '../model/clock.ts';
import type { Emit } from '../model/event.ts';
import type { ChannelState, DeliveryResult, Notifier, OutboxEntry } from '../model/notification.ts';
import type { Change } from '../model/store.ts';
import { attempt, leaseMs } from './attempt.ts';
import { createCrowds } from './crowds.ts';
import type { Keeper } from './keeper.ts';
import { type ChannelHistory, closedRecordId, createLaneHealth, failuresUntilTold } from './lane-health.ts';
import { coalesce, type Item, throttleKey } from './lane-queue.ts';
import { attemptRecord, passedOn, trialEntry } from './own-messages.ts';
import { createRate } from './rate.ts';

/** A message that could not be delivered for this long is given up. */
const giveUpAfterMs = 24 * 3_600_000;

/** How a message to a channel ended, for whoever watches over the channels. */
export interface Outcome {
  readonly channel: string;
  readonly delivered: boolean;
  readonly summary: string;
}

export interface LaneOptions {
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly keeper: Keeper;
  readonly emit: Emit;
  readonly onOutcome: (outcome: Outcome) => void;
  /** Takes over what goes to another channel because this one did not take it; it is stored already. */
  readonly onPassedOn: (entry: OutboxEntry) => void;
  readonly random: () => number;
  readonly history: ChannelHistory;
  /** When each problem was told last, steady clock. */
  readonly told: Map<string, number>;
}

/** The queue and the loop of one channel. Lanes share nothing, so a channel that hangs delays no other. */
export interface Lane {
  readonly notifier: Notifier;
  add(item: Item): void;
  state(): ChannelState;
  /** Sends a message now, outside the queue. */
  test(entry: OutboxEntry): Promise<DeliveryResult>;
  /** Waits a little for the attempt under way, then breaks it off; it is tried again after the next start. */
  stop(): Promise<void>;
}

const put = (entry: OutboxEntry) => ({ in: 'outbox', put: entry }) as const;

/** Starts the lane of one channel. */
export function createLane(options: LaneOptions): Lane {
  const { notifier, clock, keeper, told } = options;
  const items = new Map<string, Item>();
  const stopping = new AbortController();
  const health = createLaneHealth(notifier, clock, options.history, options.random);
  const rate = createRate(notifier.rate);
  const crowds = createCrowds({ channel: notifier.name, clock, keeper, told });
  let rateUntil = 0;
  let timer: Timer | undefined;
  let working: Promise<void> | undefined;
  const startedAt = clock.monotonic();

  function wake(): void {
    timer?.cancel();
    timer = undefined;
    if (working || stopping.signal.aborted) return;
    working = work().finally(() => {
      working = undefined;
      sleep();
    });
  }

  /** Sets the alarm for the next message that falls due. */
  function sleep(): void {
    if (stopping.signal.aborted) return;
    let next = probeDue();
    for (const item of items.values()) next = Math.min(next, item.dueAt);
    if (!Number.isFinite(next)) return;
    timer?.cancel();
    const free = Math.max(next, health.closedUntil, crowds.collectingUntil, rateUntil);
    timer = clock.after(Math.max(0, free - clock.monotonic()), wake);
  }

  /** Steady ms when the way has to be proved again; a probe that still waits is proof enough. */
  function probeDue(): number {
    if (notifier.probeEveryMs === undefined) return Number.POSITIVE_INFINITY;
    for (const item of items.values()) if (item.entry.event === 'probe') return Number.POSITIVE_INFINITY;
    return (health.lastDelivered ?? startedAt) + notifier.probeEveryMs;
  }

  async function work(): Promise<void> {
    while (!stopping.signal.aborted && clock.monotonic() >= health.closedUntil) {
      await dropOvertaken();
      if (clock.monotonic() >= probeDue()) await probe();
      if (!notifier.individually && clock.monotonic() < crowds.collectingUntil) return;
      const batch = await nextBatch();
      if (batch.length === 0) return;
      const waitMs = rate.waitMs(clock.monotonic());
      rateUntil = clock.monotonic() + waitMs;
      if (waitMs > 0) return;
      rate.take(clock.monotonic());
      await send(batch);
    }
  }

  async function dropOvertaken(): Promise<void> {
    const { superseded } = coalesce(items.values());
    if (superseded.length === 0) return;
    for (const { item } of superseded) items.delete(item.entry.id);
    await keeper.write(superseded.map(({ item, why }) => put({ ...item.entry, state: 'superseded', lastError: why })));
  }

  async function probe(): Promise<void> {
    const now = clock.monotonic();
    const entry = trialEntry(notifier.name, 'probe', clock.now());
    items.set(entry.id, { entry, dueAt: now, bornAt: now, held: false });
    await keeper.write([put(entry)]);
  }

  /** What leaves next: one message, a summary in place of a crowd, or many where the receiver takes lists. */
  async function nextBatch(): Promise<readonly Item[]> {
    for (const item of items.values()) hold(item);
    const now = clock.monotonic();
    const due = [...items.values()].filter((item) => item.dueAt <= now);
    due.sort((a, b) => (a.entry.id < b.entry.id ? -1 : 1));
    if (notifier.together && due.length > 1) return due.slice(0, notifier.together.most);
    const summary = notifier.individually ? undefined : await crowds.join(items, due);
    const next = summary ?? due[0];
    return next ? [next] : [];
  }

  /** Holds back the begin of a problem that was told a short time ago, and everything while the channel's schedule is closed. */
  function hold(item: Item): void {
    const { event, attempts, facts } = item.entry;
    const now = clock.monotonic();
    if (notifier.opensAt && event !== 'probe' && item.dueAt <= now) {
      const waitMs = notifier.opensAt(clock.now(), facts.severity) - clock.now();
      if (waitMs > 0) {
        item.held = true;
        item.dueAt = now + waitMs;
      }
    }
    if (event !== 'firing' || attempts > 0 || !notifier.throttleMs) return;
    const last = told.get(throttleKey(item.entry));
    if (last === undefined) return;
    const free = last + notifier.throttleMs;
    if (free <= item.bornAt) return;
    item.held = true;
    item.dueAt = Math.max(item.dueAt, free);
  }

  async function send(batch: readonly Item[]): Promise<void> {
    const leaseUntil = clock.now() + leaseMs(notifier);
    for (const item of batch) {
      item.entry = { ...item.entry, state: 'sending', attempts: item.entry.attempts + 1, leaseUntil };
    }
    await keeper.write(batch.map((item) => put(item.entry)));
    const begun = clock.monotonic();
    const at = clock.now();
    const entries = batch.map((item) => item.entry);
    const result = await attempt(notifier, entries, clock, stopping.signal);
    // An attempt broken off by our own stop stays "sending" in the store: the next start knows that its fate is unknown.
    if (stopping.signal.aborted && result.outcome !== 'delivered') return;
    const others = settle(batch, result);
    const records = entries.map((entry) => attemptRecord(entry, at, clock.monotonic() - begun, result));
    const changes: Change[] = [
      ...batch.map((item) => put(item.entry)),
      ...others.map(put),
      ...records.map((record) => ({ in: 'attempts', put: record }) as const),
      ...closedRecord(),
    ];
    await keeper.write(changes);
    for (const entry of others) options.onPassedOn(entry);
    for (const record of records) options.emit({ type: 'delivery', attempt: record });
  }

  /** Until when the channel is left alone, in epoch ms, for the next start; nothing when it is open. */
  function closedRecord(): Change[] {
    const waitMs = health.closedUntil - clock.monotonic();
    if (waitMs <= 0) return [];
    const at = clock.now();
    return [{ in: 'memory', put: { id: closedRecordId(notifier.name), at, value: Math.round(at + waitMs) } }];
  }

  /** Draws the consequences of an attempt; gives the messages that go to another channel because of it. */
  function settle(batch: readonly Item[], result: DeliveryResult): OutboxEntry[] {
    const now = clock.monotonic();
    if (result.outcome === 'delivered') {
      for (const item of batch) {
        const { leaseUntil: _, ...entry } = item.entry;
        item.entry = { ...entry, state: 'delivered', deliveredAt: clock.now() };
        items.delete(entry.id);
        if (entry.event === 'firing' || entry.event === 'escalated') told.set(throttleKey(entry), now);
      }
      health.succeeded(batch.length);
      outcome(true, 'delivered');
      return [];
    }
    const waitMs = health.failed(result, batch[0]!.entry.attempts);
    const others = batch.flatMap((item) => putOff(item, result, waitMs) ?? []);
    const gaveUp = batch.some((item) => item.entry.state === 'dead');
    if (gaveUp || health.failuresInRow === failuresUntilTold) outcome(false, result.summary);
    return others;
  }

  /** Ends a message that was refused or is too old, or puts it off; gives its copy for the fallback when it is time for that. */
  function putOff(item: Item, result: DeliveryResult, waitMs: number): OutboxEntry | undefined {
    const { leaseUntil: _, ...entry } = item.entry;
    const now = clock.monotonic();
    if (result.outcome === 'final' || now - item.bornAt >= giveUpAfterMs) {
      item.entry = { ...entry, state: 'dead', lastError: result.summary };
      items.delete(entry.id);
      health.gaveUp();
      // After four attempts the copy is on its way already.
      return entry.attempts > failuresUntilTold ? undefined : passedOn(entry, notifier.fallback, clock.now());
    }
    item.dueAt = now + waitMs;
    item.entry = { ...entry, state: 'retry', dueAt: Math.round(clock.now() + waitMs), lastError: result.summary };
    return entry.attempts === failuresUntilTold ? passedOn(entry, notifier.fallback, clock.now()) : undefined;
  }

  function outcome(delivered: boolean, summary: string): void {
    options.onOutcome({ channel: notifier.name, delivered, summary });
  }

  sleep();
  return {
    notifier,
    add(item) {
      items.set(item.entry.id, item);
      wake();
    },
    state: () => health.state(items.size),
    async test(entry) {
      const begun = clock.monotonic();
      const at = clock.now();
      const result = await attempt(notifier, [entry], clock, stopping.signal);
      const record = attemptRecord(entry, at, clock.monotonic() - begun, result);
      await keeper.write([{ in: 'attempts', put: record }]);
      options.emit({ type: 'delivery', attempt: record });
      if (result.outcome === 'delivered') {
        health.succeeded(1);
        outcome(true, 'delivered');
        wake();
      } else {
        health.noted(result.summary);
      }
      return result;
    },
    async stop() {
      timer?.cancel();
      await Promise.race([working ?? Promise.resolve(), new Promise<void>((resolve) => clock.after(2000, resolve))]);
      stopping.abort();
      await working;
      await notifier.close?.();
    },
  };
}
