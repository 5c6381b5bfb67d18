import { join } from 'node:path';
import { type ProcFile, procFile } from './proc-file.ts';

/** What the monitor's control group may use at most and uses now; absent parts have no limit of their own. */
export interface ContainerUsage {
  readonly memory?: MemoryLimit;
  readonly cpu?: CpuLimit;
}

interface MemoryLimit {
  readonly limitBytes: number;
  readonly usedBytes: number;
}

/** Cores the group may use, and the CPU seconds it has used since it began. */
interface CpuLimit {
  readonly limitCores: number;
  readonly usedSeconds: number;
}

export interface ContainerReader {
  read(machineMemoryBytes: number): ContainerUsage;
  close(): void;
}

/** Where the kernel says in which control groups this process is, and where their files lie. */
export interface CgroupPlaces {
  /** @default '/sys/fs/cgroup' */
  readonly root?: string;
  /** @default '/proc/self/cgroup' */
  readonly own?: string;
}

/**
 * Reads the limits that bind this process: those of its own control group and of every group above it, of which the tightest counts
 * (cgroups(7)). Inside a container the visible root is the container's own group; a systemd unit with `MemoryMax=` has its limit below.
 * Knows version 2 (one tree) and version 1 (one tree for each resource).
 */
export function containerReader({
  root = '/sys/fs/cgroup',
  own = '/proc/self/cgroup',
}: CgroupPlaces = {}): ContainerReader {
  const file = procFile(own);
  const groups = parseOwnCgroups(file.read());
  file.close();
  const opened: ProcFile[] = [];
  const open = (folder: string, name: string) => {
    const one = procFile(join(folder, name));
    opened.push(one);
    return one;
  };
  const upwards = (tree: string, controller: string) =>
    withParents(groups.get(controller) ?? '/').map((path) => join(root, tree, path));
  const memory = [
    ...upwards('', '').map((folder) => memoryGroup(open, folder, ['memory.max', 'memory.current'])),
    ...upwards('memory', 'memory').map((folder) =>
      memoryGroup(open, folder, ['memory.limit_in_bytes', 'memory.usage_in_bytes']),
    ),
  ];
  const accounting = upwards('cpuacct', 'cpuacct');
  const cpu = [
    ...upwards('', '').map((folder) => cpuGroup(open, folder)),
    ...upwards('cpu', 'cpu').map((folder, index) => oldCpuGroup(open, folder, accounting[index] ?? folder)),
  ];

  return {
    read(machineMemoryBytes) {
      const tightestMemory = least(
        memory.map((group) => group(machineMemoryBytes)),
        (limit) => limit.limitBytes - limit.usedBytes,
      );
      const tightestCpu = least(
        cpu.map((group) => group()),
        (limit) => limit.limitCores,
      );
      return { ...(tightestMemory && { memory: tightestMemory }), ...(tightestCpu && { cpu: tightestCpu }) };
    },
    close() {
      for (const one of opened) one.close();
    },
  };
}

type Open = (folder: string, name: string) => ProcFile;

function memoryGroup(open: Open, folder: string, [limit, usage]: readonly [string, string]) {
  const files = { limit: open(folder, limit), usage: open(folder, usage), stat: open(folder, 'memory.stat') };
  return (machineBytes: number): MemoryLimit | undefined => {
    const limitBytes = number(files.limit.read());
    // Version 1 says "no limit" with a number larger than any machine.
    if (!(limitBytes > 0) || limitBytes >= machineBytes) return undefined;
    const current = number(files.usage.read());
    if (Number.isNaN(current)) return undefined;
    // The page cache that can be dropped at once is not in use in any sense that matters.
    return { limitBytes, usedBytes: Math.max(0, current - field(files.stat.read(), 'inactive_file')) };
  };
}

function cpuGroup(open: Open, folder: string) {
  const files = { max: open(folder, 'cpu.max'), stat: open(folder, 'cpu.stat') };
  return (): CpuLimit | undefined => {
    const [quota, period] = (files.max.read() ?? '').trim().split(/\s+/).map(Number);
    return cpuLimit(quota, period, () => field(files.stat.read(), 'usage_usec') / 1e6);
  };
}

function oldCpuGroup(open: Open, folder: string, accounting: string) {
  const files = {
    quota: open(folder, 'cpu.cfs_quota_us'),
    period: open(folder, 'cpu.cfs_period_us'),
    usage: open(accounting, 'cpuacct.usage'),
  };
  return () =>
    cpuLimit(number(files.quota.read()), number(files.period.read()), () => number(files.usage.read()) / 1e9);
}

function cpuLimit(
  quota: number | undefined,
  period: number | undefined,
  usedSeconds: () => number,
): CpuLimit | undefined {
  if (!(quota && period && quota > 0 && period > 0)) return undefined;
  const used = usedSeconds();
  return Number.isNaN(used) ? undefined : { limitCores: quota / period, usedSeconds: used };
}

/** Understands /proc/self/cgroup: the path for each controller; the one of version 2 has the name ''. */
export function parseOwnCgroups(text: string | undefined): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const line of (text ?? '').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    // A path that leads out of the visible tree belongs to a group whose files are not here.
    if (controllers === undefined || path === undefined || path.startsWith('/..')) continue;
    for (const controller of controllers.split(',')) paths.set(controller, path);
  }
  return paths;
}

/** `/a/b` -> `/a/b`, `/a`, `/`. */
function withParents(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return Array.from({ length: parts.length + 1 }, (_, cut) => `/${parts.slice(0, parts.length - cut).join('/')}`);
}

function least<T>(list: readonly (T | undefined)[], by: (one: T) => number): T | undefined {
  return list.reduce((best, one) => (one && (best === undefined || by(one) < by(best)) ? one : best), undefined);
}

const number = (text: string | undefined) => (text === undefined ? Number.NaN : Number.parseFloat(text));

function field(text: string | undefined, name: string): number {
  const match = text === undefined ? null : new RegExp(`^(?:total_)?${name} (\\d+)$`, 'm').exec(text);
  return match ? Number(match[1]) : 0;
}
