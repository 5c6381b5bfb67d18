import { afterEach, beforeEach, expect, test } from 'vitest';
import { cli, type Running, run, scratch, startMonitor, until } from './harness.ts';

let dir: string;
let remove: () => Promise<void>;
let monitor: Running | undefined;
beforeEach(async () => {
  ({ dir, remove } = await scratch());
});
afterEach(async () => {
  await monitor?.kill();
  await remove();
});

const token = 'a-token-that-is-long-enough';
const config = {
  server: { auth: { tokens: [{ name: 'ops', token, role: 'operator' }] } },
  heartbeats: [
    { key: 'backup-7f3a', name: 'backup', interval_seconds: 1, grace_seconds: 1 },
    { key: 'import-51be', name: 'import', interval_seconds: 3600, parents: ['heartbeat:backup'] },
  ],
};

interface Heartbeat {
  readonly name: string;
  readonly phase: string;
  readonly reason: string;
  readonly last_duration_ms: number | null;
}

async function ask<T>(path: string): Promise<T> {
  const answer = await fetch(`${monitor!.url}/monitoring/api${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return (await answer.json()) as T;
}
const heartbeat = async (name: string) =>
  (await ask<{ heartbeats: Heartbeat[] }>('/heartbeats')).heartbeats.find((one) => one.name === name);
const alerts = async () =>
  (await ask<{ alerts: { alert_type: string; message: string }[] }>('/alerts?state=firing')).alerts.filter(
    ({ alert_type }) => alert_type.startsWith('heartbeat_'),
  );
/** As curl in a crontab: no login, nothing but the key. */
const report = (path: string, body?: string) =>
  fetch(`${monitor!.url}/monitoring/api/heartbeats/${path}`, body === undefined ? {} : { method: 'POST', body });

test('a job that falls silent is told of, with when it was expected and last seen, and so is its return', async () => {
  monitor = await startMonitor(dir, config);
  expect((await report('backup-7f3a')).status).toBe(200);
  const [alert] = await until('the alert', async () => {
    const firing = await alerts();
    return firing.length > 0 && firing;
  });
  expect(alert).toMatchObject({
    alert_type: 'heartbeat_missed',
    message: expect.stringMatching(/^Heartbeat backup is missing: expected at \d{4}-\d\d-\d\d .*, last seen at \d{4}-/),
  });
  const listed = await run([cli, 'heartbeats', '--check'], dir);
  expect(listed.code).toBe(1);
  expect(listed.output).toMatch(/backup\s+late\s+every 1 s/);
  // A failure of the job behind it is its consequence: shown, and told to nobody.
  await report('import-51be/fail?code=4', 'no connection; password=geheim');
  expect(await heartbeat('import')).toMatchObject({
    phase: 'failed',
    reason: expect.stringContaining('with exit code 4'),
  });
  expect(JSON.stringify(await ask('/heartbeats'))).not.toContain('geheim');
  expect(await alerts()).toHaveLength(1);
  await until('the end of the alert', async () => {
    await report('backup-7f3a');
    return (await alerts()).every(({ message }) => !message.includes('backup'));
  });
});

test('what was reported is known after kill -9', async () => {
  monitor = await startMonitor(dir, config);
  await report('import-51be/start');
  expect((await report('import-51be', 'fine')).status).toBe(200);
  await monitor.kill();
  monitor = await startMonitor(dir, config);
  expect(await heartbeat('import')).toMatchObject({ phase: 'ok', last_duration_ms: expect.any(Number) });
});
