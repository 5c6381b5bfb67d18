import { existsSync } from 'node:fs';
import { procFile } from './proc-file.ts';

/** Bytes since boot, in both directions. */
export interface Counters {
  readonly inBytes: number;
  readonly outBytes: number;
  readonly errors: number;
  /** For each device: milliseconds in which at least one request was under way. Only disks tell. */
  readonly busyMs?: Readonly<Record<string, number>>;
}

/** Bytes per second since the reading before. */
export interface Rates {
  readonly inBytesPerSecond: number;
  readonly outBytesPerSecond: number;
  readonly errorsPerSecond: number;
  /** Share of the time in which the busiest device had work, 0..1; only disks tell. */
  readonly busyRatio?: number;
}

export interface RateReader {
  /** `monotonicMs` is now. Undefined the first time, and where the system does not tell. */
  read(monotonicMs: number): Rates | undefined;
  close(): void;
}

/** All network interfaces but loopback: in = received, out = transmitted. */
export function networkReader(): RateReader {
  return rateReader('/proc/net/dev', parseNetDev);
}

/** All real disks, without their partitions: in = read, out = written. */
export function diskTrafficReader(): RateReader {
  return rateReader('/proc/diskstats', (text) => parseDiskstats(text, isWholeDisk));
}

function rateReader(path: string, parse: (text: string) => Counters): RateReader {
  const file = procFile(path);
  let before: { at: number; counters: Counters } | undefined;
  return {
    read(monotonicMs) {
      const text = file.read();
      if (text === undefined) return undefined;
      const now = { at: monotonicMs, counters: parse(text) };
      const earlier = before;
      before = now;
      const seconds = earlier ? (now.at - earlier.at) / 1000 : 0;
      if (!earlier || seconds <= 0) return undefined;
      // A device that went takes its counters with it: that is no negative traffic.
      const rate = (key: 'inBytes' | 'outBytes' | 'errors') =>
        Math.max(0, now.counters[key] - earlier.counters[key]) / seconds;
      return {
        inBytesPerSecond: rate('inBytes'),
        outBytesPerSecond: rate('outBytes'),
        errorsPerSecond: rate('errors'),
        ...busiest(earlier.counters.busyMs, now.counters.busyMs, seconds),
      };
    },
    close: file.close,
  };
}

function busiest(before: Counters['busyMs'], now: Counters['busyMs'], seconds: number): Pick<Rates, 'busyRatio'> {
  if (!before || !now) return {};
  const shares = Object.entries(now).map(([device, ms]) => (ms - (before[device] ?? ms)) / 1000 / seconds);
  return { busyRatio: Math.min(1, Math.max(0, ...shares)) };
}

/** Understands /proc/net/dev. */
export function parseNetDev(text: string): Counters {
  const sum = { inBytes: 0, outBytes: 0, errors: 0 };
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0 || line.slice(0, colon).trim() === 'lo') continue;
    const numbers = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    sum.inBytes += numbers[0] ?? 0;
    sum.outBytes += numbers[8] ?? 0;
    sum.errors += (numbers[2] ?? 0) + (numbers[10] ?? 0);
  }
  return sum;
}

/** Understands /proc/diskstats; sectors are 512 bytes there, whatever the disk's are. */
export function parseDiskstats(text: string, counts: (device: string) => boolean): Counters {
  const sum = { inBytes: 0, outBytes: 0, errors: 0, busyMs: {} as Record<string, number> };
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/\s+/);
    const device = fields[2];
    if (device === undefined || !counts(device)) continue;
    sum.inBytes += Number(fields[5] ?? 0) * 512;
    sum.outBytes += Number(fields[9] ?? 0) * 512;
    sum.busyMs[device] = Number(fields[12] ?? 0);
  }
  return sum;
}

const whole = new Map<string, boolean>();

/** Partitions are no block devices of their own in /sys/block; loop, RAM and mapped devices count their disk's traffic twice. */
function isWholeDisk(device: string): boolean {
  const known = whole.get(device);
  if (known !== undefined) return known;
  const answer =
    !/^(loop|ram|zram|dm-|md|sr|fd)\d*/.test(device) && existsSync(`/sys/block/${device.replaceAll('/', '!')}`);
  whole.set(device, answer);
  return answer;
}
