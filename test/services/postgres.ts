import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { asUser, freePort, program, type Service, scratchDirectory, startService, userIds } from './process.ts';

/** Newest PostgreSQL that Debian installed. */
function binary(name: string): string {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return program('postgresql', ...versions.map((version) => join(root, version, 'bin', name)));
}

export interface Postgres extends Service {
  /** Runs SQL over a connection of its own and returns the rows. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Folder of its Unix socket. */
  readonly socketFolder: string;
}

/**
 * A PostgreSQL of its own on a free port of 127.0.0.1, nothing synced to the disk.
 * User `monitor` with password `s3cret-pw` (asked for over TCP), database `postgres`.
 */
export async function startPostgres(
  options: { settings?: Readonly<Record<string, string>>; tls?: { readonly key: string; readonly cert: string } } = {},
): Promise<Postgres> {
  const owner = userIds('postgres');
  const dir = await scratchDirectory('postgres', owner);
  const data = join(dir, 'data');
  const [initdb, initArgs] = asUser('postgres', owner, binary('initdb'), [
    '-D',
    data,
    '-A',
    'trust',
    '-U',
    'postgres',
    '--no-sync',
    '-E',
    'UTF8',
    '--locale=C',
  ]);
  execFileSync(initdb, initArgs, { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
  // `postgres` may come in without a password to set things up; everybody else has to prove who he is.
  const [shell, shellArgs] = asUser('postgres', owner, '/bin/sh', [
    '-c',
    `printf 'host all postgres 127.0.0.1/32 trust\\nhost all all 127.0.0.1/32 scram-sha-256\\nlocal all all scram-sha-256\\n' > '${data}/pg_hba.conf'`,
  ]);
  execFileSync(shell, shellArgs);
  if (options.tls) await writeCertificates(dir, options.tls, owner);
  const port = await freePort();
  const settings = {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: '30',
    shared_buffers: '16MB',
    ...(options.tls
      ? { ssl: 'on', ssl_cert_file: join(dir, 'server.pem'), ssl_key_file: join(dir, 'server.key') }
      : {}),
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const [command, args] = asUser('postgres', owner, binary('postgres'), [
    '-D',
    data,
    '-h',
    '127.0.0.1',
    '-p',
    String(port),
    '-k',
    dir,
    ...flags,
  ]);

  const query = async (sql: string): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({
      host: '127.0.0.1',
      port,
      user: 'postgres',
      database: 'postgres',
      connectionTimeoutMillis: 5000,
    });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query(sql)).rows as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  };
  const service = await startService({
    name: 'postgres',
    command,
    args,
    dir,
    port,
    url: `postgres://monitor:s3cret-pw@127.0.0.1:${port}/postgres`,
    ready: async () => void (await query('SELECT 1')),
  });
  await query(`CREATE ROLE monitor LOGIN PASSWORD 's3cret-pw'; GRANT pg_monitor TO monitor`);
  return { ...service, query, socketFolder: dir };
}

async function writeCertificates(
  dir: string,
  { key, cert }: { readonly key: string; readonly cert: string },
  owner: { uid: number; gid: number } | undefined,
): Promise<void> {
  for (const [name, text] of [
    ['server.key', key],
    ['server.pem', cert],
  ] as const) {
    await writeFile(join(dir, name), text, { mode: 0o600 });
    if (owner) await chown(join(dir, name), owner.uid, owner.gid);
  }
}
