import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort, launch, root, scratch, startReceiver, until } from './harness.ts';

let dir: string;
let remove: () => Promise<void>;
let app: ReturnType<typeof launch> | undefined;
let receiver: Awaited<ReturnType<typeof startReceiver>>;

beforeEach(async () => {
  ({ dir, remove } = await scratch());
  receiver = await startReceiver();
});

afterEach(async () => {
  if (app && app.child.exitCode === null && app.child.signalCode === null) {
    app.child.kill('SIGKILL');
    await once(app.child, 'exit');
  }
  await receiver.close();
  await remove();
});

async function startApp(): Promise<{ app: string; api: string }> {
  const port = await freePort();
  const config = join(dir, 'monitoring_config.json');
  await writeFile(
    config,
    JSON.stringify({
      monitoring: { dashboard_port: port, monitoring_dir: join(dir, 'monitoring') },
      notifications: { webhooks: [{ enabled: true, webhook_url: receiver.url }] },
    }),
  );
  app = launch([join(root, 'test/e2e/apps/express-app.ts'), config], dir);
  const started = await until('the app', () => /app on (\d+)/.exec(app!.output())?.[1]);
  const api = `http://127.0.0.1:${port}/monitoring`;
  await until('the monitor', async () => (await fetch(`${api}/readyz`)).ok).catch((error) => {
    throw new Error(app!.output(), { cause: error });
  });
  return { app: `http://127.0.0.1:${started}`, api };
}

const get = async <T>(url: string): Promise<T> => (await fetch(url)).json() as Promise<T>;

test('one line in an Express app shows its requests, operations, errors and jobs', async () => {
  const at = await startApp();
  for (let i = 0; i < 20; i++) {
    const response = await fetch(`${at.app}/molecules/${i}`, { headers: { 'x-correlation-id': `corr-${i}` } });
    expect(response.headers.get('x-correlation-id')).toBe(`corr-${i}`);
    expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{8,}$/);
    expect(response.headers.get('x-response-time-ms')).toMatch(/^\d+$/);
  }
  expect((await fetch(`${at.app}/nothing/here`)).status).toBe(404);
  expect((await fetch(`${at.app}/boom`)).status).toBe(500);
  await fetch(`${at.app}/record`);
  await fetch(`${at.app}/import?n=100`);
  await fetch(`${at.app}/import?n=100`);

  const operations = await until('the operations', async () => {
    const answer = await get<{ operations: { operation: string; count: number; errors: number; p95: number }[] }>(
      `${at.api}/api/operations`,
    );
    return answer.operations.find((one) => one.operation === 'GET /molecules/:id')?.count === 20 && answer.operations;
  });
  expect(operations.find((one) => one.operation === 'molecule.lookup')).toMatchObject({ count: 20, errors: 0 });
  expect(operations.find((one) => one.operation === 'GET /boom')).toMatchObject({ count: 1, errors: 1 });
  expect(operations.some((one) => one.operation.includes('/nothing/here'))).toBe(false);

  const { errors } = await until('the errors', async () => {
    const answer = await get<{ errors: { type: string; id: string }[] }>(`${at.api}/api/errors`);
    return answer.errors.length >= 2 && answer;
  });
  expect(errors.map((group) => group.type)).toEqual(expect.arrayContaining(['import_error', 'TypeError']));
  const detail = JSON.stringify(
    await get(`${at.api}/api/errors/${errors.find((group) => group.type === 'import_error')!.id}`),
  );
  expect(detail).toContain('row');
  expect(detail).not.toContain('hunter2-secret');

  const { progress } = await get<{ progress: object[] }>(`${at.api}/api/progress`);
  expect(progress).toMatchObject([
    { name: 'PubChem import', total_items: 5000, processed_items: 200, failed_items: 2, state: 'running' },
  ]);
});

test('while the main thread hangs the dashboard answers, and an alert says so', async () => {
  const at = await startApp();
  const blocked = fetch(`${at.app}/block?ms=10000`).catch(() => undefined);
  const begun = Date.now();
  const call = await until(
    'the alert',
    () => receiver.received.find((one) => one.body['alert_type'] === 'event_loop_blocked'),
    9500,
  );
  expect(Date.now() - begun).toBeLessThan(9500);
  expect(String(call.body['message'])).toMatch(/block/i);
  const answered = performance.now();
  expect((await fetch(`${at.api}/api/overview`)).status).toBe(200);
  expect(performance.now() - answered).toBeLessThan(1000);
  await blocked;
  await until('the end of the alert', () =>
    receiver.received.find(
      (one) => one.body['alert_type'] === 'event_loop_blocked' && one.body['status'] === 'resolved',
    ),
  );
});

test('the app ends when it wants to, and its exit code stays its own', async () => {
  await startApp();
  app!.child.kill('SIGTERM');
  await once(app!.child, 'exit');
  expect(app!.child.signalCode ?? app!.child.exitCode).toBe('SIGTERM');
});
