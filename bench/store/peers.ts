/** VictoriaMetrics and Prometheus as Debian ships them, started on loopback with a fresh folder, fed by remote write. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../test/services/process.ts';
import type { Dataset } from './dataset.ts';
import { cpuMs, folderBytes } from './process.ts';
import { labelBlocks, writeRequest } from './remote-write.ts';

export interface Peer {
  readonly name: 'victoriametrics' | 'prometheus';
  readonly url: string;
  readonly pid: number;
  /** Any request; resolves with the body, rejects when the status is not 2xx. */
  ask(method: 'GET' | 'POST', path: string, body?: Uint8Array): Promise<Buffer>;
  /** Makes everything it has into its final form on the disk and resolves with the bytes. */
  finalBytes(): Promise<number>;
  stop(): Promise<void>;
}

interface Kind {
  readonly binary: string;
  arguments(dir: string, port: number): string[];
  readonly ready: string;
  finalBytes(dir: string, ask: Peer['ask']): Promise<number>;
}

const kinds: Record<Peer['name'], Kind> = {
  victoriametrics: {
    binary: '/usr/bin/victoria-metrics',
    arguments: (dir, port) => [
      `-storageDataPath=${dir}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      '-retentionPeriod=12',
      '-search.disableCache',
      '-search.latencyOffset=0s',
    ],
    ready: '/health',
    async finalBytes(dir, ask) {
      await ask('GET', '/internal/force_flush');
      await ask('GET', '/internal/force_merge');
      // The merge runs behind the answer: it is over when the size has been the same for two seconds.
      let before = -1;
      for (let same = 0; same < 4; ) {
        await sleep(500);
        const size = folderBytes(join(dir, 'data'));
        same = size === before ? same + 1 : 0;
        before = size;
      }
      return before + folderBytes(join(dir, 'indexdb'));
    },
  },
  prometheus: {
    binary: '/usr/bin/prometheus',
    arguments: (dir, port) => [
      `--storage.tsdb.path=${dir}`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--config.file=/dev/null`,
      '--web.enable-remote-write-receiver',
      '--web.enable-admin-api',
      '--storage.tsdb.retention.time=400d',
      '--log.level=error',
    ],
    ready: '/-/ready',
    async finalBytes(dir, ask) {
      const answer = JSON.parse((await ask('POST', '/api/v1/admin/tsdb/snapshot')).toString()) as {
        data: { name: string };
      };
      return folderBytes(join(dir, 'snapshots', answer.data.name));
    },
  },
};

/** Starts a peer; undefined when its Debian package is not installed, which is said with what to do. */
export async function startPeer(name: Peer['name']): Promise<Peer | undefined> {
  const kind = kinds[name];
  if (!existsSync(kind.binary)) {
    const pack = name === 'victoriametrics' ? 'victoria-metrics' : 'prometheus';
    process.stdout.write(`No ${name} here, its figures stay empty. To install it: apt-get install ${pack}\n`);
    return undefined;
  }
  const dir = mkdtempSync(join(tmpdir(), `bench-${name}-`));
  const port = await freePort();
  const child = spawn(kind.binary, kind.arguments(dir, port), { stdio: 'ignore', cwd: dir });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask: Peer['ask'] = (method, path, body) => exchange(agent, port, method, path, body);
  const stop = async () => {
    agent.destroy();
    await end(child);
    rmSync(dir, { recursive: true, force: true });
  };
  const started = performance.now();
  for (;;) {
    try {
      await ask('GET', kind.ready);
      break;
    } catch (error) {
      if (child.exitCode === null && performance.now() - started < 30_000) {
        await sleep(100);
        continue;
      }
      await stop();
      throw new Error(`${name} did not start.`, { cause: error });
    }
  }
  const url = `http://127.0.0.1:${port}`;
  return { name, url, pid: child.pid!, ask, finalBytes: () => kind.finalBytes(dir, ask), stop };
}

/** Sends a data set in requests of ten ticks over one connection. Resolves with the time and the peer's CPU, both in ms. */
export async function feedPeer(peer: Peer, data: Dataset): Promise<{ wallMs: number; cpuMs: number }> {
  const labels = labelBlocks(data);
  const cpu = cpuMs(peer.pid);
  let wallMs = 0;
  for (let tick = 0; tick < data.ticks; tick += 10) {
    // Making the request is not the peer's time.
    const body = writeRequest(data, labels, tick, Math.min(tick + 10, data.ticks));
    const started = performance.now();
    await peer.ask('POST', '/api/v1/write', body);
    wallMs += performance.now() - started;
  }
  return { wallMs, cpuMs: cpuMs(peer.pid) - cpu };
}

function exchange(agent: Agent, port: number, method: string, path: string, body?: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        port,
        host: '127.0.0.1',
        method,
        path,
        headers: body
          ? {
              'content-type': 'application/x-protobuf',
              'content-encoding': 'snappy',
              'x-prometheus-remote-write-version': '0.1.0',
              'content-length': body.length,
            }
          : {},
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const whole = Buffer.concat(parts);
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve(whole);
          else reject(new Error(`${method} ${path} answered ${status}: ${whole.toString().slice(0, 300)}`));
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(timer);
}
