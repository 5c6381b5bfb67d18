// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders are the subject of these tests.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Flag } from './argument-layer.ts';
import { type LoadRequest, load } from './load.ts';
import { ConfigurationError } from './problems.ts';

const channel = z.strictObject({
  enabled: z.boolean().default(false),
  webhook_url: z.string().default('').meta({ secret: true, description: 'Where to.' }),
  auth_token: z.string().default('').meta({ secret: true }),
  retries: z.int().min(0).max(9).default(3),
});
const schema = z.strictObject({
  monitoring: z
    .strictObject({
      enabled: z.boolean().default(true),
      dashboard_port: z.int().min(0).max(65_535).default(5001),
      dashboard_enabled: z.boolean().default(true),
      health_check_intervals: z.strictObject({ api: z.number().positive().default(60) }).prefault({}),
    })
    .prefault({}),
  notifications: z
    .strictObject({
      slack: channel.prefault({}).meta({ dormant: 'Slack comes later' }),
      webhooks: z.array(channel).default([]),
      recipients: z.array(z.string()).default([]),
    })
    .prefault({}),
  logging: z
    .strictObject({
      level: z.enum(['INFO', 'DEBUG']).default('INFO'),
      file: z.string().nullable().default(null),
      host: z.string().default('here'),
    })
    .prefault({}),
  storage: z
    .strictObject({
      path: z.union([z.string(), z.array(z.string())]).default('/'),
      codes: z.array(z.int()).default([]),
      headers: z.record(z.string(), z.string()).default({}),
      data: z.json().optional(),
    })
    .prefault({}),
});
const flags: Flag[] = [
  { name: '--config' },
  { name: '--dashboard-port', path: ['monitoring', 'dashboard_port'] },
  { name: '--no-dashboard', path: ['monitoring', 'dashboard_enabled'], value: false },
  { name: '--print-config', value: true },
];

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'configuration-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

type Given = { file?: unknown; text?: string; env?: Record<string, string>; args?: string[]; overrides?: object };

function request({ file, text, env = {}, args = [], overrides }: Given): LoadRequest<typeof schema> {
  if (file !== undefined || text !== undefined) writeFileSync(join(cwd, 'settings.json'), text ?? JSON.stringify(file));
  return { schema, cwd, env, args, flags, overrides, defaultFile: 'settings.json', prefix: 'CRYOPROTECT_' };
}
const read = (given: Given) => load(request(given));

function problemsOf(given: Given) {
  try {
    read(given);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('layers', () => {
  test('stand in the order defaults, file, environment, arguments, code', () => {
    const file = { monitoring: { dashboard_port: 1 } };
    const env = { CRYOPROTECT_MONITORING_DASHBOARD_PORT: '2' };
    const args = ['--monitoring-dashboard-port=3'];
    const port = (given: Given) => read(given).settings.monitoring.dashboard_port;
    expect(port({})).toBe(5001);
    expect(port({ file })).toBe(1);
    expect(port({ file, env })).toBe(2);
    expect(port({ file, env, args })).toBe(3);
    expect(port({ file, env, args, overrides: { monitoring: { dashboard_port: 4 } } })).toBe(4);
  });

  test('merge objects and replace lists', () => {
    const file = { notifications: { recipients: ['a', 'b'], slack: { retries: 1 } } };
    const env = { CRYOPROTECT_NOTIFICATIONS_RECIPIENTS: 'c', CRYOPROTECT_NOTIFICATIONS_SLACK_ENABLED: 'yes' };
    const { notifications } = read({ file, env }).settings;
    expect(notifications.recipients).toEqual(['c']);
    expect(notifications.slack).toMatchObject({ enabled: true, retries: 1 });
  });

  test('tell for every value where it came from', () => {
    const file = {
      monitoring: { dashboard_port: 1 },
      notifications: { webhooks: [{ retries: 2 }] },
      storage: { headers: { A: 'b' } },
    };
    const configuration = read({
      file,
      env: { CRYOPROTECT_LOGGING_LEVEL: 'debug' },
      args: ['--no-dashboard', '--logging-host', 'x'],
    });
    const origins = Object.fromEntries(configuration.describe().map(({ path, origin }) => [path, origin]));
    expect(origins).toMatchObject({
      'monitoring.enabled': 'default',
      'monitoring.dashboard_port': 'file settings.json',
      'monitoring.dashboard_enabled': 'argument --no-dashboard',
      'logging.level': 'environment CRYOPROTECT_LOGGING_LEVEL',
      'logging.host': 'argument --logging-host',
      'notifications.webhooks[0].retries': 'file settings.json',
      'notifications.webhooks[0].enabled': 'default',
      'storage.headers': 'file settings.json',
      'storage.path': 'default',
    });
    expect(configuration.file).toBe(join(cwd, 'settings.json'));
  });

  test('never reach into JavaScript objects', () => {
    read({
      text: '{ "storage": { "headers": { "__proto__": "polluted", "constructor": "x" } }, "__proto__": { "polluted": true } }',
    });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('environment variables', () => {
  const cases: [name: string, value: string, path: string, expected: unknown][] = [
    ['MONITORING_DASHBOARD_PORT', '5009', 'monitoring.dashboard_port', 5009],
    ['MONITORING_HEALTH_CHECK_INTERVALS_API', '5', 'monitoring.health_check_intervals.api', 5],
    ['MONITORING_HEALTH_CHECK_INTERVALS_API', '1', 'monitoring.health_check_intervals.api', 1],
    ['MONITORING_ENABLED', '0', 'monitoring.enabled', false],
    ['MONITORING_ENABLED', 'Off', 'monitoring.enabled', false],
    ['MONITORING_ENABLED', 'yes', 'monitoring.enabled', true],
    ['NOTIFICATIONS_SLACK_RETRIES', '1', 'notifications.slack.retries', 1],
    ['NOTIFICATIONS_SLACK_RETRIES', '0', 'notifications.slack.retries', 0],
    ['NOTIFICATIONS_RECIPIENTS', 'a@x, b@y', 'notifications.recipients', ['a@x', 'b@y']],
    ['NOTIFICATIONS_RECIPIENTS', '["a,b"]', 'notifications.recipients', ['a,b']],
    ['NOTIFICATIONS_RECIPIENTS', '', 'notifications.recipients', []],
    ['STORAGE_CODES', '200,204', 'storage.codes', [200, 204]],
    ['STORAGE_PATH', '/data', 'storage.path', '/data'],
    ['STORAGE_PATH', '["/", "/data"]', 'storage.path', ['/', '/data']],
    ['STORAGE_DATA', '{"smiles": "CCO"}', 'storage.data', { smiles: 'CCO' }],
    ['LOGGING_HOST', '12345', 'logging.host', '12345'],
    ['LOGGING_HOST', 'true', 'logging.host', 'true'],
    ['LOGGING_FILE', 'a.log', 'logging.file', 'a.log'],
    ['LOGGING_FILE', '', 'logging.file', null],
    ['LOGGING_LEVEL', 'debug', 'logging.level', 'DEBUG'],
    ['MONITORING_DASHBOARD_PORT', '', 'monitoring.dashboard_port', 5001],
    ['MONITORING', '{"dashboard_port": 7}', 'monitoring.dashboard_port', 7],
  ];
  test.each(cases)('CRYOPROTECT_%s=%s sets %s', (name, value, path, expected) => {
    const { settings } = read({ env: { [`CRYOPROTECT_${name}`]: value } });
    expect(path.split('.').reduce<unknown>((tree, key) => (tree as Record<string, unknown>)[key], settings)).toEqual(
      expected,
    );
  });

  test('reach into list elements, whatever their order', () => {
    const env = {
      CRYOPROTECT_NOTIFICATIONS_WEBHOOKS_1_RETRIES: '7',
      CRYOPROTECT_NOTIFICATIONS_WEBHOOKS: '[{"webhook_url": "http://a"}, {"webhook_url": "http://b"}]',
    };
    expect(read({ env }).settings.notifications.webhooks[1]).toMatchObject({ webhook_url: 'http://b', retries: 7 });
  });

  test('read a value from a file when the name ends with _FILE', () => {
    writeFileSync(join(cwd, 'token'), 'geheim\n');
    const configuration = read({ env: { CRYOPROTECT_NOTIFICATIONS_SLACK_AUTH_TOKEN_FILE: 'token' } });
    expect(configuration.settings.notifications.slack.auth_token).toBe('geheim');
    expect(configuration.originOf(['notifications', 'slack', 'auth_token'])).toContain('_FILE (token)');
  });

  test('say when such a file cannot be read, and when both forms are given', () => {
    const env = { CRYOPROTECT_LOGGING_HOST: 'x', CRYOPROTECT_LOGGING_HOST_FILE: 'nowhere' };
    const messages = problemsOf({ env }).map(({ message }) => message);
    expect(messages).toContainEqual(expect.stringContaining('keep one of them'));
    expect(messages).toContainEqual(expect.stringContaining('does not exist'));
  });

  test('that name no setting are told once, with a guess, and stop nothing', () => {
    const { warnings } = read({ env: { CRYOPROTECT_CONFIG_PATH: 'x', CRYOPROTECT_LOGING_LEVEL: 'DEBUG', OTHER: 'y' } });
    expect(warnings).toEqual([
      'These environment variables name no setting and are ignored: CRYOPROTECT_CONFIG_PATH, CRYOPROTECT_LOGING_LEVEL (did you mean CRYOPROTECT_LOGGING_LEVEL?)',
    ]);
  });

  test('that set a whole section to a word are refused and leave the section alone', () => {
    const problems = problemsOf({ env: { CRYOPROTECT_MONITORING: 'true', CRYOPROTECT_MONITORING_ENABLED: 'true' } });
    expect(problems).toEqual([
      {
        path: 'monitoring',
        message: expect.stringContaining('whole section'),
        origin: 'environment CRYOPROTECT_MONITORING',
      },
    ]);
  });
});

describe('arguments', () => {
  const cases: [args: string[], path: string, expected: unknown][] = [
    [['--monitoring-dashboard-port=5003'], 'monitoring.dashboard_port', 5003],
    [['--monitoring-dashboard-port', '5003'], 'monitoring.dashboard_port', 5003],
    [['--monitoring.dashboard_port=5003'], 'monitoring.dashboard_port', 5003],
    [['--dashboard-port', '5002'], 'monitoring.dashboard_port', 5002],
    [['--dashboard-port=0'], 'monitoring.dashboard_port', 0],
    [['--dashboard-p', '5002'], 'monitoring.dashboard_port', 5002],
    [['--no-dashboard'], 'monitoring.dashboard_enabled', false],
    [['--monitoring-enabled', 'false'], 'monitoring.enabled', false],
    [['--monitoring-enabled'], 'monitoring.enabled', true],
    [['--notifications-slack-enabled', '--no-dashboard'], 'notifications.slack.enabled', true],
    [['--logging-host', '-5'], 'logging.host', '-5'],
    [['--logging-host='], 'logging.host', ''],
    [['--logging-host=a=b'], 'logging.host', 'a=b'],
  ];
  test.each(cases)('%j set %s', (args, path, expected) => {
    const { settings, warnings } = read({ args });
    expect(path.split('.').reduce<unknown>((tree, key) => (tree as Record<string, unknown>)[key], settings)).toEqual(
      expected,
    );
    expect(warnings).toEqual([]);
  });

  test('the launcher does not know are told with a guess and ignored together with their value', () => {
    expect(read({ args: ['--dashbord-port', '99', 'stray', '-v'] }).warnings).toEqual([
      'Unknown argument --dashbord-port is ignored; did you mean --dashboard-port?',
      'The argument stray means nothing here and is ignored',
      'The argument -v means nothing here and is ignored',
    ]);
  });

  test('without the value they need are refused', () => {
    expect(problemsOf({ args: ['--dashboard-port'] })[0]).toMatchObject({
      message: '--dashboard-port needs a value behind it',
    });
    expect(problemsOf({ args: ['--logging-host', '--no-dashboard'] })[0]).toMatchObject({ path: 'logging.host' });
  });

  test('that are no settings are handed over', () => {
    expect(read({ args: ['--print-config'] }).flags.has('--print-config')).toBe(true);
  });

  test('name the file', () => {
    writeFileSync(join(cwd, 'other.json'), '{"logging": {"host": "there"}}');
    expect(read({ args: ['--config', 'other.json'] }).settings.logging.host).toBe('there');
  });
});

describe('the file', () => {
  test('that was named and is not there stops the start', () => {
    expect(() => read({ args: ['--config', 'missing.json'] })).toThrow(/missing\.json does not exist/);
  });

  test('of the default name may be absent', () => {
    expect(read({}).file).toBeNull();
  });

  test.each([
    ['{\n  "a": 1,\n}', 'line 3, column 1: the last comma before } is one too many'],
    ['{ "a": 1 // why\n}', 'line 1, column 10: JSON has no comments'],
    ["{ 'a': 1 }", 'line 1, column 3: texts need double quotes'],
    ['{ "a": "secret', 'this text has no end'],
    ['{ "a": 1', 'the file ends where a comma or } is expected'],
    ['{ "a": 1 } x', 'the end of the file is expected'],
    ['', 'the file ends where a value is expected'],
    ['[1]', 'must hold one JSON object'],
  ])('with the text %j is refused with the place', (text, message) => {
    expect(() => read({ text })).toThrow(message);
    expect(() => read({ text })).not.toThrow('secret');
  });

  test('may begin with a byte order mark and hold $schema and remarks', () => {
    expect(read({ text: '\uFEFF{ "$schema": "x", "//": "why", "_comment_1": "", "logging": {} }' }).warnings).toEqual(
      [],
    );
  });

  test('with unknown keys is read with a warning and the nearest known name', () => {
    const file = {
      monitoring: { dashbord_port: 1 },
      dashboard_port: 2,
      xyz: 3,
      notifications: { webhooks: [{ url: 'x' }] },
    };
    const { warnings, settings } = read({ file });
    expect(warnings).toEqual([
      'settings.json: unknown key monitoring.dashbord_port is ignored; did you mean monitoring.dashboard_port?',
      'settings.json: unknown key dashboard_port is ignored; did you mean monitoring.dashboard_port?',
      'settings.json: unknown key xyz is ignored',
      'settings.json: unknown key notifications.webhooks[0].url is ignored; did you mean notifications.webhooks[0].webhook_url?',
    ]);
    expect(settings.monitoring.dashboard_port).toBe(5001);
  });

  test('with a key twice is read with a warning', () => {
    expect(read({ text: '{ "logging": { "host": "a", "host": "b" } }' }).warnings).toEqual([
      'settings.json: the key logging.host stands there twice; the last one counts',
    ]);
  });

  test('may name environment variables, also for numbers and inside texts', () => {
    const file = {
      monitoring: { dashboard_port: '${PORT}', enabled: '${NOTHING:-no}' },
      logging: { host: 'db-${STAGE:-dev}.${ZONE}', file: '$${LITERAL}' },
      storage: { data: { deep: ['${ZONE}'] } },
    };
    const { settings, originOf } = read({ file, env: { PORT: '81', ZONE: 'eu', STAGE: '' } });
    expect(settings.monitoring).toMatchObject({ dashboard_port: 81, enabled: false });
    expect(settings.logging).toMatchObject({ host: 'db-dev.eu', file: '${LITERAL}' });
    expect(settings.storage.data).toEqual({ deep: ['eu'] });
    expect(originOf(['monitoring', 'dashboard_port'])).toBe('file settings.json, environment PORT');
  });

  test('with a variable that is not set is refused once, with what to do', () => {
    const problems = problemsOf({
      file: { notifications: { slack: { webhook_url: '${HOOK}' } }, monitoring: { dashboard_port: '${P}' } },
    });
    expect(problems.map(({ path, message }) => [path, message])).toEqual([
      [
        'notifications.slack.webhook_url',
        'the environment variable HOOK is not set; set it, or write ${HOOK:-value} for a default',
      ],
      [
        'monitoring.dashboard_port',
        'the environment variable P is not set; set it, or write ${P:-value} for a default',
      ],
    ]);
  });

  test('may take any value from another file beside it', () => {
    writeFileSync(join(cwd, 'token'), 'geheim\n');
    const configuration = read({ file: { notifications: { slack: { auth_token_file: 'token' } } } });
    expect(configuration.settings.notifications.slack.auth_token).toBe('geheim');
    const twice = { notifications: { slack: { auth_token: 'x', auth_token_file: 'token' } } };
    expect(problemsOf({ file: twice })[0]?.message).toContain('give only one of them');
  });
});

describe('wrong values', () => {
  test('are all told at once, each with path, value, what is allowed and origin', () => {
    const file = {
      monitoring: { dashboard_port: '5001', health_check_intervals: { api: 0 } },
      notifications: { slack: { auth_token: 42, retries: 10 }, webhooks: [{ retries: 1.5 }], recipients: 'a' },
      logging: [],
    };
    const problems = problemsOf({ file, env: { CRYOPROTECT_MONITORING_ENABLED: 'maybe' } });
    expect(problems).toEqual(
      expect.arrayContaining([
        {
          path: 'monitoring.dashboard_port',
          value: '5001',
          message: 'must be a whole number from 0 to 65535',
          origin: 'file settings.json',
        },
        {
          path: 'monitoring.enabled',
          value: 'maybe',
          message: 'must be true or false',
          origin: 'environment CRYOPROTECT_MONITORING_ENABLED',
        },
        {
          path: 'monitoring.health_check_intervals.api',
          value: 0,
          message: 'must be a number above 0',
          origin: 'file settings.json',
        },
        {
          path: 'notifications.slack.auth_token',
          value: '***',
          message: 'must be a text',
          origin: 'file settings.json',
        },
        {
          path: 'notifications.slack.retries',
          value: 10,
          message: 'must be a whole number from 0 to 9',
          origin: 'file settings.json',
        },
        {
          path: 'notifications.webhooks[0].retries',
          value: 1.5,
          message: 'must be a whole number from 0 to 9',
          origin: 'file settings.json',
        },
        {
          path: 'notifications.recipients',
          value: 'a',
          message: 'must be a list (a text each)',
          origin: 'file settings.json',
        },
        { path: 'logging', value: [], message: 'must be an object { … }', origin: 'file settings.json' },
      ]),
    );
    expect(problems).toHaveLength(8);
  });

  test('make a message with a line for each', () => {
    expect(() => read({ args: ['--dashboard-port=x', '--logging-level=loud'] })).toThrow(
      'The configuration has 2 problems:\n' +
        '  monitoring.dashboard_port = "x": must be a whole number from 0 to 65535 (argument --dashboard-port)\n' +
        '  logging.level = "loud": must be one of INFO, DEBUG (argument --logging-level)',
    );
  });
});

describe('secrets', () => {
  const secret = 'correct-horse-battery';
  const everything = (given: Given) => {
    const configuration = read(given);
    return JSON.stringify([
      configuration.describe(),
      configuration.masked(),
      configuration.warnings,
      configuration.dormant,
    ]);
  };

  test.each<[string, Given]>([
    ['in a secret key', { file: { notifications: { slack: { enabled: true, webhook_url: secret } } } }],
    ['in an element of a list', { file: { notifications: { webhooks: [{ auth_token: secret }] } } }],
    ['in a header', { file: { storage: { headers: { Authorization: `Bearer ${secret}`, 'X-Thing': secret } } } }],
    ['in a free-form value', { file: { storage: { data: { login: { password: secret } } } } }],
    ['in an address', { file: { logging: { host: `postgres://me:${secret}@db/x?sslkey=${secret}` } } }],
    ['from the environment', { env: { CRYOPROTECT_NOTIFICATIONS_SLACK_AUTH_TOKEN: secret } }],
    ['from the arguments', { args: [`--notifications-slack-auth-token=${secret}`] }],
    [
      'put into a text that is no secret by name',
      { file: { logging: { host: 'x-${DB_PASSWORD}' } }, env: { DB_PASSWORD: secret } },
    ],
  ])('%s are shown as *** and keep nothing of the value', (_, given) => {
    expect(everything(given)).toContain('***');
    expect(everything(given)).not.toContain(secret);
  });

  test('stay visible as empty when they are', () => {
    expect(
      read({})
        .describe()
        .find(({ path }) => path === 'notifications.slack.webhook_url')?.value,
    ).toBe('');
  });

  test('never stand in an error', () => {
    const given = {
      file: { storage: { headers: { Authorization: [secret] } }, notifications: { slack: { auth_token: [secret] } } },
      args: [`--storage-codes=postgres://x:${secret}@h`],
    };
    const problems = JSON.stringify(problemsOf(given));
    expect(problems).toContain('***');
    expect(problems).not.toContain(secret);
  });
});

describe('keys that do nothing yet', () => {
  test('are said when somebody set them, a line for each group', () => {
    expect(read({ file: { notifications: { slack: { enabled: true, webhook_url: 'x' } } } }).dormant).toEqual([
      'notifications.slack (enabled, webhook_url) has no effect yet: Slack comes later',
    ]);
  });

  test('are not said for defaults and for what is switched off', () => {
    expect(read({}).dormant).toEqual([]);
    expect(read({ file: { notifications: { slack: { enabled: false, webhook_url: 'x' } } } }).dormant).toEqual([]);
  });
});
