import { expect, test } from 'vitest';
import { systemClock } from '../../model/clock.ts';
import { databaseUrlProblem } from '../schemes.ts';
import { databaseMonitoringSettings } from '../settings.ts';
import { databaseChecks } from './from-settings.ts';
import { passwordMask, placeOfFields, placeOfUrl } from './place.ts';

test.each([
  ['postgres://u:p%40ss@db.example:6543/app?sslmode=require', 'db.example', 6543, undefined, 'p@ss', 'app'],
  ['postgres://u@[::1]:5433/app', '::1', 5433, undefined, '', 'app'],
  ['postgres://u:p@%2Frun%2Fpostgresql/app', '', undefined, '/run/postgresql', 'p', 'app'],
  ['postgres:///app?host=/run/postgresql', '', undefined, '/run/postgresql', '', 'app'],
  ['redis://:p@cache', 'cache', undefined, undefined, 'p', ''],
  ['mongodb://u:p@a.example:27017,b.example:27018/app?replicaSet=rs0', 'a.example', 27017, undefined, 'p', 'app'],
])('%s is read', (url, host, port, socketPath, password, database) => {
  expect(databaseUrlProblem(url)).toBeUndefined();
  expect(placeOfUrl(url)).toMatchObject({ host, port, socketPath, password, database });
});

test.each([
  ['sqlite:./data/app.db', './data/app.db'],
  ['sqlite:///var/lib/app.db', '/var/lib/app.db'],
  ['sqlite:/var/lib/my%20app.db', '/var/lib/my app.db'],
])('%s names a file', (url, path) => {
  expect(databaseUrlProblem(url)).toBeUndefined();
  expect(placeOfUrl(url)).toMatchObject({ kind: 'sqlite', database: path, target: path });
});

test.each([
  [
    { type: 'postgres', host: 'db', user: 'a b', password: 'p@/:?#', database: 'x' },
    'postgres://a%20b:p%40%2F%3A%3F%23@db/x',
    'postgres://db/x',
  ],
  [{ type: 'mysql', host: '::1', port: 3307 }, 'mysql://[::1]:3307/', 'mysql://[::1]:3307'],
  [
    { type: 'redis', host: '/run/redis.sock', password: 'p' },
    'redis://:p@%2Frun%2Fredis.sock/',
    'redis:///run/redis.sock',
  ],
  [{ type: 'sqlite', path: './a b?.db' }, 'sqlite:./a%20b%3F.db', './a b?.db'],
] as const)('%j becomes a place', (fields, url, target) => {
  const place = placeOfFields(fields);
  expect(place).toMatchObject({ url, target });
  if (fields.type !== 'sqlite') expect(place.password).toBe('password' in fields ? fields.password : '');
});

test('a password is masked in all its forms', () => {
  const mask = passwordMask(placeOfFields({ type: 'postgres', host: 'db', password: 'p@ss' }));
  expect(mask('as p@ss or p%40ss')).toBe('as [masked] or [masked]');
});

const problems = (connection: object) =>
  (databaseMonitoringSettings.safeParse({ connections: [{ name: 'a', ...connection }] }).error?.issues ?? []).map(
    (issue) => `${issue.path.join('.')}: ${issue.message}`,
  );

test.each([
  [{}, 'connections.0.url: is missing; give a url, or type'],
  [{ url: 'postgres://db/x', host: 'db' }, 'connections.0.host: stands beside a url'],
  [{ url: 'postgres://db/x', type: 'postgres' }, 'connections.0.type: stands beside a url'],
  [{ type: 'sqlite' }, 'connections.0.path: is missing: which file is it?'],
  [{ type: 'mysql', path: '/x' }, 'connections.0.path: is for sqlite only'],
  [{ type: 'oracle', host: 'db' }, 'connections.0.type: '],
  [{ url: 'sqlite:' }, 'connections.0.url: names no file'],
  [{ type: 'postgres', host: 'db', port: 0 }, 'connections.0.port: '],
])('%j is refused', (connection, words) => {
  expect(problems(connection).join()).toContain(words);
});

test('a threshold of error below that of warning is refused', () => {
  const { error } = databaseMonitoringSettings.safeParse({ thresholds: { blocked_seconds: { warning: 9, error: 3 } } });
  expect(error?.issues[0]?.message).toBe('must not be below the warning (9): it would never come first');
});

test('connections of one kind are a chain, others stand for themselves, and a named chain joins what its members say', () => {
  const settings = databaseMonitoringSettings.parse({
    connections: [
      { name: 'pooler', url: 'postgres://a/x' },
      { name: 'cache', url: 'redis://a' },
      { name: 'direct', url: 'postgres://b/x' },
      { name: 'reports', url: 'postgres://c/x', chain: 'reports' },
      { name: 'archive', type: 'mysql', host: 'd', chain: 'reports' },
    ],
  });
  expect(databaseChecks(settings, 60, systemClock).map(({ info }) => [info.name, info.chain, info.order])).toEqual([
    ['pooler', 'postgres', 0],
    ['cache', undefined, undefined],
    ['direct', 'postgres', 1],
    ['reports', 'reports', 0],
    ['archive', 'reports', 1],
  ]);
});
