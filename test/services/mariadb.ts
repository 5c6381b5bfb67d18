import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { asUser, freePort, program, type Service, scratchDirectory, startService, userIds } from './process.ts';

/** A MariaDB of its own on a free port of 127.0.0.1. User `monitor` with password `s3cret-pw`, database `app`. */
export async function startMariadb(
  options: { readonly flags?: readonly string[] } = {},
): Promise<Service & { readonly socket: string; sql(text: string): void }> {
  const owner = userIds('mysql');
  const dir = await scratchDirectory('mariadb', owner);
  const data = join(dir, 'data');
  const install = program('mariadb-server', '/usr/bin/mariadb-install-db');
  const client = program('mariadb-client', '/usr/bin/mariadb');
  const user = owner ? ['--user=mysql'] : [];
  execFileSync(install, [...user, `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'], {
    stdio: 'ignore',
    // The folder for temporary files of whoever runs the tests may be closed to the user of the server.
    env: { ...process.env, TMPDIR: dir },
  });
  const port = await freePort();
  const socket = join(dir, 'my.sock');
  const [command, args] = asUser('mysql', owner, program('mariadb-server', '/usr/sbin/mariadbd'), [
    '--no-defaults',
    `--datadir=${data}`,
    `--tmpdir=${dir}`,
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    `--socket=${socket}`,
    '--innodb-flush-log-at-trx-commit=0',
    '--innodb-buffer-pool-size=16M',
    '--performance-schema=OFF',
    '--skip-name-resolve',
    ...(options.flags ?? []),
  ]);
  const sql = (text: string) =>
    execFileSync(client, ['--no-defaults', '-u', 'root', `--socket=${socket}`, '-e', text], { stdio: 'pipe' });
  const service = await startService({
    name: 'mariadb',
    command,
    args,
    dir,
    port,
    url: `mysql://monitor:s3cret-pw@127.0.0.1:${port}/app`,
    ready: async () => void sql('SELECT 1'),
  });
  sql(
    `CREATE DATABASE app; CREATE USER monitor@'%' IDENTIFIED BY 's3cret-pw'; GRANT ALL ON app.* TO monitor@'%'; GRANT PROCESS ON *.* TO monitor@'%'`,
  );
  return { ...service, socket, sql: (text) => void sql(text) };
}
