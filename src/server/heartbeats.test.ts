import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeMonitor, startServer } from './running-server.contract.ts';

const users = [
  { name: 'ann', password: 'correct horse', role: 'operator' },
  { name: 'bob', password: 'battery staple', role: 'viewer' },
];
const tokens = [
  { name: 'ops', token: 'token-of-an-operator', role: 'operator' },
  { name: 'wall', token: 'token-of-a-viewer-1', role: 'viewer' },
];

let monitor: FakeMonitor;
beforeEach(async () => {
  monitor = await startServer({ settings: { auth: { users, tokens } } });
});
afterEach(() => monitor.server.stop());

/** As curl sends it: no login, no JSON. */
async function curl(path: string, options: { method?: string; body?: string } = {}) {
  const headers = options.body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await fetch(`${monitor.url}/monitoring/api/heartbeats/${path}`, { headers, ...options });
  return { status: answer.status, body: (await answer.json()) as Record<string, never> };
}

describe('a report', () => {
  test.each([
    ['job', {}, { kind: 'success' }],
    ['job', { method: 'POST' }, { kind: 'success' }],
    ['job/start?run=7', {}, { kind: 'start', run: '7' }],
    ['job/start', { method: 'POST' }, { kind: 'start' }],
    ['job/fail?code=3', {}, { kind: 'failure', code: 3 }],
    ['job/fail', { method: 'POST', body: 'pg_dump: no space' }, { kind: 'failure', message: 'pg_dump: no space' }],
    ['job?code=0&message=fine', {}, { kind: 'success', code: 0, message: 'fine' }],
    [
      'job?code=1',
      { method: 'POST', body: 'tail of the log' },
      { kind: 'failure', code: 1, message: 'tail of the log' },
    ],
  ])('%s %j needs no login, only the key', async (path, options, report) => {
    expect(await curl(path, options)).toEqual({
      status: 200,
      body: { ok: true, name: 'nightly backup', phase: 'running', expected_at: 1_790_000_000_000 },
    });
    expect(monitor.reports).toEqual([report]);
  });

  test('to an unknown key helps those who are known, and no stranger', async () => {
    const stranger = await curl('jub');
    expect(stranger).toMatchObject({
      status: 404,
      body: { error: { code: 'not-found', message: 'There is no heartbeat `jub`.' } },
    });
    expect(JSON.stringify(stranger.body)).not.toContain('Did you mean');
    const known = await monitor.call('heartbeatGet', {
      path: { key: 'jub' },
      headers: { authorization: 'Bearer token-of-an-operator' },
    });
    expect(known.body.error.hint).toContain('Did you mean job?');
    expect(monitor.reports).toEqual([]);
  });

  test('that makes no sense is refused with its place', async () => {
    expect(await curl('job?code=abc')).toMatchObject({ status: 400, body: { error: { path: 'query.code' } } });
    expect(await curl('job?exit=1')).toMatchObject({ status: 400, body: { error: { hint: 'Not known here: exit.' } } });
    expect((await curl('job', { method: 'POST', body: 'x'.repeat(1_100_000) })).status).toBe(413);
    expect((await curl('job', { method: 'DELETE' })).status).toBe(405);
  });

  test('from a page of another site is refused', async () => {
    const answer = await fetch(`${monitor.url}/monitoring/api/heartbeats/job`, {
      method: 'POST',
      headers: { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' },
    });
    expect(answer.status).toBe(403);
  });
});

describe('the list', () => {
  test.each([
    ['token-of-an-operator', 'job'],
    ['token-of-a-viewer-1', null],
  ])('for %s shows the key %s', async (token, key) => {
    const { body } = await monitor.call('heartbeats', { headers: { authorization: `Bearer ${token}` } });
    expect(body.heartbeats).toMatchObject([{ name: 'nightly backup', key, phase: 'running' }]);
  });

  test('is for nobody without a login', async () => {
    expect((await monitor.call('heartbeats')).status).toBe(401);
  });
});
