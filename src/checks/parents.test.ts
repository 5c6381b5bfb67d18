import { expect, test } from 'vitest';
import { parentProblems } from './parents.ts';
import { apiMonitoringSettings, databaseMonitoringSettings, systemMonitoringSettings } from './settings.ts';

function problems(endpoints: object[]): string[] {
  return parentProblems({
    database_monitoring: databaseMonitoringSettings.parse({
      connections: [
        { name: 'main', url: 'postgres://a@127.0.0.1/a' },
        { name: 'old', url: 'postgres://a@127.0.0.1/a', enabled: false },
      ],
    }),
    api_monitoring: apiMonitoringSettings.parse({ base_url: 'http://localhost:1', endpoints }),
    system_monitoring: systemMonitoringSettings.parse({}),
  }).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('parents may be databases, endpoints and the machine', () => {
  expect(problems([{ path: '/a', parents: ['database:main', 'system', 'api:/b'] }, { path: '/b' }])).toEqual([]);
});

test('an id that nobody has is refused with the nearest one, also one that is switched off', () => {
  const all = 'The checks are: database:main, api:/a, system';
  expect(problems([{ path: '/a', parents: ['databse:main'] }])).toEqual([
    `api_monitoring.endpoints.0.parents.0: is the id of no check; did you mean database:main? ${all}`,
  ]);
  expect(problems([{ path: '/a', parents: ['main'] }])[0]).toContain('did you mean database:main?');
  expect(problems([{ path: '/a', parents: ['database:old'] }])[0]).toContain('is the id of no check');
});

test('a circle is refused once, with its way', () => {
  expect(
    problems([
      { path: '/a', parents: ['api:/b'] },
      { path: '/b', parents: ['api:/c', 'database:main'] },
      { path: '/c', parents: ['api:/a'] },
    ]),
  ).toEqual(['api_monitoring.endpoints.0.parents: the parents go in a circle: api:/a -> api:/b -> api:/c -> api:/a']);
  expect(problems([{ path: '/a', parents: ['api:/a'] }])).toEqual([
    'api_monitoring.endpoints.0.parents: the parents go in a circle: api:/a -> api:/a',
  ]);
});
