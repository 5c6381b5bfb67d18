import { cpus } from 'node:os';
import { procFile } from './proc-file.ts';

/** Shares of the time since the reading before, 0..1. */
export interface CpuUsage {
  readonly usedRatio: number;
  /** Time another guest of the same host took from us. */
  readonly stealRatio: number;
  readonly waitRatio: number;
  readonly cores: readonly number[];
}

/** Counters since boot, in any unit, as long as it is one. */
interface Times {
  readonly total: number;
  readonly idle: number;
  readonly steal: number;
  readonly wait: number;
}

export interface CpuReader {
  /** Undefined the first time: a share needs two readings. */
  read(): CpuUsage | undefined;
  close(): void;
}

/** Reads /proc/stat, or what Node knows on other systems. */
export function cpuReader(): CpuReader {
  const stat = procFile('/proc/stat');
  let before: readonly Times[] | undefined;
  return {
    read() {
      const now = parseProcStat(stat.read()) ?? fromNode();
      const earlier = before;
      before = now;
      if (!earlier) return undefined;
      const [all, ...cores] = now.map((times, index) => share(earlier[index], times));
      if (!all) return undefined;
      return { ...all, cores: cores.map((core) => core?.usedRatio ?? 0) };
    },
    close: stat.close,
  };
}

/** The sum and each core: first the line `cpu`, then `cpu0`, `cpu1`… Undefined when the text is something else. */
export function parseProcStat(text: string | undefined): Times[] | undefined {
  if (!text?.startsWith('cpu ')) return undefined;
  const list: Times[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith('cpu')) break;
    const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softirq = 0, steal = 0] = line
      .split(/\s+/)
      .slice(1)
      .map(Number);
    // Time of guests (the columns after) is part of `user` already.
    list.push({ total: user + nice + system + idle + wait + irq + softirq + steal, idle: idle + wait, steal, wait });
  }
  return list;
}

function fromNode(): Times[] {
  const cores = cpus().map(({ times }) => ({
    total: times.user + times.nice + times.sys + times.idle + times.irq,
    idle: times.idle,
    steal: 0,
    wait: 0,
  }));
  const sum = (key: keyof Times) => cores.reduce((total, core) => total + core[key], 0);
  return [{ total: sum('total'), idle: sum('idle'), steal: 0, wait: 0 }, ...cores];
}

function share(
  before: Times | undefined,
  now: Times,
): { usedRatio: number; stealRatio: number; waitRatio: number } | undefined {
  if (!before) return undefined;
  const total = now.total - before.total;
  // Some kernels let idle counters go back a little; a core that was taken offline starts again at 0.
  if (total <= 0) return undefined;
  const part = (value: number) => Math.min(1, Math.max(0, value / total));
  return {
    usedRatio: part(total - (now.idle - before.idle)),
    stealRatio: part(now.steal - before.steal),
    waitRatio: part(now.wait - before.wait),
  };
}
