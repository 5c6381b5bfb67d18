import type { Log } from '../model/log.ts';
import { Sketch } from '../model/sketch.ts';
import type { Catalog } from './catalog.ts';
import type { Ingest } from './ingest.ts';
import { readSegment, removeSegment } from './journal.ts';
import { readEntries } from './journal-entries.ts';
import type { Sealer } from './sealing.ts';
import type { Windows } from './windows.ts';

interface Parts {
  readonly dir: string;
  readonly log: Log;
  readonly catalog: Catalog;
  readonly windows: Windows;
  readonly sealer: Sealer;
  readonly ingest: Ingest;
}

/** Takes up from the journal what was in memory only when the last process ended. Segments before `oldest` are sealed already. */
export function replay(segments: readonly number[], oldest: number, parts: Parts): void {
  const { dir, windows } = parts;
  for (const segment of segments) {
    if (segment < oldest) {
      removeSegment(dir, segment);
      continue;
    }
    windows.close();
    replaySegment(segment, parts);
    for (const window of windows.closed()) if (window.segment > segment) window.segment = segment;
    if (windows.open) windows.open.segment = segment;
    if (windows.late) windows.late.segment = segment;
  }
  windows.close();
}

function replaySegment(segment: number, { dir, log, catalog, sealer, ingest }: Parts): void {
  const state = { ids: new Uint32Array(0) };
  const put = (id: number, at: number, value: number) => {
    if (catalog.get(id)) ingest.takePoint(id, at, value);
  };
  const reader: Parameters<typeof readEntries>[2] = {
    series: (entry) => {
      if (catalog.get(entry.id)) return;
      catalog.restore(entry);
      sealer.unsaved.add(entry.id);
    },
    row: (at, ids, values) => {
      for (let i = 0; i < ids.length; i++) put(ids[i]!, at, values[i]!);
    },
    point: put,
    sketch: (id, at, bytes) => {
      if (catalog.get(id)) ingest.takeSketch(id, at, Sketch.decode(bytes));
    },
  };
  const { lost } = readSegment(dir, segment, (payload) => readEntries(payload, state, reader));
  if (lost > 0) log.warn({ segment, lost }, 'The journal ended in the middle of a write; what was whole is kept.');
}
