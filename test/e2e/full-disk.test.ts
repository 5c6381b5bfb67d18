import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Running, scratch, startMonitor, until } from './harness.ts';

let dir: string;
let remove: () => Promise<void>;
let monitor: Running | undefined;

beforeEach(async () => {
  ({ dir, remove } = await scratch());
  mkdirSync(join(dir, 'monitoring'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', join(dir, 'monitoring')]);
});

afterEach(async () => {
  await monitor?.kill();
  execFileSync('umount', [join(dir, 'monitoring')]);
  await remove();
});

test('with a full disk it goes on watching, says so, refuses changes with the reason, and recovers', {
  timeout: 180_000,
}, async () => {
  monitor = await startMonitor(dir);
  const filler = join(dir, 'monitoring', 'filler');
  try {
    for (let size = 0; size < 4; size++) writeFileSync(filler, Buffer.alloc(1_000_000), { flag: 'a' });
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  }
  const silence = () =>
    monitor!.post('/monitoring/api/silences', { alert_type: 'high_cpu_usage', duration_seconds: 60 });
  // The write-ahead log has room of its own for a while: many changes use it up.
  const refused = await until(
    'a refusal',
    async () => {
      for (let n = 0; n < 30; n++) {
        const answer = await silence();
        if (answer.status === 503) return (await answer.json()) as { error: { code: string; message: string } };
      }
      return undefined;
    },
    60_000,
  );
  expect(refused.error).toMatchObject({ code: 'store-unavailable', message: expect.stringMatching(/full/) });
  const overview = await until(
    'the verdict',
    async () => {
      const answer = await monitor!.json<{ verdict: string; sentence: string }>('/monitoring/api/overview');
      return answer.verdict === 'error' && answer;
    },
    60_000,
  );
  expect(overview.sentence).toMatch(/cannot keep its data/);
  rmSync(filler);
  await until('the recovery', async () => (await silence()).status === 201, 60_000);
  await until(
    'the end of the alert',
    async () => {
      const { alerts } = await monitor!.json<{ alerts: { alert_type: string }[] }>(
        '/monitoring/api/alerts?state=firing',
      );
      return !alerts.some((alert) => alert.alert_type === 'store_problem');
    },
    60_000,
  );
  expect((await monitor.stop()).code).toBe(0);
});
