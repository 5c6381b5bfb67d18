import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, cpus, hostname, platform, release, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { MonitorError } from '../model/problem.ts';
import { version } from '../model/version.ts';
import type { Io } from './io.ts';

/** Facts about this machine and program; also written to `system_info.json` in the data folder, as the predecessor did. */
export function systemInfo(io: Io, dataDir: string): Record<string, unknown> {
  const folder = resolve(io.cwd, dataDir);
  const info = {
    hostname: hostname(),
    platform: `${platform()} ${release()} ${arch()}`,
    cpu_count: cpus().length,
    total_memory_bytes: totalmem(),
    node_version: process.version,
    monitor_version: version,
    timestamp: new Date(io.now()).toISOString(),
  };
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'system_info.json'), `${JSON.stringify(info, null, 2)}\n`);
  } catch (error) {
    throw new MonitorError(
      'data-directory-unusable',
      `The data folder ${folder} cannot be written: ${(error as Error).message}.`,
      { cause: error },
    );
  }
  return info;
}
