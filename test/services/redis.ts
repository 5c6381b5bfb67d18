import { connect } from 'node:net';
import { freePort, program, type Service, scratchDirectory, startService } from './process.ts';

/** A Redis of its own on a free port of 127.0.0.1, nothing on disk, password `s3cret-pw`. `flags` are added to its command line. */
export async function startRedis(
  options: { flags?: (dir: string, port: number) => readonly string[] } = {},
): Promise<Service> {
  const dir = await scratchDirectory('redis');
  const port = await freePort();
  const flags = options.flags?.(dir, port) ?? ['--port', String(port)];
  return startService({
    name: 'redis',
    command: program('redis-server', '/usr/bin/redis-server'),
    args: [
      '--bind',
      '127.0.0.1',
      '--dir',
      dir,
      '--save',
      '',
      '--appendonly',
      'no',
      '--requirepass',
      's3cret-pw',
      ...flags,
    ],
    dir,
    port,
    url: `redis://:s3cret-pw@127.0.0.1:${port}/0`,
    ready: () =>
      new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => {
          socket.destroy();
          resolve();
        });
        socket.once('error', reject);
      }),
  });
}
