import type { StatementLanguage } from '../../model/statement-shape.ts';
import type { PoolWatch } from './pool-watch.ts';

/** Knows the pools or clients of one database driver by their shape; never loads the driver. */
export interface PoolDriver {
  readonly kind: string;
  readonly language: StatementLanguage;
  /** True for a pool of this kind. Gets objects and functions only. */
  recognises(pool: object): boolean;
  /** What is watched when this is given: the callback pool inside a promise pool. */
  inner?(pool: object): object;
  attach(pool: object, watch: PoolWatch): Attached;
}

/** A driver's hold on a pool. */
export interface Attached {
  /** Undoes everything. */
  detach(): void;
  /** True when the app has ended the pool. */
  ended(): boolean;
  /** What could not be followed, as a sentence; undefined when everything is. */
  readonly missing?: string | undefined;
}

/** One thing to undo made of many. */
export function together(undo: readonly ((() => void) | undefined)[]): () => void {
  return () => {
    for (const one of undo) one?.();
  };
}
