/** What one frame of the journal is made of: series, sets of series, rows of one moment, single points and sketches. */
import type { Labels, SeriesKind } from '../model/sample.ts';
import type { SeriesEntry } from './catalog.ts';
import type { Sink } from './codec/sink.ts';
import { Source } from './codec/sink.ts';

const SERIES = 1;
const SET = 2;
const ROW = 3;
const POINT = 4;
const SKETCH = 5;

export const kinds: readonly SeriesKind[] = ['gauge', 'counter', 'sketch'];

export function writeSeries(sink: Sink, entry: SeriesEntry): void {
  const text = Buffer.from(JSON.stringify([entry.name, entry.labels]));
  sink.byte(SERIES);
  sink.varint(entry.id);
  sink.byte(kinds.indexOf(entry.kind));
  sink.varint(text.length);
  sink.append(text);
}

/** The series that rows with this number are about, in this order. */
export function writeSet(sink: Sink, number: number, ids: Uint32Array): void {
  sink.byte(SET);
  sink.varint(number);
  sink.varint(ids.length);
  sink.reserve(ids.length * 4);
  for (let i = 0; i < ids.length; i++) {
    sink.view.setUint32(sink.length, ids[i]!, true);
    sink.length += 4;
  }
}

/** One value for each series of a set. The number of the set keeps a row from being taken for another's when the set itself is damaged. */
export function writeRow(sink: Sink, set: number, at: number, values: Float64Array): void {
  sink.byte(ROW);
  sink.varint(set);
  sink.varint(values.length);
  sink.float64(at);
  sink.append(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

export function writePoint(sink: Sink, id: number, at: number, value: number): void {
  sink.byte(POINT);
  sink.varint(id);
  sink.float64(at);
  sink.float64(value);
}

export function writeSketch(sink: Sink, id: number, at: number, bytes: Uint8Array): void {
  sink.byte(SKETCH);
  sink.varint(id);
  sink.float64(at);
  sink.varint(bytes.length);
  sink.append(bytes);
}

export interface JournalReader {
  series(entry: { id: number; name: string; labels: Labels; kind: SeriesKind }): void;
  row(at: number, ids: Uint32Array, values: Float64Array): void;
  point(id: number, at: number, value: number): void;
  /** So many values belong to series that are not known, because a part of the journal before them is damaged. */
  lost(samples: number): void;
  sketch(id: number, at: number, bytes: Uint8Array): void;
}

/** The set that was read last; its number is -1 before the first. */
export interface JournalSet {
  number: number;
  ids: Uint32Array;
}

/** Goes through one frame. `state` carries the current set from frame to frame of a segment. */
export function readEntries(payload: Uint8Array, state: JournalSet, reader: JournalReader): void {
  const source = new Source().load(payload);
  while (source.position < source.end) {
    const type = source.byte();
    if (type === POINT) {
      const id = source.varint();
      const at = source.float64();
      reader.point(id, at, source.float64());
    } else if (type === ROW) {
      const set = source.varint();
      const count = source.varint();
      const at = source.float64();
      const bytes = source.take(count * 8);
      if (set !== state.number || count !== state.ids.length) reader.lost(count);
      else reader.row(at, state.ids, new Float64Array(bytes.slice().buffer));
    } else if (type === SET) {
      state.number = source.varint();
      state.ids = new Uint32Array(source.take(source.varint() * 4).slice().buffer);
    } else if (type === SERIES) {
      const id = source.varint();
      const kind = kinds[source.byte()] ?? 'gauge';
      const [name, labels] = JSON.parse(Buffer.from(source.take(source.varint())).toString()) as [string, Labels];
      reader.series({ id, name, labels, kind });
    } else if (type === SKETCH) {
      const id = source.varint();
      const at = source.float64();
      reader.sketch(id, at, source.take(source.varint()).slice());
    } else throw new RangeError(`The journal has an unknown entry ${type}.`);
  }
}
