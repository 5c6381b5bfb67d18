import type { SignalBatch } from './signal.ts';

/** How a channel is doing. */
export interface ChannelStats {
  /** Batches that wait or are under way. */
  readonly queued: number;
  readonly delivered: number;
  /** Lost for good since the last time this was asked, by kind; asking takes them away. */
  takeLost(): Readonly<Record<string, number>>;
}

/** The way from an agent to a monitor. Never throws, never blocks, never keeps the process alive. */
export interface Channel {
  /** Hands a batch over; it is delivered later, in order. */
  send(batch: SignalBatch): void;
  /** Last words at the end of the process: delivered before it returns, where the channel can, within a bounded time. */
  farewell(batch: SignalBatch): void;
  /** Delivers what waits, within a bounded time, and ends. */
  close(): Promise<void>;
  readonly stats: ChannelStats;
}
