import type { Channel } from '../model/channel.ts';
import type { SignalBatch } from '../model/signal.ts';
import type { AgentCore } from './core.ts';

/** Gathers what an agent sends, as a monitor would get it. */
export function collectBatches(core: AgentCore): SignalBatch[] {
  const batches: SignalBatch[] = [];
  const channel: Channel = {
    send: (batch) => void batches.push(structuredClone(batch)),
    farewell: (batch) => void batches.push(structuredClone(batch)),
    close: () => Promise.resolve(),
    stats: { queued: 0, delivered: 0, takeLost: () => ({}) },
  };
  core.start(channel);
  return batches;
}
