/** Which URL schemes name which kind of database check. A new kind adds its schemes here and its maker in `database-kinds.ts`. */
export const databaseSchemes: Readonly<Record<string, string>> = {
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
  'mysql:': 'mysql',
  'mariadb:': 'mysql',
  'redis:': 'redis',
  'rediss:': 'redis',
  'valkey:': 'redis',
};

/** The schemes for people: `postgres://, postgresql://`. */
export function supportedSchemes(): string {
  return Object.keys(databaseSchemes)
    .map((scheme) => `${scheme}//`)
    .join(', ');
}

const unparsable =
  'cannot be parsed as a URL; characters such as @ : / # in user name or password must be percent-encoded';

/** What is wrong with a database URL, in words that never repeat the URL (it may hold a password); undefined when it is fine. */
export function databaseUrlProblem(text: string): string | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*:)/i.exec(text.trim())?.[1]?.toLowerCase();
  if (!scheme) return `is not a URL; expected something like postgres://user:password@host:5432/database`;
  if (!(scheme in databaseSchemes)) return `the scheme ${scheme}// is not supported; supported: ${supportedSchemes()}`;
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    return unparsable;
  }
  // Everything after a # is lost: nearly always the rest of a password.
  if (url.hash) return unparsable;
  if (!url.hostname && !url.searchParams.get('host')) return 'names no host';
  return undefined;
}
