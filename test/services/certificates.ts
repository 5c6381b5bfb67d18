import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from './process.ts';

/** A key with the certificates a server shows for it, as PEM. */
export interface KeyPair {
  readonly key: string;
  /** The server's own certificate, then what it sends along. */
  readonly cert: string;
}

/** A certificate authority of the test's own, with every kind of certificate that goes wrong in life. */
export interface CertificateZoo {
  /** The root, to be trusted. */
  readonly ca: string;
  readonly caFile: string;
  readonly good: KeyPair;
  /** Valid for five days more. */
  readonly soon: KeyPair;
  readonly expired: KeyPair;
  readonly notYetValid: KeyPair;
  readonly wrongHost: KeyPair;
  readonly selfSigned: KeyPair;
  /** Good, but shown without the intermediate certificate that signed it. */
  readonly chainMissing: KeyPair;
  /** RSA with 1024 bits. */
  readonly weak: KeyPair;
  /** A certificate for clients. */
  readonly client: KeyPair & { readonly certFile: string; readonly keyFile: string };
  remove(): void;
}

const configuration = `
[ca]
default_ca = zoo
[zoo]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = none
unique_subject = no
email_in_dn = no
[any]
commonName = supplied
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[here]
subjectAltName = DNS:localhost,DNS:good.example,IP:127.0.0.1,IP:::1
[elsewhere]
subjectAltName = DNS:other.example
`;

/** Makes the zoo with openssl in a folder of its own; takes about a second. */
export function makeCertificates(): CertificateZoo {
  const openssl = program('openssl', '/usr/bin/openssl');
  const dir = mkdtempSync(join(tmpdir(), 'monitoring-test-certificates-'));
  const file = (name: string) => join(dir, name);
  const read = (name: string) => readFileSync(file(name), 'utf8');
  const run = (...args: string[]) => execFileSync(openssl, args, { cwd: dir, stdio: 'ignore' });
  writeFileSync(file('zoo.cnf'), configuration);
  writeFileSync(file('index.txt'), '');
  writeFileSync(file('serial'), '1000');

  const day = (offset: number) =>
    new Date(Date.now() + offset * 86_400_000).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  const ec = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const request = (name: string, newKey: readonly string[] = ec) =>
    run(
      'req',
      '-new',
      '-newkey',
      ...newKey,
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-config',
      'zoo.cnf',
      '-section',
      'any',
    );
  const self = (name: string, extensions: string, days: string) =>
    run(
      'req',
      '-x509',
      '-new',
      '-newkey',
      ...ec,
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-days',
      days,
      '-config',
      'zoo.cnf',
      '-extensions',
      extensions,
      '-section',
      'any',
    );
  const sign = (name: string, by: string, extensions: string, from = -30, to = 365) =>
    run(
      'ca',
      '-batch',
      '-notext',
      '-config',
      'zoo.cnf',
      '-cert',
      `${by}.pem`,
      '-keyfile',
      `${by}.key`,
      '-extensions',
      extensions,
      '-startdate',
      day(from),
      '-enddate',
      day(to),
      '-in',
      `${name}.csr`,
      '-out',
      `${name}.pem`,
    );

  self('root', 'root', '3650');
  request('intermediate');
  sign('intermediate', 'root', 'root');
  const leaf = (
    name: string,
    more: { from?: number; to?: number; extensions?: string; key?: readonly string[] } = {},
  ) => {
    request(name, more.key);
    sign(name, 'intermediate', more.extensions ?? 'here', more.from, more.to);
    return { key: read(`${name}.key`), cert: read(`${name}.pem`) + read('intermediate.pem') };
  };
  const good = leaf('good');
  const client = leaf('client');
  writeFileSync(file('client-chain.pem'), client.cert);
  self('self-signed', 'here', '365');
  return {
    ca: read('root.pem'),
    caFile: file('root.pem'),
    good,
    soon: leaf('soon', { to: 5.5 }),
    expired: leaf('expired', { from: -60, to: -3.5 }),
    notYetValid: leaf('not-yet-valid', { from: 10, to: 100 }),
    wrongHost: leaf('wrong-host', { extensions: 'elsewhere' }),
    selfSigned: { key: read('self-signed.key'), cert: read('self-signed.pem') },
    chainMissing: { key: good.key, cert: read('good.pem') },
    weak: leaf('weak', { key: ['rsa:1024'] }),
    client: { ...client, certFile: file('client-chain.pem'), keyFile: file('client.key') },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
