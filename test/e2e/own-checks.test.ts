import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort, launch, root, scratch, until } from './harness.ts';

interface Check {
  id: string;
  component: string;
  status: string;
  reason: string;
  seen: Record<string, unknown>;
  recent: unknown[];
}

let dir: string;
let remove: () => Promise<void>;
const apps: ReturnType<typeof launch>[] = [];

beforeEach(async () => {
  ({ dir, remove } = await scratch());
});
afterEach(async () => {
  for (const { child } of apps.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await remove();
});

test('functions of an application are checks: in the monitor’s own process, and in one that reports over HTTP', async () => {
  const port = await freePort();
  const config = join(dir, 'monitoring_config.json');
  await writeFile(
    config,
    JSON.stringify({ monitoring: { dashboard_port: port, monitoring_dir: join(dir, 'monitoring') } }),
  );
  const app = join(root, 'test/e2e/apps/checks-app.ts');
  const base = `http://127.0.0.1:${port}`;
  apps.push(launch([app, config], dir));
  await until('the monitor', async () => (await fetch(`${base}/monitoring/readyz`)).ok);
  apps.push(launch([app, '', base], dir));
  const all = await until('all checks', async () => {
    const { checks } = (await (await fetch(`${base}/monitoring/api/checks`)).json()) as { checks: Check[] };
    const own = checks.filter(({ id, recent }) => id.startsWith('custom:') && recent.length > 0);
    return own.length === 7 && new Map(own.map((one) => [one.id, one]));
  });
  const told = (id: string) => {
    const { status, reason } = all.get(`custom:${id}`)!;
    return `${status}: ${reason}`;
  };
  expect(told('near:fine')).toBe('ok: all is well');
  expect(told('near:no')).toBe('error: the function said false');
  expect(all.get('custom:near:no')?.component).toBe('database');
  expect(told('near:full')).toBe('warning: disk 91 %');
  expect(all.get('custom:near:full')?.seen).toMatchObject({ disk: 91 });
  expect(told('near:thrown')).toBe('error: no leader');
  expect(told('near:stuck')).toMatch(/^error: (no answer within 400 ms|the run of \d+ s ago has not come back)/);
  expect(told('near:odd')).toContain('error: the function returned 42');
  expect(told('far:bridge')).toBe('ok: seen from afar');

  const { alerts } = await until('an alert', async () => {
    const answer = (await (await fetch(`${base}/monitoring/api/alerts?state=firing`)).json()) as {
      alerts: { alert_type: string; message: string }[];
    };
    return answer.alerts.some((one) => one.message.includes('no leader')) && answer;
  });
  expect(alerts.find((one) => one.message.includes('no leader'))?.alert_type).toBe('check_failed');
});
