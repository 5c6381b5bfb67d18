import { loadavg } from 'node:os';
import type { Clock } from '../../model/clock.ts';
import { type SystemMonitoringSettings, storagePaths } from '../system-settings.ts';
import { containerReader } from './container.ts';
import { type CpuUsage, cpuReader } from './cpu.ts';
import { type DiskReading, diskReader } from './disk.ts';
import { type MemoryUsage, memoryReader } from './memory.ts';
import { type OtherReading, otherPlatformReader } from './other-platform.ts';
import { type Temperature, temperatureReader } from './temperature.ts';
import { diskTrafficReader, networkReader, type Rates } from './traffic.ts';

/** How the machine is. Parts that are switched off, or that the system does not tell, are absent. */
export interface SystemReading {
  readonly cpu?: CpuUsage;
  readonly memory?: MemoryUsage;
  readonly disks: readonly DiskReading[];
  readonly diskTraffic?: Rates;
  readonly network?: Rates;
  readonly temperatures?: readonly Temperature[];
  /** Runnable tasks, averaged over 1, 5 and 15 minutes; absent where the system has no such thing. */
  readonly load?: readonly [number, number, number];
}

export interface SystemReader {
  /** Rates and shares are since the reading before, so the first reading has none. */
  read(): Promise<SystemReading>;
  close(): void;
}

function onlyWanted(reading: OtherReading, settings: SystemMonitoringSettings): OtherReading {
  const { memory, diskTraffic, network, temperatures } = reading;
  return {
    ...(memory && settings.monitor_memory ? { memory } : {}),
    ...(diskTraffic && settings.monitor_disk ? { diskTraffic } : {}),
    ...(network && settings.monitor_network ? { network } : {}),
    ...(temperatures && settings.monitor_cpu ? { temperatures } : {}),
  };
}

/** Reads the machine without any child process: files that stay open, and what Node knows. Each reader has its own "before". */
export function systemReader(settings: SystemMonitoringSettings, clock: Clock): SystemReader {
  const cpu = cpuReader();
  const memory = memoryReader();
  const container = containerReader();
  const disks = diskReader(storagePaths(settings), clock);
  const diskTraffic = diskTrafficReader();
  const network = networkReader();
  const temperature = settings.monitor_cpu ? temperatureReader() : undefined;
  const other = process.platform === 'linux' ? undefined : otherPlatformReader(clock);
  let cpuBefore: { at: number; usedSeconds: number } | undefined;

  /** Inside a container with a CPU limit the share that matters is that of the limit, not of the machine. */
  function cpuOf(
    machine: CpuUsage | undefined,
    used: { limitCores: number; usedSeconds: number } | undefined,
  ): CpuUsage | undefined {
    if (!used) return machine;
    const now = { at: clock.monotonic(), usedSeconds: used.usedSeconds };
    const before = cpuBefore;
    cpuBefore = now;
    if (!before || !machine || now.at <= before.at) return undefined;
    const ratio = (now.usedSeconds - before.usedSeconds) / ((now.at - before.at) / 1000) / used.limitCores;
    return { ...machine, usedRatio: Math.min(1, Math.max(0, ratio)) };
  }

  function memoryOf(machine: MemoryUsage, used: { limitBytes: number; usedBytes: number } | undefined): MemoryUsage {
    if (!used) return machine;
    return {
      ...machine,
      totalBytes: used.limitBytes,
      availableBytes: Math.max(0, used.limitBytes - used.usedBytes),
      usedRatio: Math.min(1, used.usedBytes / used.limitBytes),
    };
  }

  return {
    async read() {
      const machineMemory = memory.read();
      const limits = container.read(machineMemory.totalBytes);
      const cpuUsage = settings.monitor_cpu ? cpuOf(cpu.read(), limits.cpu) : undefined;
      const now = clock.monotonic();
      const diskRates = settings.monitor_disk ? diskTraffic.read(now) : undefined;
      const networkRates = settings.monitor_network ? network.read(now) : undefined;
      const [one = 0, five = 0, fifteen = 0] = loadavg();
      return {
        ...(cpuUsage ? { cpu: cpuUsage } : {}),
        ...(settings.monitor_memory ? { memory: memoryOf(machineMemory, limits.memory) } : {}),
        disks: settings.monitor_disk ? await disks.read() : [],
        ...(diskRates ? { diskTraffic: diskRates } : {}),
        ...(networkRates ? { network: networkRates } : {}),
        ...(temperature ? { temperatures: temperature.read() } : {}),
        ...(other ? onlyWanted(await other.read(), settings) : {}),
        ...(settings.monitor_cpu && process.platform !== 'win32' ? { load: [one, five, fifteen] } : {}),
      };
    },
    close() {
      for (const part of [cpu, memory, container, diskTraffic, network, temperature]) part?.close();
    },
  };
}
