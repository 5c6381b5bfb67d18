import type { Clock, Timer } from '../model/clock.ts';
import type { Emit } from '../model/event.ts';
import { newId } from '../model/id.ts';
import type { ChannelState, DeliveryAttempt, DeliveryResult, Notifier, OutboxEntry } from '../model/notification.ts';
import { attempt } from './attempt.ts';
import { askedWaitMs, backoffMs } from './backoff.ts';
import type { Keeper } from './keeper.ts';
import { coalesce, type Item, throttleKey } from './lane-queue.ts';
import { crowd, gapMs, mayJoin, summaryOf } from './summary.ts';

/** A message that could not be delivered for this long is given up. */
const giveUpAfterMs = 24 * 3_600_000;
/** After this many failed attempts in a row the channel's trouble is told through the others. */
const failuresUntilTold = 4;
/** How long a channel that refused us (login, address) is left alone, at first and at most. */
const firstPauseMs = 5 * 60_000;
const longestPauseMs = 3_600_000;
/** After so many failures of different messages in a row the whole channel waits, not only the messages. */
const failuresUntilSlow = 3;

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
  readonly random: () => number;
  /** What this channel did before the start. */
  readonly history: { readonly delivered: number; readonly dead: number; readonly lastDeliveredAt?: number };
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

/** Starts the lane of one channel. */
export function createLane(options: LaneOptions): Lane {
  const { notifier, clock, keeper, told } = options;
  const items = new Map<string, Item>();
  const stopping = new AbortController();
  const figures = { ...options.history, failuresInRow: 0, lastError: undefined as string | undefined };
  let pausedUntil = 0;
  /** Summaries in a row, and until when the next crowd is collected. */
  let summaries = 0;
  let collectingUntil = 0;
  let pauseMs = firstPauseMs;
  let timer: Timer | undefined;
  let working: Promise<void> | undefined;

  const put = (entry: OutboxEntry) => ({ in: 'outbox', put: entry }) as const;

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
    if (stopping.signal.aborted || items.size === 0) return;
    let next = Number.POSITIVE_INFINITY;
    for (const item of items.values()) next = Math.min(next, item.dueAt);
    timer?.cancel();
    timer = clock.after(Math.max(0, Math.max(next, pausedUntil, collectingUntil) - clock.monotonic()), wake);
  }

  async function work(): Promise<void> {
    while (!stopping.signal.aborted && clock.monotonic() >= pausedUntil) {
      await dropOvertaken();
      if (!notifier.individually && clock.monotonic() < collectingUntil) return;
      const item = (await joined()) ?? nextDue();
      if (!item) return;
      await send(item);
    }
  }

  async function dropOvertaken(): Promise<void> {
    const { superseded } = coalesce(items.values());
    if (superseded.length === 0) return;
    for (const { item } of superseded) items.delete(item.entry.id);
    await keeper.write(superseded.map(({ item, why }) => put({ ...item.entry, state: 'superseded', lastError: why })));
  }

  /**
   * One message in place of a crowd of due ones. The crowd's first alerts go out at once; what follows is collected for a few
   * seconds, longer each time, until the crowd is gone: ten thousand alerts at once are two or three messages.
   */
  async function joined(): Promise<Item | undefined> {
    if (notifier.individually) return undefined;
    const now = clock.monotonic();
    for (const item of items.values()) hold(item);
    const due = [...items.values()].filter((item) => item.dueAt <= now && mayJoin(item.entry));
    if (due.length < crowd) {
      summaries = 0;
      return undefined;
    }
    const entries = due.map((item) => item.entry);
    const summary = summaryOf(entries, notifier.name, clock.now());
    await keeper.write([
      put(summary),
      ...entries.map((entry) => put({ ...entry, state: 'superseded', lastError: `told in summary ${summary.id}` })),
    ]);
    for (const entry of entries) {
      items.delete(entry.id);
      if (entry.event !== 'resolved') told.set(throttleKey(entry), now);
    }
    const item: Item = { entry: summary, dueAt: now, bornAt: now, throttled: false };
    items.set(summary.id, item);
    summaries += 1;
    collectingUntil = now + gapMs(summaries);
    return item;
  }

  /** The oldest message whose time has come. */
  function nextDue(): Item | undefined {
    const now = clock.monotonic();
    let next: Item | undefined;
    for (const item of items.values()) {
      hold(item);
      if (item.dueAt <= now && (!next || item.entry.id < next.entry.id)) next = item;
    }
    return next;
  }

  /** Holds back the begin of a problem that was told a short time ago. */
  function hold(item: Item): void {
    if (item.entry.event !== 'firing' || item.entry.attempts > 0 || !notifier.throttleMs) return;
    const last = told.get(throttleKey(item.entry));
    if (last === undefined) return;
    const free = last + notifier.throttleMs;
    if (free <= item.bornAt) return;
    item.throttled = true;
    item.dueAt = Math.max(item.dueAt, free);
  }

  async function send(item: Item): Promise<void> {
    item.entry = { ...item.entry, state: 'sending', attempts: item.entry.attempts + 1 };
    await keeper.write([put(item.entry)]);
    const startedAt = clock.monotonic();
    const at = clock.now();
    const result = await attempt(notifier, item.entry, clock, stopping.signal);
    // An attempt broken off by our own stop stays "sending" in the store: the next start knows that its fate is unknown.
    if (stopping.signal.aborted && result.outcome !== 'delivered') return;
    settle(item, result);
    const record = attemptRecord(item.entry, at, clock.monotonic() - startedAt, result);
    await keeper.write([put(item.entry), { in: 'attempts', put: record }]);
    options.emit({ type: 'delivery', attempt: record });
  }

  /** Draws the consequences of an attempt. */
  function settle(item: Item, result: DeliveryResult): void {
    const now = clock.monotonic();
    const { entry } = item;
    if (result.outcome === 'delivered') {
      item.entry = { ...entry, state: 'delivered', deliveredAt: clock.now() };
      items.delete(entry.id);
      if (entry.event === 'firing' || entry.event === 'escalated') told.set(throttleKey(entry), now);
      succeeded();
      return;
    }
    figures.failuresInRow += 1;
    figures.lastError = result.summary;
    const tooOld = now - item.bornAt >= giveUpAfterMs;
    if (result.outcome === 'final' || tooOld) {
      item.entry = { ...entry, state: 'dead', lastError: result.summary };
      items.delete(entry.id);
      figures.dead += 1;
      options.onOutcome({ channel: notifier.name, delivered: false, summary: result.summary });
      if (result.reason === 'auth' || result.reason === 'gone') pause(now);
      return;
    }
    const waitMs = waitAfter(entry.attempts, result);
    item.dueAt = now + waitMs;
    item.entry = { ...entry, state: 'retry', dueAt: clock.now() + waitMs, lastError: result.summary };
    if (result.reason === 'rate-limited') pausedUntil = Math.max(pausedUntil, item.dueAt);
    else if (figures.failuresInRow >= failuresUntilSlow) {
      pausedUntil = Math.max(
        pausedUntil,
        now + Math.min(30_000, backoffMs(figures.failuresInRow - failuresUntilSlow + 1, options.random)),
      );
    }
    if (figures.failuresInRow === failuresUntilTold) {
      options.onOutcome({ channel: notifier.name, delivered: false, summary: result.summary });
    }
  }

  function waitAfter(attempts: number, result: DeliveryResult): number {
    if (result.outcome !== 'delivered' && result.retryAfterMs !== undefined)
      return askedWaitMs(result.retryAfterMs, options.random);
    const usual = backoffMs(attempts, options.random);
    const unknownFate = result.outcome !== 'delivered' && result.reason === 'timeout';
    return unknownFate ? Math.max(usual, notifier.ambiguousWaitMs ?? 0) : usual;
  }

  function succeeded(): void {
    figures.delivered += 1;
    figures.lastDeliveredAt = clock.now();
    figures.failuresInRow = 0;
    figures.lastError = undefined;
    pausedUntil = 0;
    pauseMs = firstPauseMs;
    options.onOutcome({ channel: notifier.name, delivered: true, summary: 'delivered' });
  }

  /** A receiver that refuses our login or knows nothing of the address will say so again: asking on could get us banned. */
  function pause(now: number): void {
    pausedUntil = now + pauseMs;
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  }

  return {
    notifier,
    add(item) {
      items.set(item.entry.id, item);
      wake();
    },
    state: () => ({
      name: notifier.name,
      kind: notifier.kind,
      target: notifier.target,
      minSeverity: notifier.minSeverity,
      health: figures.failuresInRow > 0 ? 'failing' : figures.delivered + figures.dead > 0 ? 'ok' : 'unused',
      queued: items.size,
      deliveredCount: figures.delivered,
      deadCount: figures.dead,
      ...(figures.lastDeliveredAt === undefined ? {} : { lastDeliveredAt: figures.lastDeliveredAt }),
      ...(figures.lastError === undefined ? {} : { lastError: figures.lastError }),
    }),
    async test(entry) {
      const startedAt = clock.monotonic();
      const at = clock.now();
      const result = await attempt(notifier, entry, clock, stopping.signal);
      const record = attemptRecord(entry, at, clock.monotonic() - startedAt, result);
      await keeper.write([{ in: 'attempts', put: record }]);
      options.emit({ type: 'delivery', attempt: record });
      if (result.outcome === 'delivered') {
        succeeded();
        wake();
      } else {
        figures.lastError = result.summary;
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

function attemptRecord(entry: OutboxEntry, at: number, durationMs: number, result: DeliveryResult): DeliveryAttempt {
  return {
    id: newId(at),
    outboxId: entry.id,
    episodeId: entry.episodeId,
    channel: entry.channel,
    at,
    durationMs: Math.round(durationMs * 10) / 10,
    outcome: result.outcome,
    summary: result.summary,
  };
}
