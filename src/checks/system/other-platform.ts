import type { Systeminformation } from 'systeminformation';
import type { Clock } from '../../model/clock.ts';
import { isMonitorError } from '../../model/problem.ts';
import { loadDriver } from '../driver.ts';
import type { MemoryUsage } from './memory.ts';
import type { Temperature } from './temperature.ts';
import type { Rates } from './traffic.ts';

/** What the optional package `systeminformation` is asked for. */
interface Information {
  mem(): Promise<Systeminformation.MemData>;
  fsStats(): Promise<Systeminformation.FsStatsData | null>;
  networkStats(interfaces: string): Promise<Systeminformation.NetworkStatsData[]>;
  cpuTemperature(): Promise<Systeminformation.CpuTemperatureData>;
}

/** The parts of a reading that Node cannot tell where there is no `/proc`. */
export interface OtherReading {
  readonly memory?: MemoryUsage;
  readonly diskTraffic?: Rates;
  readonly network?: Rates;
  readonly temperatures?: readonly Temperature[];
}

export interface OtherPlatformReader {
  /** Empty without the package: then the reading is what Node itself knows. */
  read(): Promise<OtherReading>;
}

/** The package starts other programs to find out, so it is not asked more often than this. */
const freshForMs = 10_000;

/** Reads macOS, Windows and the BSDs through `systeminformation`, if it is installed. */
export function otherPlatformReader(clock: Clock): OtherPlatformReader {
  let loading: Promise<Information | undefined> | undefined;
  let newest: { readonly at: number; readonly reading: Promise<OtherReading> } | undefined;

  async function ask(): Promise<OtherReading> {
    loading ??= load();
    const information = await loading;
    return information ? readAll(information) : {};
  }

  return {
    read() {
      const now = clock.monotonic();
      if (!newest || now - newest.at >= freshForMs) newest = { at: now, reading: ask() };
      return newest.reading;
    },
  };
}

async function load(): Promise<Information | undefined> {
  try {
    const module = await loadDriver<Information & { default?: Information }>('systeminformation', 'This platform');
    return module.default ?? module;
  } catch (error) {
    if (isMonitorError(error)) return undefined;
    throw error;
  }
}

async function readAll(information: Information): Promise<OtherReading> {
  const [memory, disks, network, temperature] = await Promise.all([
    information.mem(),
    information.fsStats(),
    information.networkStats('*'),
    information.cpuTemperature(),
  ]);
  const celsius = temperature.max ?? temperature.main;
  return {
    ...memoryOf(memory),
    ...(disks && disks.rx_sec !== null
      ? { diskTraffic: { inBytesPerSecond: disks.rx_sec, outBytesPerSecond: disks.wx_sec ?? 0, errorsPerSecond: 0 } }
      : {}),
    ...networkOf(network),
    ...(celsius > 0 ? { temperatures: [{ sensor: 'processor', celsius }] } : {}),
  };
}

function memoryOf(memory: Systeminformation.MemData): Pick<OtherReading, 'memory'> {
  if (!(memory.total > 0)) return {};
  return {
    memory: {
      totalBytes: memory.total,
      availableBytes: memory.available,
      usedRatio: 1 - memory.available / memory.total,
      ...(memory.swaptotal > 0 ? { swapUsedRatio: memory.swapused / memory.swaptotal } : {}),
    },
  };
}

/** The package says null until it has been asked twice. */
function networkOf(all: readonly Systeminformation.NetworkStatsData[]): Pick<OtherReading, 'network'> {
  const real = all.filter(({ iface, rx_sec }) => !/^lo\d*$/.test(iface) && rx_sec !== null);
  if (real.length === 0) return {};
  const sum = (key: 'rx_sec' | 'tx_sec') => real.reduce((total, one) => total + one[key], 0);
  // Errors are counters since boot here; a rate would need the count before.
  return {
    network: { inBytesPerSecond: sum('rx_sec'), outBytesPerSecond: sum('tx_sec'), errorsPerSecond: 0 },
  };
}
