import { procFile } from './proc-file.ts';

/** What a container may use at most and uses now; absent parts have no limit of their own. */
export interface ContainerUsage {
  readonly memory?: { readonly limitBytes: number; readonly usedBytes: number };
  /** Cores the container may use, and the CPU seconds it has used since it began. */
  readonly cpu?: { readonly limitCores: number; readonly usedSeconds: number };
}

export interface ContainerReader {
  read(machineMemoryBytes: number): ContainerUsage;
  close(): void;
}

/**
 * Reads the limits at the root of the visible control groups: set inside a container, absent on a plain machine.
 * Knows version 2 (one tree) and version 1 (one tree for each resource).
 */
export function containerReader(root = '/sys/fs/cgroup'): ContainerReader {
  const files = {
    memoryMax: procFile(`${root}/memory.max`),
    memoryCurrent: procFile(`${root}/memory.current`),
    memoryStat: procFile(`${root}/memory.stat`),
    cpuMax: procFile(`${root}/cpu.max`),
    cpuStat: procFile(`${root}/cpu.stat`),
    oldMemoryMax: procFile(`${root}/memory/memory.limit_in_bytes`),
    oldMemoryCurrent: procFile(`${root}/memory/memory.usage_in_bytes`),
    oldMemoryStat: procFile(`${root}/memory/memory.stat`),
    oldQuota: procFile(`${root}/cpu/cpu.cfs_quota_us`),
    oldPeriod: procFile(`${root}/cpu/cpu.cfs_period_us`),
    oldCpuUsage: procFile(`${root}/cpuacct/cpuacct.usage`),
  };
  const number = (text: string | undefined) => (text === undefined ? Number.NaN : Number.parseFloat(text));

  function memory(machineBytes: number): ContainerUsage['memory'] {
    const limitBytes = number(files.memoryMax.read() ?? files.oldMemoryMax.read());
    // Version 1 says "no limit" with a number larger than any machine.
    if (!(limitBytes > 0) || limitBytes >= machineBytes) return undefined;
    const current = number(files.memoryCurrent.read() ?? files.oldMemoryCurrent.read());
    if (Number.isNaN(current)) return undefined;
    // The page cache that can be dropped at once is not in use in any sense that matters.
    const cache = field(files.memoryStat.read() ?? files.oldMemoryStat.read(), 'inactive_file');
    return { limitBytes, usedBytes: Math.max(0, current - cache) };
  }

  function cpu(): ContainerUsage['cpu'] {
    const [quota, period] = (files.cpuMax.read() ?? `${files.oldQuota.read() ?? ''} ${files.oldPeriod.read() ?? ''}`)
      .trim()
      .split(/\s+/)
      .map(Number);
    if (!(quota && period && quota > 0 && period > 0)) return undefined;
    const stat = files.cpuStat.read();
    const usedSeconds = stat === undefined ? number(files.oldCpuUsage.read()) / 1e9 : field(stat, 'usage_usec') / 1e6;
    return Number.isNaN(usedSeconds) ? undefined : { limitCores: quota / period, usedSeconds };
  }

  return {
    read(machineMemoryBytes) {
      const [memoryUsage, cpuUsage] = [memory(machineMemoryBytes), cpu()];
      return { ...(memoryUsage ? { memory: memoryUsage } : {}), ...(cpuUsage ? { cpu: cpuUsage } : {}) };
    },
    close() {
      for (const file of Object.values(files)) file.close();
    },
  };
}

function field(text: string | undefined, name: string): number {
  const match = text === undefined ? null : new RegExp(`^(?:total_)?${name} (\\d+)$`, 'm').exec(text);
  return match ? Number(match[1]) : 0;
}
