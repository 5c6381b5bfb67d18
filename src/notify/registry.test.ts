import { describe, expect, it } from 'vitest';
import { silentLog } from '../model/log.ts';
import { startHttpReceiver } from '../testing/http-receiver.ts';
import { sampleEntry, sampleLinks } from './notifier.contract.ts';
import { createNotifiers } from './registry.ts';
import { notificationsSettings } from './settings.ts';

const never = new AbortController().signal;
const create = (settings: object) =>
  createNotifiers({
    settings: notificationsSettings.parse({ log: { enabled: false }, ...settings }),
    log: silentLog,
    version: '1',
    links: sampleLinks,
  });
const problems = (settings: object) =>
  notificationsSettings.safeParse(settings).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ??
  [];
const url = 'http://127.0.0.1:9/x';

describe('the channels of the settings', () => {
  it('are the sections, the webhooks, and any number of further ones by name', () => {
    const notifiers = create({
      slack: { enabled: true, webhook_url: url },
      webhooks: [{ webhook_url: url }, { webhook_url: url, enabled: false }, { webhook_url: url }],
      channels: [
        { type: 'slack', name: 'db-team', webhook_url: url, match: ['source="database"'], fallback: 'slack' },
        { type: 'email', name: 'boss', smtp_server: 'x', sender_email: 'a@b.c', recipient_emails: ['d@e.f'] },
      ],
    });
    expect(notifiers.map(({ name, kind }) => [name, kind])).toEqual([
      ['slack', 'slack'],
      ['webhooks[0]', 'webhook'],
      ['webhooks[2]', 'webhook'],
      ['db-team', 'slack'],
      ['boss', 'email'],
    ]);
    const team = notifiers[3]!;
    expect(team.fallback).toBe('slack');
    expect([team.wants?.({ source: 'database' }), team.wants?.({ source: 'api' })]).toEqual([true, false]);
  });

  it('want what fits one of several lists of matchers', () => {
    const [webhook] = create({
      webhooks: [{ webhook_url: url, match: ['source="api",severity="critical"', 'team=~"db|ops"'] }],
    });
    const wants = (labels: Record<string, string>) => webhook!.wants?.(labels);
    expect(wants({ source: 'api', severity: 'critical' })).toBe(true);
    expect(wants({ source: 'api', severity: 'error' })).toBe(false);
    expect(wants({ team: 'ops' })).toBe(true);
  });

  it('say their own sentence, with labels and context, and nothing that was not asked for', async () => {
    await using receiver = await startHttpReceiver();
    const [webhook] = create({
      webhooks: [
        {
          webhook_url: receiver.url,
          template: '{{severity}} on {{labels.host}}: {{message}} ({{context.load}}, {{context}}, {{constructor}})',
        },
      ],
    });
    await webhook!.deliver(sampleEntry({}, { labels: { host: 'a{{source}}' } }), never);
    expect(JSON.parse(receiver.requests[0]!.body)).toMatchObject({
      message: 'error on a{{source}}: High CPU usage: 95.0 % (3.5, {{context}}, {{constructor}})',
    });
  });

  it('never repeat a secret, whatever the receiver answers', async () => {
    await using receiver = await startHttpReceiver();
    const secrets = { url: '/services/T0/s3cret-path', header: 'k3y-of-the-header', key: 'r'.repeat(32) };
    const headers = { 'x-key': secrets.header, authorization: 'Bearer abcdefgh12345678' };
    receiver.reply((request, response) => {
      const said = [request.url, request.headers['x-key'], request.headers.authorization, request.body.slice(0, 60)];
      // What is quoted ends after 120 characters, here in the middle of a secret.
      response.writeHead(400).end(said.join(' ').padEnd(105, '.') + String(request.headers['x-key'] ?? ''));
    });
    const notifiers = create({
      webhooks: [{ webhook_url: `${receiver.url}${secrets.url}`, headers, include_context: false }],
      pagerduty: { enabled: true, integration_key: secrets.key, api_url: receiver.url },
    });
    for (const notifier of notifiers) {
      const { outcome, summary } = await notifier.deliver(sampleEntry(), never);
      expect(outcome).toBe('final');
      expect(summary).toContain('-> 400');
      for (const secret of ['s3cret-path', secrets.header, secrets.key, 'abcdefgh12345678'])
        expect(summary).not.toContain(secret);
      expect(summary).not.toContain('k3y-of-');
    }
  });

  it('are refused with the place and what is allowed', () => {
    expect(problems({ channels: [{ type: 'slack', name: 'slack', webhook_url: url }] })).toEqual([
      'channels.0.name: is the name of another channel already',
    ]);
    expect(problems({ slack: { enabled: true, webhook_url: url, fallback: 'smoke' } })).toEqual([
      'slack.fallback: must be the name of another enabled channel: log',
    ]);
    expect(problems({ slack: { enabled: true } })).toEqual([
      'slack.webhook_url: is needed while this channel is enabled',
    ]);
    expect(problems({ webhooks: [{ webhook_url: url, match: ['source~database'] }] })[0]).toContain(
      'webhooks.0.match.0: "source~database" is not a matcher',
    );
    expect(problems({ log: { schedule: { windows: ['whenever'], timezone: 'Moon/Base' } } })).toEqual([
      'log.schedule.timezone: must be a time zone such as Europe/Berlin',
      expect.stringContaining('log.schedule.windows.0: must be days and times'),
    ]);
    expect(problems({ webhooks: [{ webhook_url: url, secret: 'not base64!' }] })[0]).toContain('webhooks.0.secret');
  });
});
