import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Fixture, startFixture } from '../../test/dashboard-fixture/server.ts';
import { verifyPassword } from '../server/auth/password.ts';
import type { Io } from './io.ts';
import { runCli } from './program.ts';

let fixture: Fixture;
let base: string;
let cwd: string;
beforeAll(async () => {
  fixture = await startFixture();
  base = fixture.url.replace(/\/monitoring$/, '');
});
afterAll(() => fixture.stop());
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'cli-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

async function cryomon(
  args: string[],
  { env = {}, input = '', colour = false }: { env?: Record<string, string>; input?: string; colour?: boolean } = {},
) {
  let out = '';
  let err = '';
  const opened: string[] = [];
  const io: Io = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    env,
    cwd,
    colour,
    width: 100,
    now: () => Date.now(),
    read: () => Promise.resolve(input),
    pour: async (bytes) => {
      out += Buffer.from(bytes).toString();
    },
    lines: async function* () {
      yield* input.split('\n');
    },
    open: (url) => Promise.resolve(void opened.push(url)),
  };
  return { code: await runCli(args, io), out, err, opened };
}
const ask = (...args: string[]) => cryomon(['--url', base, ...args]);

/** What the monitor of the tests would leave in its data folder. */
function writeRuntime(url: string | null, pid = process.pid, folder = 'monitoring'): void {
  mkdirSync(join(cwd, folder), { recursive: true });
  writeFileSync(
    join(cwd, folder, 'monitor.json'),
    JSON.stringify({ pid, url, version: '0.1.0', started_at: 0, mode: 'standalone', token: 't' }),
  );
}

describe('rules', () => {
  test('lists rules with how they stand, and shows one as it was written', async () => {
    const list = await ask('rules');
    expect(list.code).toBe(0);
    expect(list.out).toMatch(/molecules_slow\s+pending\s+configuration\s+p95 of operation_duration/);
    const one = await ask('rules', 'show', 'molecules_slow');
    expect(one.out).toContain('runbook https://runbooks.cryoprotect.example/molecules-slow');
    expect(one.out).toContain('"id": "molecules_slow"');
    expect((await ask('rules', 'show', 'nothing')).code).not.toBe(0);
  });

  test.each([
    ['one rule', { id: 'molecules_slow' }],
    ['a list', [{ id: 'molecules_slow' }]],
    ['a configuration', { alerts: { rules: [{ id: 'molecules_slow' }] } }],
  ])('says when the rules of a file would have fired: %s', async (_, content) => {
    writeFileSync(join(cwd, 'rules.json'), JSON.stringify(content));
    const { code, out } = await ask('rules', 'test', 'rules.json', '--since', '7d');
    expect(code).toBe(0);
    expect(out).toContain('molecules_slow would have fired 3 times in the last 7 d');
    expect(out).toMatch(/warning {2}for 3 h 15 m, peak 0.71 {2}operation=GET \/api\/v1\/molecules/);
    expect((await ask('rules', 'test', 'rules.json', '--check')).code).toBe(1);
  });

  test('ends with 1 for a rule that cannot be used, and with 2 for a file that holds none', async () => {
    writeFileSync(join(cwd, 'rules.json'), JSON.stringify([{ id: 'unknown' }, { id: 'molecules_slow' }]));
    const some = await ask('rules', 'test', 'rules.json');
    expect(some.code).toBe(1);
    expect(some.out).toContain('unknown');
    expect(some.out).toContain('molecules_slow would have fired 3 times');
    writeFileSync(join(cwd, 'rules.json'), '{ "alerts": { "rules": [] } }');
    const none = await ask('rules', 'test', 'rules.json');
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('rules.json holds no rules.')]);
    const missing = await ask('rules', 'test', 'nothing.json');
    expect([missing.code, missing.err]).toEqual([2, expect.stringContaining('nothing.json cannot be read.')]);
  });
});

describe('every command that asks', () => {
  test.each([['status'], ['metrics'], ['progress'], ['alerts'], ['errors'], ['report']])(
    '%s prints text for people without a single escape code',
    async (name) => {
      const { code, out } = await ask(name);
      expect(code).toBe(0);
      expect(out.length).toBeGreaterThan(50);
      expect(out).not.toContain('\u001b');
      expect(out).not.toMatch(/(?<!of )undefined|NaN|\[object/);
    },
  );

  test.each([
    ['status'],
    ['metrics'],
    ['progress'],
    ['alerts'],
    ['errors'],
    ['report'],
    ['check', '--all'],
    ['config'],
  ])('%s prints one JSON document with --json', async (...args) => {
    const { out } = await ask(...args, '--json');
    expect(Object.keys(JSON.parse(out) as object).length).toBeGreaterThan(0);
  });

  test('colours only where colours are wanted', async () => {
    expect((await cryomon(['--url', base, 'status'], { colour: true })).out).toContain('\u001b[');
  });
});

describe('cryomon status', () => {
  test('says first how everything is', async () => {
    const { out } = await ask('status');
    expect(out.split('\n')[0]).toBe(fixture.story.overview().sentence);
    expect(out).toMatch(/Databases +ERROR/);
    expect(out).toMatch(/CPU +\[[█▏▎▍▌▋▊▉ ]{20}\] +[\d.]+ %/);
  });

  test('lists each check with -v and the newest failures of a database', async () => {
    const { out } = await ask('status', '-v');
    expect(out).toMatch(/ERROR +pooler/);
    expect(out).toContain('Recent failures of pooler');
  });

  test('exits with 1 when something is wrong, but only with --check', async () => {
    expect((await ask('status')).code).toBe(0);
    expect((await ask('status', '--check')).code).toBe(1);
  });
});

describe('cryomon alerts', () => {
  test('shows as many as asked for and says that there are more', async () => {
    const { out } = await ask('alerts', '--limit', '2');
    expect(out.match(/Type: /g)).toHaveLength(2);
    expect(out).toContain('there are more');
  });

  test('takes terminal codes out of what a target said', async () => {
    const [alert] = fixture.story.alerts;
    const { message } = alert!;
    alert!.message = 'harmless\u001b]0;title\u0007\r\nforged line';
    const { out } = await ask('alerts', '--limit', '50');
    alert!.message = message;
    expect(out).toContain('harmless forged line');
    expect(out).not.toContain('\u001b');
  });

  test('refuses a severity that does not exist with exit code 2', async () => {
    const { code, err } = await ask('alerts', '--severity', 'loud');
    expect(code).toBe(2);
    expect(err).toContain('critical');
  });
});

describe('cryomon silence and unsilence', () => {
  test('silence asks the running monitor, for an hour when nothing is said', async () => {
    const { out, code } = await ask('silence', '--alert-type', 'high_cpu_usage');
    expect(code).toBe(0);
    expect(out).toContain('unsilence --alert-type high_cpu_usage');
    expect(fixture.actions.at(-1)).toMatchObject({
      path: '/silences',
      body: { alert_type: 'high_cpu_usage', duration_seconds: 3600 },
    });
  });

  test.each([
    ['90', 90],
    ['10m', 600],
    ['0', 3600],
  ])('silence -d %s lasts %i s', async (text, expected) => {
    await ask('silence', '--alert-type', 'x', '-d', text);
    expect(fixture.actions.at(-1)?.body).toMatchObject({ duration_seconds: expected });
  });

  test.each([['silence'], ['unsilence'], ['silence', '--alert-type', 'x', '-d', 'soon']])(
    '%s without what it needs is wrong usage',
    async (...args) => {
      expect((await ask(...args)).code).toBe(2);
    },
  );
});

describe('cryomon check', () => {
  test('finds a check by a part of its name and prints all it saw', async () => {
    const { out, code } = await ask('check', 'rdkit');
    expect(code).toBe(1);
    expect(out).toContain('answers within 1000 ms: no, seen 1480 ms');
    expect(out).toContain('Phases');
  });

  test('exits with 0 when the check is fine', async () => {
    expect((await ask('check', 'database:direct')).code).toBe(0);
  });

  test('runs the checks itself with --once where no monitor runs, and leaves nothing behind', async () => {
    const target = createServer((request, response) => response.writeHead(request.url === '/bad' ? 503 : 200).end());
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    const { port } = target.address() as AddressInfo;
    writeFileSync(
      join(cwd, 'ci.json'),
      JSON.stringify({
        monitoring: { dashboard_port: 1 },
        api_monitoring: { base_url: `http://127.0.0.1:${port}`, endpoints: [{ path: '/good' }, { path: '/bad' }] },
        system_monitoring: { enabled: false },
        notifications: { webhooks: [{ enabled: true, webhook_url: `http://127.0.0.1:${port}/told` }] },
      }),
    );
    const all = await cryomon(['--config', 'ci.json', '--json', 'check', '--all', '--once']);
    expect(all.err).toContain('No monitor runs here');
    const { checks } = JSON.parse(all.out) as { checks: { name: string; status: string }[] };
    expect(checks.map(({ name, status }) => [name, status])).toEqual([
      ['/good', 'ok'],
      ['/bad', 'error'],
    ]);
    expect(all.code).toBe(1);
    expect((await cryomon(['--config', 'ci.json', 'check', '/good', '--once'])).code).toBe(0);
    expect((await cryomon(['--config', 'ci.json', 'check', '/good'])).code).toBe(3);
    expect(readdirSync(cwd)).toEqual(['ci.json']);
    target.close();
  });

  test.each([['nothing-like-it'], ['health'], []])(
    'names the checks there are when %j says none of them',
    async (...names) => {
      const { code, err } = await ask('check', ...names);
      expect(code).toBe(2);
      expect(err).toContain('api:/health');
    },
  );
});

describe('cryomon report and dashboard', () => {
  test('report writes a file when asked', async () => {
    const { out, code } = await ask('report', '-f', 'json', '-o', 'report.json');
    expect([out, code]).toEqual(['', 0]);
    expect(JSON.parse(readFileSync(join(cwd, 'report.json'), 'utf8'))).toHaveProperty('overview.sentence');
  });

  test('report says when the file cannot be written', async () => {
    const { code, err } = await ask('report', '-o', 'no/such/folder/r.txt');
    expect([code, err]).toEqual([2, expect.stringContaining('no/such/folder')]);
  });

  test('dashboard opens the address it found, or the one it is given', async () => {
    expect((await ask('dashboard')).opened).toEqual([`${base}/monitoring`]);
    expect((await cryomon(['dashboard', '-p', '5003', '--host', 'lab'])).opened).toEqual([
      'http://lab:5003/monitoring',
    ]);
  });
});

describe('finding the monitor', () => {
  test('by the runtime file in the configured data folder', async () => {
    writeFileSync(join(cwd, 'monitoring_config.json'), '{"monitoring": {"monitoring_dir": "data"}}');
    writeRuntime(base, process.pid, 'data');
    expect((await cryomon(['status'])).code).toBe(0);
  });

  test('by --data-dir, CRYOMON_DATA_DIR or CRYOMON_URL', async () => {
    writeRuntime(base, process.pid, 'elsewhere');
    expect((await cryomon(['--data-dir', 'elsewhere', 'status'])).code).toBe(0);
    expect((await cryomon(['status'], { env: { CRYOMON_DATA_DIR: 'elsewhere' } })).code).toBe(0);
    expect((await cryomon(['status'], { env: { CRYOMON_URL: base } })).code).toBe(0);
  });

  test('says everything that was tried and exits with 3', async () => {
    writeFileSync(join(cwd, 'monitoring_config.json'), '{"monitoring": {"dashboard_port": 59999}}');
    writeRuntime('http://127.0.0.1:2', 2 ** 22 + 1);
    const { code, err } = await cryomon(['status']);
    expect(code).toBe(3);
    expect(err).toContain(`left by a monitor with pid ${2 ** 22 + 1} that no longer runs`);
    expect(err).toContain('http://127.0.0.1:59999: connection refused');
    expect(err).toContain('cryomon start');
  });

  test('explains a monitor without dashboard and one that wants a login', async () => {
    writeFileSync(join(cwd, 'monitoring_config.json'), '{"monitoring": {"dashboard_port": 0}}');
    writeRuntime(null);
    expect((await cryomon(['status'])).err).toContain('runs without dashboard');
    const guarded = await startFixture({ login: true });
    const { code, err } = await cryomon(['--url', guarded.url, 'status']);
    await guarded.stop();
    expect(code).toBe(1);
    expect(err).toContain('CRYOMON_TOKEN');
  });

  test('recognises something else that answers, and something that never does', async () => {
    const other = createServer((request, response) =>
      request.url?.includes('health') ? response.end('<h1>hi</h1>') : undefined,
    );
    const silent = createServer(() => {});
    for (const server of [other, silent]) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const at = (server: typeof other) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect((await cryomon(['--url', at(other), 'status'])).err).toContain('not a CryoProtect monitor');
    const { code, err } = await cryomon(['--url', at(silent), '--timeout', '0.1', 'status']);
    for (const server of [other, silent]) server.close().closeAllConnections();
    expect([code, err]).toEqual([3, expect.stringContaining('no answer within 0.1 s')]);
  });
});

describe('cryomon start, without starting', () => {
  test.each([
    [['--config', 'missing.json'], 'missing.json does not exist'],
    [['--dashboard-port', 'abc'], 'must be a whole number from 0 to 65535'],
  ])('%j is refused with exit code 2', async (args, message) => {
    const { code, err } = await cryomon(['start', ...args]);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });

  test('--print-config prints it with secrets masked, unlike the predecessor', async () => {
    const { out } = await cryomon(['start', '--print-config', '--notifications-email-password=geheim']);
    expect(out).not.toContain('geheim');
    expect(JSON.parse(out)).toHaveProperty('notifications.email.password', '***');
  });

  test('--system-info prints and keeps facts about this machine', async () => {
    const { out } = await cryomon(['start', '--system-info', '--data-dir', 'data']);
    expect(JSON.parse(out)).toEqual(JSON.parse(readFileSync(join(cwd, 'data/system_info.json'), 'utf8')));
  });

  test('says that monitoring is switched off and ends with 0', async () => {
    const { code, out } = await cryomon(['start', '--monitoring-enabled=no']);
    expect([code, out]).toEqual([0, expect.stringContaining('argument --monitoring-enabled')]);
  });
});

describe('cryomon config, hash-password and help', () => {
  test('config shows values with origin and hides secrets', async () => {
    const env = { CRYOPROTECT_NOTIFICATIONS_EMAIL_PASSWORD: 'geheim' };
    const { out } = await cryomon(['config', '--changed'], { env });
    expect(out).toMatch(/email\.password +"\*\*\*" +environment CRYOPROTECT_NOTIFICATIONS_EMAIL_PASSWORD/);
    expect(out).not.toContain('geheim');
  });

  test('config check tells what is wrong with exit code 2', async () => {
    writeFileSync(join(cwd, 'monitoring_config.json'), '{"monitoring": {"dashboard_port": -1}}');
    expect(await cryomon(['config', 'check'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('monitoring.dashboard_port = -1'),
    });
  });

  test('hash-password prints what the server accepts', async () => {
    const { out } = await cryomon(['hash-password'], { input: 'correct horse\n' });
    expect(await verifyPassword('correct horse', out.trim())).toBe(true);
  });

  test('no command prints the help, a wrong one is wrong usage', async () => {
    expect(await cryomon([])).toMatchObject({ code: 0, out: expect.stringContaining('unsilence') });
    expect(await cryomon(['statsu'])).toMatchObject({ code: 2, err: expect.stringContaining('status') });
  });
});

describe('cryomon notify', () => {
  test('lists the channels, how they do and who is told instead', async () => {
    const { out, code } = await ask('notify');
    expect(code).toBe(0);
    expect(out).toMatch(/webhooks\[1\] .*failing/i);
    expect(out).toMatch(/12 delivered, 2 queued, 1 given up.*left alone for/);
    expect(out).toContain('told instead when it fails: webhooks[0]');
  });

  test('test says whether the message arrived, and exits with 1 when it did not', async () => {
    expect(await ask('notify', 'test', 'webhooks[0]')).toMatchObject({
      code: 0,
      out: expect.stringContaining('arrived'),
    });
    expect(await ask('notify', 'test', 'webhooks[1]')).toMatchObject({
      code: 1,
      out: expect.stringMatching(/did not arrive: .*401/),
    });
    const { out } = await ask('notify', 'test', 'webhooks[1]', '--json');
    expect(JSON.parse(out)).toMatchObject({ channel: 'webhooks[1]', outcome: 'final', reason: 'auth' });
  });

  test('log shows the last attempts with their answers', async () => {
    const { out } = await ask('notify', 'log', 'webhooks[0]');
    expect(out.split('\n').filter((line) => line.includes('POST https://hooks'))).toHaveLength(3);
    expect(out).toContain('503');
  });
});
