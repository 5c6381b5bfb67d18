import { expect, test } from 'vitest';
import { systemClock } from '../model/clock.ts';
import { silentLog } from '../model/log.ts';
import { createChecks } from './create-checks.ts';
import { apiMonitoringSettings, databaseMonitoringSettings, systemMonitoringSettings } from './settings.ts';

function create(endpoints: number, apiSeconds: number) {
  return createChecks({
    database: databaseMonitoringSettings.parse({ connections: [{ name: 'main', url: 'redis://127.0.0.1' }] }),
    api: apiMonitoringSettings.parse({
      base_url: 'http://127.0.0.1',
      endpoints: Array.from({ length: endpoints }, (_, index) => ({ path: `/${index}` })),
    }),
    system: systemMonitoringSettings.parse({ enabled: false }),
    intervals: { database: 60, api: apiSeconds, system: 60 },
    agents: { all: () => [] },
    clock: systemClock,
    log: silentLog,
  });
}

test('takes as many checks as one monitor can serve', () => {
  expect(create(9_000, 10).fixed).toHaveLength(9_001);
});

test('refuses more, with the sum and what would help', () => {
  const refused = expect.objectContaining({
    code: 'configuration-invalid',
    message:
      'These checks are 2,400 runs a second, and one monitor serves 1,000: ' +
      '12000 endpoints every 5 s = 2,400/s + 1 databases every 60 s = 0.02/s.',
    hint: expect.stringContaining('at least 2.5 times as long'),
  });
  expect(() => create(12_000, 5)).toThrow(refused);
});
