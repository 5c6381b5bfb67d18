/** What the store takes in memory, each case in a process of its own, and whether that stays the same over days. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const child = fileURLToPath(new URL('memory-child.ts', import.meta.url));

/** The young generation is kept as small as the launcher keeps it: otherwise V8's own reserve is most of what is seen. */
const flags = ['--expose-gc', '--max-semi-space-size=1', '--semi-space-growth-factor=1'];

async function inChild(what: string): Promise<Record<string, number>> {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, child, what], { timeout: 300_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, number>;
}

/**
 * `rss_mb_10000_series` (growth over an open, empty store), `soak_rss_growth_mb` (from the fourth day to the tenth), `label_flood_rss_mb`
 * (what a million different label values take more than a hundred) and `label_flood_slowdown` (time per sample, the same comparison).
 */
export async function memoryFigures(): Promise<Record<string, number>> {
  const active = await inChild('active');
  const soak = await inChild('soak');
  const calm = await inChild('calm');
  const flood = await inChild('flood');
  return {
    ...active,
    ...soak,
    label_flood_rss_mb: flood['rss_mb']! - calm['rss_mb']!,
    label_flood_slowdown: flood['ns_per_sample']! / calm['ns_per_sample']!,
  };
}
