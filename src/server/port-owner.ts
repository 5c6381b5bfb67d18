import { readdir, readFile, readlink } from 'node:fs/promises';
import { MonitorError } from '../model/problem.ts';

/** The process that listens on a port, as far as this user may see it. */
export interface PortOwner {
  readonly pid: number;
  /** Its program and first argument, e.g. `node dist/cli/main.js`: enough to recognise it, without its secrets. */
  readonly command: string;
}

/** Finds who listens on a TCP port, on Linux by /proc. Undefined elsewhere, or when the process belongs to another user. */
export async function findPortOwner(port: number): Promise<PortOwner | undefined> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const inodes = new Set(tables.flatMap((table) => listeningInodes(table, port)));
  if (inodes.size === 0) return undefined;
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const file of files) {
      const target = await readlink(`/proc/${pid}/fd/${file}`).catch(() => '');
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode !== undefined && inodes.has(inode)) return { pid: Number(pid), command: await commandOf(pid) };
    }
  }
  return undefined;
}

/** Inodes of the sockets that listen on a port. Columns of the table: slot, local address, remote, state (0A = listen), …, inode. */
export function listeningInodes(table: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return table
    .split('\n')
    .slice(1)
    .map((row) => row.trim().split(/\s+/))
    .filter((columns) => columns[3] === '0A' && columns[1]?.endsWith(`:${hex}`))
    .flatMap((columns) => (columns[9] === undefined ? [] : [columns[9]]));
}

async function commandOf(pid: string): Promise<string> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const [program, ...rest] = line.split('\0').filter((part) => part !== '');
  const script = rest.find((part) => !part.startsWith('-'));
  return [program, script]
    .filter((part) => part !== undefined)
    .join(' ')
    .slice(0, 200);
}

/** Asks whoever listens there whether it is a monitor of ours. */
async function isOurs(host: string, port: number): Promise<boolean> {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  try {
    const answer = await fetch(`http://${address}:${port}/monitoring/livez`, {
      signal: AbortSignal.timeout(1000),
      redirect: 'error',
    });
    return answer.headers.get('x-served-by') === 'cryoprotect-monitoring';
  } catch {
    return false;
  }
}

/** The error for a port that is in use: who has it, whether it is a monitor of ours, and what to do. */
export async function portTaken(host: string, port: number, setting: string, cause: unknown): Promise<MonitorError> {
  const [owner, ours] = await Promise.all([findPortOwner(port), isOurs(host, port)]);
  const who = owner
    ? owner.pid === process.pid
      ? `this very process (pid ${owner.pid})`
      : `process ${owner.pid} (${owner.command})`
    : 'another program (of another user, so its name cannot be seen)';
  const what = ours ? ', which is another CryoProtect monitor' : '';
  const other = `choose another port: ${setting === 'monitoring.dashboard_port' ? '--dashboard-port N or ' : ''}${setting} in the configuration`;
  const hint = ours
    ? `Use the monitor that runs (cryomon status), stop it${owner ? ` (kill ${owner.pid})` : ''}, or ${other}.`
    : `Stop that program, or ${other}.`;
  return new MonitorError('port-taken', `Port ${port} on ${host} is in use by ${who}${what}.`, { hint, cause });
}
