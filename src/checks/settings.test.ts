import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { statusRanges, statusWords } from './expected-status.ts';
import { apiMonitoringSettings, databaseMonitoringSettings, systemMonitoringSettings } from './settings.ts';

const problems = (schema: z.ZodType, value: unknown) =>
  (schema.safeParse(value).error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`);

test('the sections of the predecessor’s shipped file are valid', () => {
  expect(
    databaseMonitoringSettings.parse({
      enabled: true,
      monitor_pool_size: true,
      monitor_query_time: true,
      slow_query_threshold_ms: 500,
      connection_failure_threshold: 3,
      circuit_breaker_reset_seconds: 300,
    }).connections,
  ).toEqual([]);
  expect(
    apiMonitoringSettings.parse({
      enabled: true,
      endpoints: [
        { path: '/health', method: 'GET', expected_status: 200 },
        { path: '/api/v1/molecules', method: 'GET', expected_status: 200 },
        { path: '/api/v1/mixtures', method: 'GET', expected_status: 200, data: null },
      ],
      response_time_warning_threshold_ms: 500,
      response_time_error_threshold_ms: 2000,
    }).endpoints,
  ).toHaveLength(3);
  expect(
    systemMonitoringSettings.parse({ enabled: true, storage_path: '/', cpu_error_threshold: 75 }).cpu_warning_threshold,
  ).toBe(80);
});

describe('databases', () => {
  test.each([
    ['mssql://sa:hush-hush@db/x', 'the scheme mssql:// is not supported; supported: postgres://'],
    ['db.example.org', 'is not a URL'],
    ['postgres://u:p@ss#hush-hush@db:99999/x', 'cannot be parsed as a URL'],
    ['postgres:///app', 'names no host'],
  ])('%s is refused without repeating it', (url, words) => {
    const found = problems(databaseMonitoringSettings, { connections: [{ name: 'a', url }] });
    expect(found).toEqual([expect.stringContaining(`connections.0.url: ${words}`)]);
    expect(found[0]).not.toContain('hush-hush');
  });

  test('two connections of one name are refused', () => {
    const url = 'postgres://db/x';
    expect(
      problems(databaseMonitoringSettings, {
        connections: [
          { name: 'a', url },
          { name: 'a', url },
        ],
      }),
    ).toEqual(['connections.1.name: the name "a" is used twice']);
  });
});

describe('endpoints', () => {
  test.each([
    [{}, 'needs a path'],
    [{ path: '/a', url: 'http://x' }, 'has both path and url'],
    [{ path: 'a' }, 'a path begins with /'],
    [{ url: 'ftp://x/y' }, 'the scheme ftp:// is not supported'],
    [{ url: 'x/y' }, 'is not a complete URL'],
    [{ path: '/a', expected_status: 'fine' }, 'expected a status such as 200'],
    [{ path: '/a', method: 'BREW' }, 'Invalid option'],
  ])('%j is refused', (endpoint, words) => {
    expect(problems(apiMonitoringSettings, { endpoints: [endpoint] }).join()).toContain(words);
  });

  test('two of one name are refused', () => {
    expect(problems(apiMonitoringSettings, { endpoints: [{ path: '/a' }, { path: '/a' }] }).join()).toContain(
      'stands here twice',
    );
  });
});

test('every key is described', () => {
  for (const schema of [apiMonitoringSettings, databaseMonitoringSettings, systemMonitoringSettings]) {
    const json = z.toJSONSchema(schema, { io: 'input' }) as {
      properties: Record<string, { description?: string; items?: unknown }>;
    };
    for (const [key, property] of Object.entries(json.properties)) expect(property.description, key).toMatch(/\.$|`/);
  }
});

test.each([
  [200, [[200, 200]], '200'],
  ['2xx', [[200, 299]], '200-299'],
  [
    '200-204, 301',
    [
      [200, 204],
      [301, 301],
    ],
    '200-204 or 301',
  ],
  [
    [200, '4XX'],
    [
      [200, 200],
      [400, 499],
    ],
    '200 or 400-499',
  ],
])('expected status %j is understood', (expected, ranges, words) => {
  expect(statusRanges(expected)).toEqual(ranges);
  expect(statusWords(statusRanges(expected)!)).toBe(words);
});

test.each(['', 'abc', 99, 600, '300-200', '6xx', '200-'])('expected status %j is refused', (expected) => {
  expect(statusRanges(expected)).toBeUndefined();
});
