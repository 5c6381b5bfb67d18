/** Which URL schemes name which kind of database check. A new kind adds its schemes here and its maker in `database/kinds.ts`. */
export const databaseSchemes: Readonly<Record<string, string>> = {
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
  'mysql:': 'mysql',
  'mariadb:': 'mysql',
  'redis:': 'redis',
  'rediss:': 'redis',
  'valkey:': 'redis',
  'valkeys:': 'redis',
  'mongodb:': 'mongodb',
  'mongodb+srv:': 'mongodb',
  'sqlite:': 'sqlite',
};

/** The kinds for people who give fields instead of a URL: the scheme that the fields become. */
export const databaseTypes = ['postgres', 'mysql', 'mariadb', 'redis', 'valkey', 'mongodb', 'sqlite'] as const;
export type DatabaseType = (typeof databaseTypes)[number];

/** The schemes for people: `postgres://, postgresql://`. */
export function supportedSchemes(): string {
  return Object.keys(databaseSchemes)
    .map((scheme) => (scheme === 'sqlite:' ? scheme : `${scheme}//`))
    .join(', ');
}

const unparsable =
  'cannot be parsed as a URL; characters such as @ : / # in user name or password must be percent-encoded';

/** What is wrong with a database URL, in words that never repeat the URL (it may hold a password); undefined when it is fine. */
export function databaseUrlProblem(text: string): string | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*:)/i.exec(text.trim())?.[1]?.toLowerCase();
  if (!scheme) return `is not a URL; expected something like postgres://user:password@host:5432/database`;
  if (!(scheme in databaseSchemes)) return `the scheme ${scheme}// is not supported; supported: ${supportedSchemes()}`;
  if (scheme === 'sqlite:')
    return sqlitePath(text) ? undefined : 'names no file; expected something like sqlite:./app.db';
  const parts = splitUrl(text.trim());
  if (!parts) return unparsable;
  if (!parts.hosts && !parts.params.get('host')) return 'names no host';
  return undefined;
}

/** A database URL in its parts, still percent-encoded where they were. */
export interface UrlParts {
  readonly scheme: string;
  readonly user: string;
  readonly password: string;
  /** Everything between credentials and path: `db.example:5432`, `[::1]`, `%2Frun%2Fpostgresql`, or several with commas. */
  readonly hosts: string;
  readonly path: string;
  readonly params: URLSearchParams;
}

/** Takes a database URL apart; undefined when it is none. MongoDB's may name several hosts, which no URL parser takes. */
export function splitUrl(text: string): UrlParts | undefined {
  const match = /^([a-z][a-z0-9+.-]*:)\/\/(?:([^/?#@]*)@)?([^/?#@]*)(\/[^?#]*)?(?:\?([^#]*))?$/i.exec(text);
  if (!match) return undefined;
  const [, scheme = '', credentials = '', hosts = '', path = '', query = ''] = match;
  const every = hosts.split(',').every((host) => host === '' || URL.canParse(`${scheme}//${host}/`));
  if (!every) return undefined;
  const colon = credentials.indexOf(':');
  return {
    scheme: scheme.toLowerCase(),
    user: colon < 0 ? credentials : credentials.slice(0, colon),
    password: colon < 0 ? '' : credentials.slice(colon + 1),
    hosts,
    path,
    params: new URLSearchParams(query),
  };
}

/** The file that a `sqlite:` URL names, with two slashes or without; undefined when it names none. */
export function sqlitePath(text: string): string | undefined {
  const path = /^sqlite:(?:\/\/)?([^?#]+)/i.exec(text.trim())?.[1];
  return path === undefined || path === '/' ? undefined : decodeSafely(path);
}

/** Percent-decoding that leaves alone what is not encoded. */
export function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
