import { copyFileSync } from 'node:fs';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import { Sketch } from '../model/sketch.ts';
import type { Catalog } from './catalog.ts';
import type { Health } from './health.ts';
import type { Ingest } from './ingest.ts';
import { type ReadSegment, readSegment, removeSegment, segmentPath } from './journal.ts';
import type { JournalReader } from './journal-entries.ts';
import { readEntries } from './journal-entries.ts';
import { nameAside } from './salvage.ts';
import type { Sealer } from './sealing.ts';
import type { Windows } from './windows.ts';

interface Parts {
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly health: Health;
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

function replaySegment(segment: number, parts: Parts): void {
  const { dir, catalog, sealer, ingest, health } = parts;
  const state = { number: -1, ids: new Uint32Array(0) };
  const put = (id: number, at: number, value: number) => {
    if (!catalog.get(id)) health.drop('samples_in_damaged_journal', 1);
    else if (!ingest.takePoint(id, at, value)) health.drop('samples_without_memory', 1);
  };
  const reader: JournalReader = {
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
      else health.drop('samples_in_damaged_journal', 1);
    },
    lost: (samples) => health.drop('samples_in_damaged_journal', samples),
  };
  tell(
    segment,
    readSegment(dir, segment, (payload) => readEntries(payload, state, reader)),
    parts,
  );
}

/** A torn end is what a crash leaves; damage in between is not, and a copy is put aside for whoever wants to look at it. */
function tell(segment: number, { torn, damaged }: ReadSegment, { dir, clock, log, health }: Parts): void {
  if (torn > 0) {
    health.drop('journal_bytes_torn', torn);
    log.warn({ segment, torn }, 'The journal ended in the middle of a write; what was whole is kept.');
  }
  if (damaged === 0) return;
  health.drop('journal_bytes_damaged', damaged);
  const path = segmentPath(dir, segment);
  const aside = nameAside(path, clock.now());
  copyFileSync(path, aside);
  health.report('damage', `${damaged} bytes of a journal were damaged; the rest was read. A copy is in ${aside}.`);
}
