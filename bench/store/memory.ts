/** What the store takes in memory, each case in a process of its own, and whether that stays the same over days. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const child = fileURLToPath(new URL('memory-child.ts', import.meta.url));

async function inChild(what: string): Promise<Record<string, number>> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', child, what], { timeout: 300_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, number>;
}

/** `rss_mb_10000_series` (growth over an open, empty store) and `soak_rss_growth_mb` (from the third day to the tenth). */
export async function memoryFigures(): Promise<Record<string, number>> {
  return { ...(await inChild('active')), ...(await inChild('soak')), ...(await inChild('flood')) };
}
