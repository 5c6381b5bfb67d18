import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfiguration } from './configuration.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'channels-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

function read(settings: object, env: Record<string, string> = {}) {
  writeFileSync(join(cwd, 'monitoring_config.json'), JSON.stringify(settings));
  return loadConfiguration({ cwd, env, args: [] });
}
const complaint = (settings: object) => {
  try {
    read(settings);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};
const hook = 'https://hooks.example.org/s3cret';

describe('further channels in the configuration', () => {
  it('take variables for any key, and show no secret', () => {
    const channels = [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of the file
      { type: 'teams', name: 'office', webhook_url: '${OFFICE}', throttle_seconds: '${PAUSE:-60}' },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of the file
      { type: 'telegram', name: 'ops', bot_token: '${BOT}', chat_id: '-1' },
    ];
    const configuration = read({ notifications: { channels } }, { OFFICE: hook, BOT: '1:s3cret' });
    expect(configuration.warnings).toEqual([]);
    expect(configuration.settings.notifications.channels).toMatchObject([
      { webhook_url: hook, throttle_seconds: 60, enabled: true },
      { bot_token: '1:s3cret', min_severity: 'warning' },
    ]);
    const shown = JSON.stringify([configuration.describe(), configuration.masked()]);
    expect(shown).toContain('office');
    expect(shown).not.toContain('s3cret');
  });

  it('are refused with the place: an unknown kind, a name with spaces, a missing address', () => {
    expect(complaint({ notifications: { channels: [{ type: 'pigeon', name: 'coop' }] } })).toMatch(
      /notifications\.channels\[0\]\.type = "pigeon": .*slack/,
    );
    const text = complaint({ notifications: { channels: [{ type: 'slack', name: 'The Team' }] } });
    expect(text).toContain('notifications.channels[0].name = "The Team"');
    expect(text).toContain('small letters');
    expect(complaint({ notifications: { channels: [{ type: 'slack', name: 'team' }] } })).toContain(
      'notifications.channels[0].webhook_url: is needed while this channel is enabled',
    );
  });

  it('must exist where an escalation speaks of them', () => {
    const escalation = [{ name: 'night', steps: [{ notify: ['log'] }, { after_seconds: 60, notify: ['pager'] }] }];
    expect(complaint({ alerts: { escalation } })).toContain(
      'alerts.escalation[0].steps[1].notify[0] = "pager": must be the name of an enabled channel: log',
    );
    const steps = [
      { after_seconds: 60, notify: ['log'] },
      { after_seconds: 30, notify: ['log'] },
    ];
    expect(complaint({ alerts: { escalation: [{ name: 'night', match: 'a b', steps }] } })).toMatch(
      /alerts\.escalation\[0\]\.match.*not a matcher[\s\S]*steps\[1\]\.after_seconds = 30: must not be before/,
    );
  });
});
