import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RuntimeFile } from '../model/api.ts';
import { MonitorError } from '../model/problem.ts';
import { type Client, createClient } from './client.ts';
import type { Io } from './io.ts';

/** Where to look, as the user said. */
export interface Whereabouts {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly config?: string | undefined;
  readonly timeoutMs: number;
}

interface Found {
  readonly url: string;
  readonly token: string | undefined;
}

/**
 * Finds a running monitor: `--url`, then CRYOMON_URL, then `monitor.json` in the data directory, then the configured port.
 * Throws `monitor-unreachable` (exit code 3) and says everything that was tried.
 */
export async function findMonitor(io: Io, where: Whereabouts): Promise<Client> {
  const tried: string[] = [];
  for (const candidate of await candidates(io, where, tried)) {
    const client = createClient({ ...candidate, timeoutMs: where.timeoutMs });
    try {
      await client.call('health');
      return client;
    } catch (error) {
      // A monitor that refuses is one that was reached: the command itself will say why.
      if ((error as MonitorError).code === 'request-refused') return client;
      tried.push((error as Error).message);
    }
  }
  throw new MonitorError(
    'monitor-unreachable',
    `No running monitor could be reached. Tried:\n${tried.map((line) => `  ${line}`).join('\n')}`,
    {
      hint: 'Start one with `cryomon start`, or say where it is: --url http://host:5001, CRYOMON_URL, or --data-dir with its data folder.',
    },
  );
}

async function candidates(io: Io, where: Whereabouts, tried: string[]): Promise<Found[]> {
  const token = where.token ?? (io.env.CRYOMON_TOKEN || undefined);
  const named = where.url ?? (io.env.CRYOMON_URL || undefined);
  if (named !== undefined) {
    checkUrl(named);
    // On the monitor's own machine its runtime file knows the token.
    const own = token === undefined ? readRuntimeFile(resolve(io.cwd, await dataDirectory(io, where)), []) : undefined;
    const sameMonitor = own?.url && new URL(own.url).port === new URL(named).port && isLoopback(named);
    return [{ url: named, token: token ?? (sameMonitor ? own.token : undefined) }];
  }
  const found: Found[] = [];
  const folder = resolve(io.cwd, await dataDirectory(io, where));
  const runtime = readRuntimeFile(folder, tried);
  if (runtime?.url) found.push({ url: runtime.url, token: token ?? runtime.token });
  const port = await configuredPort(io, where);
  const fallback = `http://127.0.0.1:${port}`;
  if (port > 0 && found.every((candidate) => new URL(candidate.url).port !== String(port)))
    found.push({ url: fallback, token });
  return found;
}

function checkUrl(text: string): void {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return;
  throw new MonitorError(
    'bad-argument',
    `${text} is no address of a monitor; expected something like http://127.0.0.1:5001.`,
  );
}

function isLoopback(url: string): boolean {
  return /^(127(\.\d+){3}|localhost|\[::1\])$/.test(new URL(url).hostname);
}

/** The runtime file of the monitor that works in this folder; adds to `tried` why there is none. */
function readRuntimeFile(folder: string, tried: string[]): RuntimeFile | undefined {
  const file = join(folder, 'monitor.json');
  try {
    const runtime = JSON.parse(readFileSync(file, 'utf8')) as RuntimeFile;
    if (runtime.url === null)
      tried.push(`${file}: the monitor with pid ${runtime.pid} runs without dashboard, so it cannot be asked`);
    else if (!isAlive(runtime.pid))
      tried.push(`${file}: left by a monitor with pid ${runtime.pid} that no longer runs`);
    return runtime;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason =
      code === 'ENOENT'
        ? 'not there: no monitor runs on this folder'
        : code === 'EACCES'
          ? 'no permission to read it'
          : 'cannot be read';
    tried.push(`${file}: ${reason}`);
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function dataDirectory(io: Io, where: Whereabouts): Promise<string> {
  return (
    where.dataDir ??
    (io.env.CRYOMON_DATA_DIR || undefined) ??
    (await configured(io, where))?.monitoring_dir ??
    'monitoring'
  );
}

async function configuredPort(io: Io, where: Whereabouts): Promise<number> {
  return (await configured(io, where))?.dashboard_port ?? 5001;
}

const known = new WeakMap<Whereabouts, { monitoring_dir: string; dashboard_port: number } | undefined>();

/** Loaded only when needed: the schema costs more time than the request. A broken file must not hide a monitor that runs. */
async function configured(io: Io, where: Whereabouts) {
  if (known.has(where)) return known.get(where);
  const { loadConfiguration } = await import('../configuration.ts');
  let result: { monitoring_dir: string; dashboard_port: number } | undefined;
  try {
    result = loadConfiguration({ file: where.config, cwd: io.cwd, env: io.env, args: [] }).settings.monitoring;
  } catch (error) {
    // The one who named a file wants to hear that it is not there.
    if (where.config !== undefined) throw error;
  }
  known.set(where, result);
  return result;
}
