import type { Labels, Sample, SeriesKind, SketchPoint } from '../model/sample.ts';
import type { Sketch } from '../model/sketch.ts';
import type { Catalog } from './catalog.ts';
import type { Health } from './health.ts';
import { writePoint, writeRow, writeSet, writeSketch } from './journal-entries.ts';
import type { Keeper } from './keeper.ts';
import type { Latest } from './latest.ts';
import type { Windows } from './windows.ts';

/** The number of a series that found no room: nothing is stored under it. */
const NOWHERE = 0xffff_ffff;

/** The way in: every point goes into memory and into the journal, and is the newest of its series when it is. */
export class Ingest {
  readonly #catalog: Catalog;
  readonly #windows: Windows;
  readonly #keeper: Keeper;
  readonly #latest: Latest;
  readonly #health: Health;

  constructor(catalog: Catalog, windows: Windows, keeper: Keeper, latest: Latest, health: Health) {
    this.#catalog = catalog;
    this.#windows = windows;
    this.#keeper = keeper;
    this.#latest = latest;
    this.#health = health;
  }

  append(samples: readonly Sample[]): void {
    for (const sample of samples) {
      const id = this.#catalog.resolve(sample.name, sample.labels, sample.kind ?? 'gauge');
      if (id < 0) this.#health.drop('samples_without_room_for_series', 1);
      else this.#append(id, Math.floor(sample.at), sample.value);
    }
  }

  #append(id: number, at: number, value: number): void {
    if (!Number.isFinite(at)) this.#health.drop('samples_without_time', 1);
    else if (this.takePoint(id, at, value)) writePoint(this.#keeper.entries, id, at, value);
    else this.#health.drop('samples_without_memory', 1);
  }

  appendSketches(points: readonly SketchPoint[]): void {
    for (const { name, labels, at, sketch } of points) {
      const id = this.#catalog.resolve(name, labels, 'sketch');
      if (id < 0 || !Number.isFinite(at)) {
        this.#health.drop('sketches_without_room_for_series', 1);
        continue;
      }
      this.takeSketch(id, Math.floor(at), sketch);
      writeSketch(this.#keeper.entries, id, Math.floor(at), sketch.encode());
    }
  }

  seriesId(name: string, labels: Labels, kind: Exclude<SeriesKind, 'sketch'>): number {
    const id = this.#catalog.resolve(name, labels, kind);
    return id < 0 ? NOWHERE : id;
  }

  appendColumns(at: number, ids: Uint32Array, values: Float64Array): void {
    const time = Math.floor(at);
    const count = Math.min(ids.length, values.length);
    if (count === 0) return;
    if (!Number.isFinite(time)) {
      this.#health.drop('samples_without_time', count);
      return;
    }
    if (ids.length !== count || values.length !== count || !this.#allKnown(ids)) {
      this.#appendOneByOne(time, ids, values, count);
      return;
    }
    this.#takeRow(time, ids, values);
    this.#latest.noteRow(ids, time, values);
    const keeper = this.#keeper;
    if (!sameIds(keeper.set, ids)) {
      keeper.set = ids.slice();
      keeper.setNumber++;
      writeSet(keeper.entries, keeper.setNumber, ids);
    }
    writeRow(keeper.entries, keeper.setNumber, time, values);
  }

  #allKnown(ids: Uint32Array): boolean {
    const bound = this.#catalog.bound;
    for (let i = 0; i < ids.length; i++) if (ids[i]! >= bound) return false;
    return true;
  }

  /** The slow way, which leaves out what is not a series. */
  #appendOneByOne(at: number, ids: Uint32Array, values: Float64Array, count: number): void {
    for (let i = 0; i < count; i++) {
      if (this.#catalog.get(ids[i]!)) this.#append(ids[i]!, at, values[i]!);
      else this.#health.drop('samples_without_room_for_series', 1);
    }
  }

  #takeRow(at: number, ids: Uint32Array, values: Float64Array): void {
    const { head } = this.#windows;
    const window = this.#windows.for(at);
    window.ensure(this.#catalog.bound);
    const taken = head.putRow(window, at, ids, values, 0);
    if (taken === ids.length) return;
    this.#keeper.makeRoom();
    const next = this.#windows.for(at);
    next.ensure(this.#catalog.bound);
    const rest = head.putRow(next, at, ids, values, taken);
    if (taken + rest < ids.length) this.#health.drop('samples_without_memory', ids.length - taken - rest);
  }

  /** Puts one point into memory only; false when there is no room for it. */
  takePoint(id: number, at: number, value: number): boolean {
    if (!this.#windows.head.put(this.#windows.for(at), id, at, value)) {
      this.#keeper.makeRoom();
      if (!this.#windows.head.put(this.#windows.for(at), id, at, value)) return false;
    }
    this.#latest.note(id, at, value);
    return true;
  }

  /** Puts one sketch into memory only. */
  takeSketch(id: number, at: number, sketch: Sketch): void {
    this.#windows.for(at).addSketch(id, at, sketch);
    if (sketch.count > 0) this.#latest.note(id, at, sketch.sum / sketch.count);
  }
}

function sameIds(a: Uint32Array, b: Uint32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
