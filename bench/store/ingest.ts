/** Feeding everybody the same samples: time, CPU, bytes on the disk, how long opening takes, how long the thread is held. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { listSegments } from '../../src/store/journal.ts';
import type { Dataset } from './dataset.ts';
import { timeOf } from './dataset.ts';
import { feedOurs, type OurStore, openOurs } from './ours.ts';
import { feedPeer, type Peer } from './peers.ts';
import { median } from './process.ts';

const DAY = 86_400_000;
const ROUNDS = 3;

interface Fed {
  readonly bytesPerSample: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly ours: OurStore;
}

/** A new store with all of the data set, closed and opened again: what is on the disk then is all there is. */
async function feedNew(data: Dataset, settings: Record<string, number>): Promise<Fed> {
  const first = await openOurs(settings);
  const used = await feedOurs(first.store, data);
  // One more value an hour later ends the last window, as time does in life.
  first.store.append([{ name: 'bench_end', labels: {}, at: timeOf(data, data.ticks) + 3_600_000, value: 1 }]);
  await first.store.flush();
  const until = performance.now() + 60_000;
  while (listSegments(first.dir).length > 1 && performance.now() < until) await sleep(50);
  await first.stop(true);
  const bytesPerSample = first.bytes() / data.values.length;
  return { bytesPerSample, ...used, ours: await openOurs(settings, first.dir) };
}

/** Re-chunks all days. Resolves with the bytes a sample takes then, and the longest time the thread was held in ms. */
async function compact(fed: Fed, data: Dataset): Promise<{ bytesPerSample: number; blockMs: number; wallMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const started = performance.now();
  await fed.ours.store.maintain(data.from + 4 * DAY);
  const wallMs = performance.now() - started;
  delay.disable();
  return { bytesPerSample: fed.ours.bytes() / data.values.length, blockMs: delay.max / 1e6, wallMs };
}

/** Feeds ours and the peers in turn. Resolves with the figures, and with our store, re-chunked and open. */
export async function ingestFigures(
  data: Dataset,
  peers: readonly Peer[],
): Promise<{ figures: Record<string, number | null>; ours: OurStore }> {
  const rounds: Fed[] = [];
  const spent = new Map<string, { cpuMs: number; wallMs: number }>();
  for (let round = 0; round < ROUNDS; round++) {
    await rounds.at(-1)?.ours.stop();
    rounds.push(await feedNew(data, {}));
    const peer = peers[round];
    if (peer) spent.set(peer.name, await feedPeer(peer, data));
  }
  const fed = rounds.at(-1)!;
  const openMs = await timeToOpen(fed);
  const compacted = await compact(fed, data);
  const digits = await feedNew(data, { precision_digits: 12 });
  const digitsCompacted = await compact(digits, data);
  await digits.ours.stop();

  const samples = data.values.length;
  const cpu = median(rounds.map((round) => round.cpuMs));
  const bytes = new Map<string, number>();
  for (const peer of peers) bytes.set(peer.name, (await peer.finalBytes()) / samples);
  const versus = (ours: number, theirs: number | undefined) => (theirs === undefined ? null : ours / theirs);
  return {
    ours: fed.ours,
    figures: {
      samples,
      bytes_per_sample: fed.bytesPerSample,
      bytes_per_sample_compacted: compacted.bytesPerSample,
      bytes_per_sample_12_digits: digits.bytesPerSample,
      bytes_per_sample_12_digits_compacted: digitsCompacted.bytesPerSample,
      bytes_per_sample_12_digits_vs_victoriametrics: versus(
        digitsCompacted.bytesPerSample,
        bytes.get('victoriametrics'),
      ),
      bytes_per_sample_victoriametrics: bytes.get('victoriametrics') ?? null,
      bytes_per_sample_prometheus: bytes.get('prometheus') ?? null,
      ingest_samples_per_second: samples / (median(rounds.map((round) => round.wallMs)) / 1000),
      ingest_cpu_us_per_sample: (cpu / samples) * 1000,
      ingest_cpu_vs_victoriametrics: versus(cpu, spent.get('victoriametrics')?.cpuMs),
      ingest_cpu_vs_prometheus: versus(cpu, spent.get('prometheus')?.cpuMs),
      open_ms: openMs,
      maintain_ms: compacted.wallMs,
      maintain_block_ms: compacted.blockMs,
    },
  };
}

/** Median of five openings of the full store. */
async function timeToOpen(fed: Fed): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    await fed.ours.stop(true);
    const started = performance.now();
    const again = await openOurs({}, fed.ours.dir);
    times.push(performance.now() - started);
    Object.assign(fed, { ours: again });
  }
  return median(times);
}
