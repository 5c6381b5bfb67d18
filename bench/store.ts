/**
 * The series store beside VictoriaMetrics and Prometheus: the same ten million samples of a thousand series in each, in one run on one machine.
 * The peers come from Debian; without them their figures are left out and it is said how to install them.
 */
import { createDataset } from './store/dataset.ts';
import { ingestFigures } from './store/ingest.ts';
import { memoryFigures } from './store/memory.ts';
import { startPeer } from './store/peers.ts';
import { queryFigures } from './store/queries.ts';
import { sketchFigures } from './store/sketches.ts';

export const title = 'the series store beside VictoriaMetrics and Prometheus: bytes, ingest, questions, memory';

/** Figures by name; null where a peer is not installed. */
export type Figures = Record<string, number | null>;

/** Measures everything; resolves with the figures that `docs/store.md` quotes. Takes some minutes. */
export async function run(_options: { json: boolean }): Promise<Figures> {
  const memory = await memoryFigures();
  const data = createDataset(1000, 10_000);
  const victoria = await startPeer('victoriametrics');
  const prometheus = await startPeer('prometheus');
  const peers = [victoria, prometheus].filter((peer) => peer !== undefined);
  try {
    const { figures, ours } = await ingestFigures(data, peers);
    await ours.stop();
    // The questions have peers of their own: what is asked about must not count for the bytes.
    for (const peer of peers.splice(0)) await peer.stop();
    return { ...figures, ...(await queryFigures()), ...memory, ...(await sketchFigures()) };
  } finally {
    for (const peer of peers) await peer.stop();
  }
}
