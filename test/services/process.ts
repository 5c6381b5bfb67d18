import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real server started for a test. Always `stop()` it; `kill`, `pause` and `resume` are for faults. */
export interface Service {
  /** How clients reach it, credentials included. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Ends it and removes its files. Idempotent. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash does; files stay until `stop`. */
  kill(): Promise<void>;
  /** Freezes it: connections are still accepted by the kernel, nobody answers. */
  pause(): void;
  resume(): void;
}

/** A port of 127.0.0.1 that nobody uses now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** The program's path; a test that lacks its server says so loudly instead of passing by. */
export function program(debianPackage: string, ...candidates: readonly string[]): string {
  const found = candidates.find((path) => existsSync(path));
  if (!found)
    throw new Error(`this test needs the Debian package ${debianPackage} (looked for ${candidates.join(', ')})`);
  return found;
}

/** Numeric ids of a system user, when we are root and may become it; servers refuse to run as root. */
export function userIds(name: string): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** A fresh directory that belongs to that user. */
export async function scratchDirectory(name: string, owner?: { uid: number; gid: number }): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), `monitoring-test-${name}-`));
  if (owner) await chown(dir, owner.uid, owner.gid);
  return dir;
}

/** Puts `setpriv` in front of a command when it has to run as another user. */
export function asUser(user: string, ids: unknown, command: string, args: readonly string[]): [string, string[]] {
  if (!ids) return [command, [...args]];
  return ['setpriv', [`--reuid=${user}`, `--regid=${user}`, '--init-groups', command, ...args]];
}

/** Starts a server and waits until `ready` no longer throws; on failure shows what the server said. */
export async function startService(options: {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly dir: string;
  readonly url: string;
  readonly port: number;
  ready(): Promise<void>;
}): Promise<Service> {
  const child = spawn(options.command, options.args, { cwd: options.dir, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  // A test process that dies must not leave servers behind.
  const onExit = () => child.kill('SIGKILL');
  process.once('exit', onExit);
  await waitUntilReady(options.name, child, options.ready, () => output);

  let stopped: Promise<void> | undefined;
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return {
    url: options.url,
    port: options.port,
    pid: child.pid!,
    kill,
    stop() {
      stopped ??= (async () => {
        await kill();
        process.off('exit', onExit);
        await rm(options.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      })();
      return stopped;
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
}

async function waitUntilReady(
  name: string,
  child: ChildProcess,
  ready: () => Promise<void>,
  output: () => string,
): Promise<void> {
  const until = Date.now() + 60_000;
  for (;;) {
    try {
      return await ready();
    } catch (error) {
      const dead = child.exitCode !== null || child.pid === undefined;
      if (dead || Date.now() > until) {
        child.kill('SIGKILL');
        throw new Error(`${name} did not get ready: ${String(error)}\n${output()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
