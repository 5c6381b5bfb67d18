/**
 * A PostgreSQL of the demo's own, if the machine has one installed: a fresh data folder, a free port, loopback only, gone afterwards.
 * Nothing that is already running is touched.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';

const runFile = promisify(execFile);
const debian = '/usr/lib/postgresql';

/** The newest PostgreSQL's folder of programs, or undefined when there is none. */
function findPrograms(): string | undefined {
  if (!existsSync(debian)) return undefined;
  const versions = readdirSync(debian).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(debian, version, 'bin')).find((folder) => existsSync(join(folder, 'postgres')));
}

/** PostgreSQL refuses to run as root; Debian has a user for it. */
async function databaseUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (userInfo().uid !== 0) return undefined;
  const id = async (flag: string) => Number((await runFile('id', [flag, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

/** A port nobody uses. It can be asked for before the one who uses it is there. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('The system gave no free port.');
  return address.port;
}

export interface ScratchPostgres {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts one. Resolves with undefined when PostgreSQL is not installed. */
export async function startScratchPostgres(): Promise<ScratchPostgres | undefined> {
  const programs = findPrograms();
  if (programs === undefined) return undefined;
  const user = await databaseUser();
  const folder = mkdtempSync(join(tmpdir(), 'cryoprotect-demo-'));
  chmodSync(folder, 0o700);
  if (user) chownSync(folder, user.uid, user.gid);
  const port = await freePort();
  const as = { ...user, cwd: folder };
  const clean = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    await runFile(
      join(programs, 'initdb'),
      ['-D', join(folder, 'data'), '-A', 'trust', '-U', 'postgres', '--no-sync'],
      as,
    );
  } catch (error) {
    clean();
    throw error;
  }
  // fsync off: the data is made up and thrown away.
  const args = ['-D', join(folder, 'data'), '-h', '127.0.0.1', '-p', String(port), '-k', folder, '-c', 'fsync=off'];
  const child = spawn(join(programs, 'postgres'), args, { ...as, stdio: 'ignore', detached: true });
  await waitUntilReady(port);
  return {
    port,
    async stop() {
      // SIGINT is PostgreSQL's fast shutdown: it ends sessions instead of waiting for them.
      const gone = child.exitCode === null ? once(child, 'exit') : undefined;
      child.kill('SIGINT');
      await gone;
      clean();
    },
  };
}

async function waitUntilReady(port: number): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
    try {
      await client.connect();
      return;
    } catch (error) {
      if (turn > 100) throw new Error('PostgreSQL did not start within ten seconds.', { cause: error });
      await sleep(100);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
