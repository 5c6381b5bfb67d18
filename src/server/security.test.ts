import { afterEach, describe, expect, test } from 'vitest';
import { isMonitorError } from '../model/problem.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { hashPassword } from './index.ts';
import { type FakeMonitor, rawRequest, startServer, testToken } from './running-server.contract.ts';

let monitor: FakeMonitor;
afterEach(() => monitor?.server.stop());

const users = [
  { name: 'ann', password: 'correct horse', role: 'operator' },
  { name: 'bob', password: 'battery staple', role: 'viewer' },
];

async function login(user: string, password: string) {
  const answer = await monitor.call('login', { body: { user, password } });
  return { ...answer, cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
}

describe('who may listen', () => {
  test.each(['0.0.0.0', '::', '192.0.2.1'])('refuses %s without a login', async (host) => {
    const error = await startServer({ settings: { host } }).catch((cause: unknown) => cause);
    expect(isMonitorError(error) && error.code).toBe('login-required');
    expect(isMonitorError(error) && error.hint).toContain('server.auth');
  });

  test('listens everywhere once a token is configured', async () => {
    monitor = await startServer({
      settings: { host: '0.0.0.0', auth: { tokens: [{ name: 'ci', token: 'a-long-enough-token' }] } },
    });
    expect((await monitor.call('overview')).status).toBe(401);
    expect((await monitor.call('overview', { headers: { authorization: 'Bearer a-long-enough-token' } })).status).toBe(
      200,
    );
  });
});

describe('without a login configured', () => {
  test('everybody on this machine is operator', async () => {
    monitor = await startServer();
    expect((await monitor.call('session')).body).toEqual({
      authenticated: true,
      user: 'local',
      role: 'operator',
      login_required: false,
    });
    expect((await monitor.call('silence', { body: { alert_type: 'a' } })).status).toBe(201);
  });

  test.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['a sandboxed page', { origin: 'null' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['a cross-site fetch', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling site', { 'sec-fetch-site': 'same-site' }],
  ])('refuses changes from %s', async (_, headers) => {
    monitor = await startServer();
    const sent = await rawRequest(`${monitor.url}/monitoring/api/silences`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"alert_type":"a"}',
    });
    expect(sent.status).toBe(403);
    expect(JSON.parse(sent.text).error.code).toBe('cross-site');
    expect(monitor.silences).toEqual([]);
  });

  test('takes changes from its own page', async () => {
    monitor = await startServer();
    const headers = { origin: monitor.url, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
    const sent = await rawRequest(`${monitor.url}/monitoring/api/silences`, {
      method: 'POST',
      headers,
      body: '{"alert_type":"a"}',
    });
    expect(sent.status).toBe(201);
  });

  test.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x'])(
    'refuses a body of type %s',
    async (type) => {
      monitor = await startServer();
      const sent = await rawRequest(`${monitor.url}/monitoring/api/silences`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: '{"alert_type":"a"}',
      });
      expect(sent.status).toBe(415);
    },
  );

  test.each([
    ['evil.example', 400],
    ['evil.example:5001', 400],
    ['evil.example/@localhost', 400],
    ['localhost:5001', 200],
    ['monitor.localhost', 200],
    ['[::1]:5001', 200],
    ['10.1.2.3', 200],
    ['status.example.org', 200],
    ['a.internal.example', 200],
    ['internal.example', 400],
  ])('answers the name %s with %i', async (host, status) => {
    monitor = await startServer({ settings: { allowed_hosts: ['status.example.org', '*.internal.example'] } });
    const answer = await rawRequest(`${monitor.url}/monitoring/api/health`, { headers: { host } });
    expect(answer.status).toBe(status);
  });

  test('liveness answers every name, because it says nothing', async () => {
    monitor = await startServer();
    const answer = await rawRequest(`${monitor.url}/monitoring/livez`, { headers: { host: 'pod.cluster' } });
    expect([answer.status, answer.text]).toEqual([200, '{"status":"alive"}']);
  });
});

describe('with a login', () => {
  test('a password gives a session that is the user', async () => {
    monitor = await startServer({ settings: { auth: { users } } });
    expect((await monitor.call('overview')).status).toBe(401);
    expect((await monitor.call('overview')).headers.get('www-authenticate')).toContain('Bearer');
    const { cookie, headers } = await login('ann', 'correct horse');
    expect(headers.get('set-cookie')).toMatch(/; Path=\/monitoring; Max-Age=43200; HttpOnly; SameSite=Strict$/);
    const session = await monitor.call('session', { headers: { cookie } });
    expect(session.body).toEqual({ authenticated: true, user: 'ann', role: 'operator', login_required: true });
    expect((await monitor.call('overview', { headers: { cookie } })).status).toBe(200);
  });

  test('behind https the cookie is Secure', async () => {
    monitor = await startServer({ settings: { auth: { users } } });
    const answer = await monitor.call('login', {
      body: { user: 'ann', password: 'correct horse' },
      headers: { 'x-forwarded-proto': 'https' },
    });
    expect(answer.headers.get('set-cookie')).toContain('; Secure');
  });

  test('a viewer sees but does not act', async () => {
    monitor = await startServer({ settings: { auth: { users } } });
    const { cookie } = await login('bob', 'battery staple');
    expect((await monitor.call('alerts', { headers: { cookie } })).status).toBe(200);
    const refused = await monitor.call('silence', { body: { alert_type: 'a' }, headers: { cookie } });
    expect([refused.status, refused.body.error.code]).toEqual([403, 'not-allowed']);
  });

  test('logging out ends the session for good', async () => {
    monitor = await startServer({ settings: { auth: { users } } });
    const { cookie } = await login('ann', 'correct horse');
    expect((await monitor.call('logout', { headers: { cookie } })).headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await monitor.call('overview', { headers: { cookie } })).status).toBe(401);
  });

  test('a session ends by itself, and a forged or altered one never begins', async () => {
    const clock = createFakeClock();
    monitor = await startServer({ clock, settings: { auth: { users, session_hours: 1 } } });
    const { cookie } = await login('bob', 'battery staple');
    const parts = cookie.split('=')[1]!.split('.');
    const ann = [Buffer.from('ann').toString('base64url'), ...parts.slice(1)].join('.');
    const later = [parts[0], Number(parts[1]) + 1e9, parts[2], parts[3]].join('.');
    for (const forged of [ann, later, 'x', `${cookie}x`, '...', `${parts[0]}.${parts[1]}.${parts[2]}.`]) {
      expect((await monitor.call('overview', { headers: { cookie: `cryomon_session=${forged}` } })).status).toBe(401);
    }
    expect((await monitor.call('overview', { headers: { cookie } })).status).toBe(200);
    await clock.advance(3_601_000);
    expect((await monitor.call('overview', { headers: { cookie } })).status).toBe(401);
  });

  test('sessions outlive a restart, but not a changed password', async () => {
    monitor = await startServer({
      settings: { auth: { users: [{ name: 'ann', password_hash: await hashPassword('correct horse') }] } },
    });
    const { cookie } = await login('ann', 'correct horse');
    const { state, options } = monitor;
    await monitor.server.stop();
    monitor = await startServer({ state, settings: options.settings });
    expect((await monitor.call('overview', { headers: { cookie } })).status).toBe(200);
    await monitor.server.stop();
    monitor = await startServer({ state, settings: { auth: { users: [{ name: 'ann', password: 'another one' }] } } });
    expect((await monitor.call('overview', { headers: { cookie } })).status).toBe(401);
  });

  test('guessing is slowed down and says for how long', async () => {
    monitor = await startServer({
      clock: createFakeClock(),
      settings: { auth: { users: [{ name: 'ann', password_hash: await hashPassword('correct horse') }] } },
    });
    for (let i = 0; i < 5; i++) expect((await login('ann', `wrong ${i}`)).status).toBe(401);
    const limited = await login('ann', 'correct horse');
    expect(limited.status).toBe(429);
    expect(limited.headers.get('retry-after')).toBe('30');
    expect(limited.body.error.hint).toContain('30 s');
  });

  test('an unknown name and a wrong password look alike', async () => {
    monitor = await startServer({ settings: { auth: { users } } });
    const [unknown, wrong] = [await login('eve', 'x'), await login('ann', 'x')];
    expect(unknown.status).toBe(401);
    expect(unknown.body).toEqual(wrong.body);
  });

  test('tokens and the token of the runtime file are let in, others not', async () => {
    monitor = await startServer({
      settings: { auth: { tokens: [{ name: 'grafana', token: 'a-long-enough-token' }] } },
    });
    const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
    expect((await monitor.call('session', as(testToken))).body).toMatchObject({
      user: 'command line',
      role: 'operator',
    });
    expect((await monitor.call('session', as('a-long-enough-token'))).body).toMatchObject({
      user: 'grafana',
      role: 'viewer',
    });
    expect((await monitor.call('overview', as('a-long-enough-tokem'))).status).toBe(401);
    expect((await fetch(`${monitor.url}/monitoring/metrics`)).status).toBe(401);
    expect((await fetch(`${monitor.url}/monitoring`)).status).toBe(200);
    expect((await monitor.call('health')).status).toBe(200);
  });
});

describe('every answer', () => {
  test.each([
    '/monitoring',
    '/monitoring/api/overview',
    '/monitoring/api/nothing',
    '/monitoring/livez',
    '/monitoring/metrics',
    '/nothing',
  ])('%s carries the security headers', async (path) => {
    monitor = await startServer();
    const { headers } = await rawRequest(`${monitor.url}${path}`);
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  });

  test('never shows what went wrong inside', async () => {
    const secret = new Error('password=hunter2 at /home/app');
    monitor = await startServer({
      agents: {
        all: () => {
          throw secret;
        },
      },
    });
    const { status, body } = await monitor.call('agents');
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('hunter2');
    expect(monitor.failures).toMatchObject([{ error: secret }]);
  });

  test.each([
    ['GET', '/monitoring/api/nothing', 404],
    ['POST', '/monitoring/api/overview', 405],
    ['GET', '/monitoring/api/login', 405],
    ['OPTIONS', '/monitoring/api/silences', 405],
    ['PUT', '/monitoring', 405],
    ['GET', '/elsewhere', 404],
    ['GET', '/monitoring/assets/nothing.js', 404],
    ['GET', '/monitoring/..%2f..%2fpackage.json', 404],
  ])('%s %s is %i as JSON', async (method, path, status) => {
    monitor = await startServer();
    const answer = await rawRequest(`${monitor.url}${path}`, { method });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text).error.message).toBeTruthy();
    if (status === 405) expect(answer.headers['allow']).toBeTruthy();
  });

  test('bodies have a limit, and broken ones a place', async () => {
    monitor = await startServer();
    const url = `${monitor.url}/monitoring/api/silences`;
    const headers = { 'content-type': 'application/json' };
    expect((await rawRequest(url, { method: 'POST', headers, body: `"${'x'.repeat(1_100_000)}"` })).status).toBe(413);
    const chunked = { ...headers, 'transfer-encoding': 'chunked' };
    expect(
      (await rawRequest(url, { method: 'POST', headers: chunked, body: `"${'x'.repeat(1_100_000)}"` })).status,
    ).toBe(413);
    const broken = await rawRequest(url, { method: 'POST', headers, body: '{"alert_type": hunter2}' });
    expect([broken.status, JSON.parse(broken.text).error.code]).toEqual([400, 'bad-json']);
    expect(broken.text).not.toContain('hunter2');
    const zipped = await rawRequest(url, {
      method: 'POST',
      headers: { ...headers, 'content-encoding': 'gzip' },
      body: 'x',
    });
    expect(zipped.status).toBe(415);
    const batch = await rawRequest(`${monitor.url}/monitoring/api/signals`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ version: 1, pad: 'x'.repeat(2_000_000) }),
    });
    expect(batch.status).toBe(202);
  });
});
