import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { MonitorError } from '../../model/problem.ts';
import { type DatabaseType, databaseSchemes, decodeSafely, splitUrl, sqlitePath } from '../schemes.ts';

/** How encryption is wanted, where the settings say more than the URL. Certificates are PEM texts or paths of PEM files. */
export interface TlsChoice {
  readonly enabled: boolean;
  /** False: encrypted, whoever it is. */
  readonly verify: boolean;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** The name that the certificate must have, when it is not the host's. */
  readonly serverName: string | undefined;
}

/** Where a database is and how one gets in, credentials included: never shown as a whole. */
export interface Place {
  /** Name in `kinds.ts`. */
  readonly kind: string;
  /** As drivers read it. */
  readonly url: string;
  /** First host without brackets; empty for a socket or a file. */
  readonly host: string;
  /** Undefined = the kind's own. */
  readonly port: number | undefined;
  /** Unix socket, or for PostgreSQL the folder it lies in. */
  readonly socketPath: string | undefined;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly params: URLSearchParams;
  readonly tls: TlsChoice | undefined;
  /** For people, without credentials and parameters: `postgres://db.example.org:5432/app`. */
  readonly target: string;
}

/** The fields that may stand in a connection's settings instead of a URL. */
export interface PlaceFields {
  readonly type: DatabaseType;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly database?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly path?: string | undefined;
}

/** Reads a URL that `databaseUrlProblem` found nothing wrong with. */
export function placeOfUrl(text: string, tls?: TlsChoice): Place {
  const url = text.trim();
  const file = /^sqlite:/i.test(url) ? sqlitePath(url) : undefined;
  if (file !== undefined) return { ...nowhere, kind: 'sqlite', url, database: file, target: file, tls };
  const parts = splitUrl(url);
  if (!parts) throw new TypeError('a database URL that was not checked');
  const { scheme, user, password, hosts, path, params } = parts;
  const [first = ''] = hosts.split(',');
  const bare = decodeSafely(/^\[(.*)\]/.exec(first)?.[1] ?? first.replace(/:\d*$/, ''));
  const port = Number(/:(\d+)$/.exec(first)?.[1]);
  const wished = params.get('host') ?? '';
  const socketPath = [bare, wished].find((one) => one.startsWith('/'));
  const database = decodeSafely(path.slice(1));
  const shown = socketPath ?? (hosts.includes(',') ? hosts : hosts || wished);
  return {
    kind: databaseSchemes[scheme] ?? '',
    url,
    host: socketPath ? '' : bare || wished,
    port: Number.isInteger(port) && port > 0 ? port : undefined,
    socketPath,
    user: decodeSafely(user),
    password: decodeSafely(password),
    database,
    params,
    tls,
    target: `${scheme}//${shown}${path === '/' ? '' : path}`,
  };
}

/** Puts fields together to a place; the URL it gets is the one that somebody would have written. */
export function placeOfFields(fields: PlaceFields, tls?: TlsChoice): Place {
  if (fields.type === 'sqlite')
    return placeOfUrl(`sqlite:${encodeURI(fields.path ?? '').replace(/[?#]/g, encodeURIComponent)}`, tls);
  const { user, password, database, port, host = 'localhost' } = fields;
  const credentials =
    user || password ? `${encodeURIComponent(user ?? '')}${password ? `:${encodeURIComponent(password)}` : ''}@` : '';
  const place = host.startsWith('/') ? encodeURIComponent(host) : isIP(host) === 6 ? `[${host}]` : host;
  const url = `${fields.type}://${credentials}${place}${port ? `:${port}` : ''}/${encodeURIComponent(database ?? '')}`;
  return placeOfUrl(url, tls);
}

const nowhere = {
  host: '',
  port: undefined,
  socketPath: undefined,
  user: '',
  password: '',
  params: new URLSearchParams(),
} as const;

/** Makes a function that takes the place's password out of any text, in the forms a driver may repeat it. */
export function passwordMask({ password }: Place): (words: string) => string {
  if (!password) return (words) => words;
  const forms = new Set([password, encodeURIComponent(password)]);
  return (words) => [...forms].reduce((masked, form) => masked.replaceAll(form, '[masked]'), words);
}

/**
 * What Node's `tls.connect` and the drivers want for a choice. Files are read at each new connection, so that renewed ones are taken over.
 * @throws MonitorError `configuration-unreadable` when a file cannot be read
 */
export function tlsOptions({ tls, host }: Place): Record<string, unknown> {
  const wanted = tls?.serverName;
  const servername = wanted ?? (host && !isIP(host) ? host : undefined);
  return {
    // Drivers that know better would compare the certificate with the host.
    ...(wanted ? { checkServerIdentity: (_: string, cert: PeerCertificate) => checkServerIdentity(wanted, cert) } : {}),
    rejectUnauthorized: tls?.verify ?? true,
    ...(tls?.ca ? { ca: pem(tls.ca) } : {}),
    ...(tls?.cert ? { cert: pem(tls.cert) } : {}),
    ...(tls?.key ? { key: pem(tls.key) } : {}),
    ...(servername ? { servername } : {}),
  };
}

function pem(textOrPath: string): string {
  if (textOrPath.includes('-----BEGIN')) return textOrPath;
  try {
    return readFileSync(textOrPath, 'utf8');
  } catch (error) {
    throw new MonitorError('configuration-unreadable', `The certificate file ${textOrPath} cannot be read.`, {
      hint: error instanceof Error ? error.message : String(error),
      cause: error,
    });
  }
}
