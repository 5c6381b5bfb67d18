import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeFile } from '../model/api.ts';
import { writeFileAtomic } from './atomic-file.ts';

const NAME = 'monitor.json';

/** Tells the command line where the running monitor is. Readable for this user only, as it holds a token. */
export function writeRuntimeFile(dir: string, content: RuntimeFile): void {
  writeFileAtomic(join(dir, NAME), `${JSON.stringify(content, null, 2)}\n`, 0o600);
}

/** What a monitor wrote, running or dead; undefined when there is none or it is not readable. */
export function readRuntimeFile(dir: string): RuntimeFile | undefined {
  try {
    const value = JSON.parse(readFileSync(join(dir, NAME), 'utf8')) as RuntimeFile;
    return typeof value === 'object' && value !== null && typeof value.pid === 'number' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Takes the file away at an orderly end, unless another process has written its own since. */
export function removeRuntimeFile(dir: string, pid: number = process.pid): void {
  if (readRuntimeFile(dir)?.pid === pid) rmSync(join(dir, NAME), { force: true });
}
