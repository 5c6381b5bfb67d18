/** Starts the real processes that end-to-end tests look at from outside, and ends every one of them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const launcher = join(root, 'dist/cli/launcher.js');
export const cli = join(root, 'dist/cli/main.js');

/** An empty folder that `remove` takes away again. */
export async function scratch(): Promise<{ dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'cryomon-e2e-'));
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Asks again and again until the answer is there; fails with the last error or answer. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 30_000,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let last: unknown;
  while (performance.now() < end) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause: last });
}

export interface Running {
  readonly url: string;
  readonly dir: string;
  readonly child: ChildProcess;
  output(): string;
  get(path: string): Promise<Response>;
  json<T = Record<string, unknown>>(path: string): Promise<T>;
  post(path: string, body: unknown): Promise<Response>;
  /** SIGTERM; resolves with the exit code and how long it took. */
  stop(): Promise<{ code: number | null; ms: number }>;
  kill(): Promise<void>;
}

/** Starts `cryomon start` in `dir` and waits until it is ready. */
export async function startMonitor(dir: string, config: object = {}, port?: number): Promise<Running> {
  const chosen = port ?? (await freePort());
  await writeFile(join(dir, 'monitoring_config.json'), JSON.stringify(config));
  const run = launch([launcher, '--config', 'monitoring_config.json', '--dashboard-port', String(chosen)], dir);
  const url = `http://127.0.0.1:${chosen}`;
  await until(
    'the monitor to be ready',
    async () => {
      if (run.child.exitCode !== null) throw new Error(`it ended with ${run.child.exitCode}: ${run.output()}`);
      return (await fetch(`${url}/monitoring/readyz`)).ok;
    },
    20_000,
  ).catch((error) => {
    run.child.kill('SIGKILL');
    throw new Error(`not ready: ${run.output()}`, { cause: error });
  });
  return {
    url,
    dir,
    child: run.child,
    output: run.output,
    get: (path) => fetch(`${url}${path}`),
    json: async (path) => (await fetch(`${url}${path}`)).json() as never,
    post: (path, body) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    async stop() {
      const begun = performance.now();
      if (run.child.exitCode === null && run.child.signalCode === null) {
        run.child.kill('SIGTERM');
        await once(run.child, 'exit');
      }
      return { code: run.child.exitCode, ms: performance.now() - begun };
    },
    async kill() {
      if (run.child.exitCode === null && run.child.signalCode === null) {
        run.child.kill('SIGKILL');
        await once(run.child, 'exit');
      }
    },
  };
}

/** Starts a Node program; its output is collected. */
export function launch(
  args: string[],
  cwd: string,
  env: Record<string, string> = {},
): { child: ChildProcess; output(): string } {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(CRYO|VITEST|NODE_OPTIONS|CI$)/.test(name)),
  );
  const child = spawn(process.execPath, args, { cwd, env: { ...clean, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout?.on('data', (chunk) => (text += chunk));
  child.stderr?.on('data', (chunk) => (text += chunk));
  return { child, output: () => text };
}

/** Runs a program to its end. */
export async function run(
  args: string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<{ code: number | null; output: string }> {
  const { child, output } = launch(args, cwd, env);
  await once(child, 'close');
  return { code: child.exitCode, output: output() };
}

export interface Received {
  readonly at: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

/** A webhook receiver that keeps what it gets; `answer` decides the status of each. */
export async function startReceiver(
  answer: (n: number) => number = () => 200,
): Promise<{ url: string; received: Received[]; close(): Promise<void> }> {
  const received: Received[] = [];
  let calls = 0;
  const server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      const status = answer(calls++);
      if (status < 400) received.push({ at: Date.now(), headers: request.headers, body: JSON.parse(text) });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
