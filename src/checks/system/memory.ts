import { freemem, totalmem } from 'node:os';
import { procFile } from './proc-file.ts';

/** Memory of the machine, or of the container when it has a limit of its own. */
export interface MemoryUsage {
  readonly totalBytes: number;
  readonly availableBytes: number;
  readonly usedRatio: number;
  /** Absent without swap. */
  readonly swapUsedRatio?: number;
}

export interface MemoryReader {
  read(): MemoryUsage;
  close(): void;
}

/** Reads /proc/meminfo, or what Node knows on other systems. */
export function memoryReader(): MemoryReader {
  const file = procFile('/proc/meminfo');
  return { read: () => parseMeminfo(file.read()) ?? fromNode(), close: file.close };
}

/** Understands /proc/meminfo; undefined when the text is something else. */
export function parseMeminfo(text: string | undefined): MemoryUsage | undefined {
  const kilobytes = (name: string) => {
    const match = text === undefined ? null : new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text);
    return match ? Number(match[1]) * 1024 : undefined;
  };
  const totalBytes = kilobytes('MemTotal');
  // Kernels before 3.14 have no MemAvailable: free memory and caches come near.
  const availableBytes = kilobytes('MemAvailable') ?? (kilobytes('MemFree') ?? 0) + (kilobytes('Cached') ?? 0);
  if (!totalBytes) return undefined;
  const swapTotal = kilobytes('SwapTotal') ?? 0;
  const swapFree = kilobytes('SwapFree') ?? 0;
  return {
    totalBytes,
    availableBytes,
    usedRatio: 1 - availableBytes / totalBytes,
    ...(swapTotal > 0 ? { swapUsedRatio: 1 - swapFree / swapTotal } : {}),
  };
}

function fromNode(): MemoryUsage {
  const totalBytes = totalmem();
  const availableBytes = freemem();
  return { totalBytes, availableBytes, usedRatio: 1 - availableBytes / totalBytes };
}
