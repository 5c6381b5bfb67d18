import { statfs } from 'node:fs/promises';
import type { Clock } from '../../model/clock.ts';
import { networkFailure } from '../network-words.ts';

/** Space of the file system that holds a path. */
export interface DiskUsage {
  readonly path: string;
  readonly totalBytes: number;
  /** What is left for us, without the reserve for root. */
  readonly freeBytes: number;
  /** As `df` counts it: used of what can be used. */
  readonly usedRatio: number;
  /** Absent where the file system has no fixed number of them. */
  readonly inodesUsedRatio?: number;
}

export type DiskReading = DiskUsage | { readonly path: string; readonly problem: string };

export interface DiskReader {
  read(): Promise<readonly DiskReading[]>;
}

/** So long may a file system take; a network disk whose server is gone takes for ever. */
const patienceMs = 2000;

/** Reads the space below each path, all at once. A path that hangs is not asked again before it has come back. */
export function diskReader(paths: readonly string[], clock: Clock): DiskReader {
  const hanging = new Set<string>();

  async function one(path: string): Promise<DiskReading> {
    if (hanging.has(path)) return { path, problem: 'the file system does not answer' };
    hanging.add(path);
    const asking = ask(path).finally(() => hanging.delete(path));
    let cancel = () => {};
    const patience = new Promise<DiskReading>((resolve) => {
      const timer = clock.after(patienceMs, () => resolve({ path, problem: 'the file system does not answer' }));
      cancel = timer.cancel;
    });
    return Promise.race([asking, patience]).finally(() => cancel());
  }

  return { read: () => Promise.all(paths.map(one)) };
}

async function ask(path: string): Promise<DiskReading> {
  try {
    const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(path);
    const used = blocks - bfree;
    return {
      path,
      totalBytes: blocks * bsize,
      freeBytes: bavail * bsize,
      usedRatio: used + bavail > 0 ? used / (used + bavail) : 0,
      ...(files > 0 ? { inodesUsedRatio: (files - ffree) / files } : {}),
    };
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    return { path, problem: code === 'ENOENT' ? 'there is no such path' : networkFailure(error).reason };
  }
}
