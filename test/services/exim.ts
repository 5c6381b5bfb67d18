import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort, program, type Service, scratchDirectory, startService, userIds } from './process.ts';

/**
 * A real mail server. `port` speaks STARTTLS, `tlsPort` TLS from the first byte; both want a login (monitor / s3cret-pw) inside TLS.
 * Recipients that begin with `defer` get 450, with `hard` 550, with `slow` wait three seconds; a sender that begins with `drop` is
 * refused and cut off; a subject with `TRYLATER` gets 451 after the data; more than 1 MB gets 552.
 */
export interface Exim extends Service {
  readonly tlsPort: number;
  /** The accepted mails as they lie in the mailbox, oldest first. */
  mails(): string[];
}

/** Starts Debian's Exim with a configuration of its own on two free ports. */
export async function startExim(): Promise<Exim> {
  const exim = program('exim4-daemon-light', '/usr/sbin/exim4');
  const owner = userIds('Debian-exim');
  const dir = await scratchDirectory('exim', owner);
  for (const name of ['spool', 'log', 'mail']) {
    mkdirSync(join(dir, name));
    if (owner) chownSync(join(dir, name), owner.uid, owner.gid);
  }
  const [port, tlsPort] = [await freePort(), await freePort()];
  const file = (name: string) => join(dir, name);
  execFileSync(
    program('openssl', '/usr/bin/openssl'),
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost,IP:127.0.0.1',
      '-keyout',
      file('key.pem'),
      '-out',
      file('cert.pem'),
    ],
    { stdio: 'ignore' },
  );
  if (owner) for (const name of ['key.pem', 'cert.pem']) chownSync(file(name), owner.uid, owner.gid);
  writeFileSync(file('exim.conf'), configuration(dir, port, tlsPort), { mode: 0o644 });
  const service = await startService({
    name: 'exim',
    command: exim,
    args: ['-bdf', '-C', file('exim.conf')],
    dir,
    url: `smtp://127.0.0.1:${port}`,
    port,
    ready: () => greeted(port),
  });
  const inbox = file('mail/new');
  return {
    ...service,
    tlsPort,
    mails() {
      let names: string[] = [];
      try {
        names = readdirSync(inbox).sort((a, b) => deliveredAt(a) - deliveredAt(b));
      } catch {
        // The folder comes with the first mail.
      }
      return names.map((name) => readFileSync(join(inbox, name), 'utf8'));
    },
  };
}

/** Microseconds in the name of a mail in a maildir, `1764067123.H4567P89.localhost`: they are not padded. */
function deliveredAt(name: string): number {
  const [, seconds, micros] = /^(\d+)\.H(\d+)/.exec(name) ?? [];
  return Number(seconds) * 1_000_000 + Number(micros);
}

function greeted(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(2000, () => socket.destroy(new Error('no greeting')));
    socket.once('data', () => {
      socket.end('QUIT\r\n');
      resolve();
    });
    socket.once('error', reject);
  });
}

function configuration(dir: string, port: number, tlsPort: number): string {
  return `
primary_hostname = localhost
spool_directory = ${dir}/spool
log_file_path = ${dir}/log/%slog
pid_file_path = ${dir}/spool/exim.pid
daemon_smtp_ports = ${port} : ${tlsPort}
tls_on_connect_ports = ${tlsPort}
local_interfaces = 127.0.0.1
tls_advertise_hosts = *
tls_certificate = ${dir}/cert.pem
tls_privatekey = ${dir}/key.pem
auth_advertise_hosts = \${if eq{$tls_in_cipher}{}{}{*}}
acl_smtp_mail = acl_mail
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = acl_data
message_size_limit = 1M
domainlist local_domains = *
host_lookup =
rfc1413_query_timeout = 0s
smtp_enforce_sync = false
never_users =

begin acl
acl_mail:
  drop condition = \${if match{$sender_address_local_part}{^drop}}
       message = go away
  accept
acl_rcpt:
  deny !authenticated = *
       message = 530 login first
  defer condition = \${if match{$local_part}{^defer}}
        message = 450 try later
  deny condition = \${if match{$local_part}{^hard}}
       message = 550 no such user
  accept condition = \${if match{$local_part}{^slow}}
         delay = 3s
  accept
acl_data:
  defer condition = \${if match{$h_Subject:}{TRYLATER}}
        message = 451 busy
  accept

begin routers
all:
  driver = accept
  transport = maildir

begin transports
maildir:
  driver = appendfile
  directory = ${dir}/mail
  maildir_format
  user = Debian-exim
  group = Debian-exim

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = \${if and{{eq{$auth2}{monitor}}{eq{$auth3}{s3cret-pw}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = \${if and{{eq{$auth1}{monitor}}{eq{$auth2}{s3cret-pw}}}}
  server_set_id = $auth1
`;
}
