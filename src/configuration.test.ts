// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders are the subject of these tests.
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { nodeOf, type Schema, schemaAt } from './config/shape.ts';
import { changedSettings, configurationJsonSchema, loadConfiguration, settingsSchema } from './configuration.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const load = (env: Record<string, string> = {}, args: string[] = [], cwd = tmpdir()) =>
  loadConfiguration({ env, args, cwd });
const example = JSON.parse(readFileSync(`${root}/examples/monitoring_config.json`, 'utf8')) as Record<string, unknown>;

describe('the configuration', () => {
  test('has the values of the predecessor when nothing is given', () => {
    const { monitoring, logging, observability, system_monitoring: system, server } = load().settings;
    expect(monitoring).toMatchObject({
      enabled: true,
      dashboard_port: 5001,
      monitoring_dir: 'monitoring',
      metrics_retention_days: 7,
    });
    expect(monitoring.health_check_intervals).toEqual({ database: 60, api: 60, system: 30 });
    expect(monitoring.alert_thresholds).toEqual({
      database_failures: 3,
      api_errors: 3,
      cpu_usage: 90,
      memory_usage: 90,
      disk_usage: 90,
    });
    expect(logging).toMatchObject({ level: 'INFO', file: null, max_size_mb: 10, backup_count: 5 });
    expect(observability).toMatchObject({
      correlation_id_header: 'X-Correlation-ID',
      timing_header: 'X-Response-Time-Ms',
      active_trace_limit: 1000,
    });
    expect(system).toMatchObject({ storage_path: '/', cpu_warning_threshold: 80, cpu_error_threshold: 90 });
    expect(server.host).toBe('127.0.0.1');
  });

  /** The examples of the predecessor's own documentation, which had no effect there. */
  test.each<[string, string, string, unknown]>([
    ['CRYOPROTECT_MONITORING_DASHBOARD_PORT', '5009', 'monitoring.dashboard_port', 5009],
    ['CRYOPROTECT_MONITORING_HEALTH_CHECK_INTERVALS_API', '5', 'monitoring.health_check_intervals.api', 5],
    ['CRYOPROTECT_DATABASE_MONITORING_ENABLED', 'false', 'database_monitoring.enabled', false],
    [
      'CRYOPROTECT_NOTIFICATIONS_SLACK_WEBHOOK_URL',
      'https://hooks.example/x',
      'notifications.slack.webhook_url',
      'https://hooks.example/x',
    ],
    [
      'CRYOPROTECT_NOTIFICATIONS_EMAIL_RECIPIENT_EMAILS',
      'a@x.org,b@x.org',
      'notifications.email.recipient_emails',
      ['a@x.org', 'b@x.org'],
    ],
    ['CRYOPROTECT_PROMETHEUS_PORT', '1', 'prometheus.port', 1],
    ['CRYOPROTECT_LOGGING_LEVEL', 'WARNING', 'logging.level', 'WARNING'],
    ['CRYOPROTECT_NOTIFICATIONS_EMAIL_PASSWORD', '12345678', 'notifications.email.password', '12345678'],
    ['CRYOPROTECT_NOTIFICATIONS_SMS_FROM_NUMBER', '491701234567', 'notifications.sms.from_number', '491701234567'],
  ])('takes %s=%s for %s', (name, value, path, expected) => {
    const { settings, warnings } = load({ [name]: value });
    expect(path.split('.').reduce<unknown>((tree, key) => (tree as Record<string, unknown>)[key], settings)).toEqual(
      expected,
    );
    expect(warnings).toEqual([]);
  });

  test('takes a JSON list of webhooks from the environment', () => {
    const { settings } = load({
      CRYOPROTECT_NOTIFICATIONS_WEBHOOKS: '[{"enabled": true, "webhook_url": "http://127.0.0.1:1/hook"}]',
    });
    expect(settings.notifications.webhooks).toMatchObject([{ enabled: true, webhook_url: 'http://127.0.0.1:1/hook' }]);
  });

  test('takes the launcher flags of the predecessor together without leaving anything behind', () => {
    const { settings, warnings } = load({}, ['--dashboard-port', '5002', '--open-browser', '--no-dashboard']);
    expect(settings.monitoring).toMatchObject({
      dashboard_port: 5002,
      open_dashboard_on_start: true,
      dashboard_enabled: false,
    });
    expect(warnings).toEqual([]);
  });

  test('refuses a port that is no number, as the predecessor did', () => {
    expect(() => load({}, ['--dashboard-port', 'abc'])).toThrow(
      'monitoring.dashboard_port = "abc": must be a whole number from 0 to 65535 (argument --dashboard-port)',
    );
  });

  test('lists what a reload changes', () => {
    const before = load().settings;
    const after = load({
      CRYOPROTECT_LOGGING_LEVEL: 'DEBUG',
      CRYOPROTECT_DATABASE_MONITORING_CONNECTIONS: '[{"name":"a","url":"postgres://h/d"}]',
    }).settings;
    expect(changedSettings(before, after)).toEqual(['database_monitoring.connections', 'logging.level']);
  });
});

describe('the shipped example', () => {
  test('loads without warnings and says nothing about keys without effect', () => {
    const configuration = load({}, [], `${root}examples`);
    expect(configuration.file).toBe(`${root}examples/monitoring_config.json`);
    expect(configuration.warnings).toEqual([]);
    expect(configuration.dormant).toEqual([]);
  });

  test('is valid by the JSON Schema it names', () => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(configurationJsonSchema());
    expect(example.$schema).toBe('../docs/configuration.schema.json');
    expect(validate(example), JSON.stringify(validate.errors)).toBe(true);
    expect(
      validate({
        monitoring: { dashboard_port: '${PORT}' },
        notifications: { email: { password_file: '/run/secrets/mail' } },
      }),
    ).toBe(true);
    expect(validate({ monitoring: { dashboard_port: 'x' } })).toBe(false);
    expect(validate({ monitoring: { dashbord_port: 1 } })).toBe(false);
  });
});

describe('the schema', () => {
  test('stands in docs/configuration.schema.json as the code has it; `npm run schema` writes it', () => {
    const written = JSON.parse(readFileSync(`${root}/docs/configuration.schema.json`, 'utf8')) as unknown;
    expect(written).toEqual(configurationJsonSchema());
  });

  test('describes every key', () => {
    const silent = load({}, [], root)
      .describe()
      .filter(({ description }) => description.trim() === '')
      .map(({ path }) => path);
    expect(silent).toEqual([]);
  });

  test('marks every key that holds a secret', () => {
    const secrets = [
      ['notifications', 'email', 'password'],
      ['notifications', 'slack', 'webhook_url'],
      ['notifications', 'pagerduty', 'integration_key'],
      ['notifications', 'sms', 'auth_token'],
      ['database_monitoring', 'connections', 0, 'url'],
      ['server', 'auth', 'users', 0, 'password'],
      ['server', 'auth', 'users', 0, 'password_hash'],
      ['server', 'auth', 'tokens', 0, 'token'],
    ];
    const open = secrets.filter((path) => !nodeOf(schemaAt(settingsSchema, path) as Schema).secret);
    expect(open).toEqual([]);
  });
});
