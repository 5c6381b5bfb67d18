import { afterEach, expect, test } from 'vitest';
import type { SignalBatch } from '../model/signal.ts';
import { createWorkerChannel, type WorkerChannelState } from './worker-channel.ts';

let sequence = 0;
const batch = (service = 'ok'): SignalBatch => ({
  version: 1,
  source: { instance: 'a:1:b', service, host: 'a', pid: 1, release: '', startedAt: 0, runtime: '' },
  sequence: sequence++,
  at: 0,
  alerts: [{ alertType: 'x', message: 'm', source: 's', severity: 'info' }],
});

const open: ReturnType<typeof createWorkerChannel>[] = [];
afterEach(async () => {
  for (const channel of open.splice(0)) await channel.close();
});

function start(options: object = {}, onOrder: () => unknown = () => 'done') {
  sequence = 0;
  const states: WorkerChannelState[] = [];
  const settings: unknown[] = [];
  const channel = createWorkerChannel({
    workerUrl: new URL('./test-worker.contract.ts', import.meta.url),
    workerData: options,
    onSettings: (value) => void settings.push(value),
    onOrder,
    onState: (state) => void states.push(state),
  });
  open.push(channel);
  return { channel, states, settings };
}

async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  const end = Date.now() + 10_000;
  for (;;) {
    const found = look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
const numbers = (settings: unknown[]) => settings.filter(Array.isArray).at(-1) as number[] | undefined;

test('delivers what was sent before and after the worker was ready, in order', async () => {
  const { channel, settings } = start();
  for (let i = 0; i < 30; i++) channel.send(batch());
  await until('all', () => channel.stats.delivered === 30);
  channel.send(batch());
  await until('one more', () => channel.stats.delivered === 31);
  expect(numbers(settings)).toEqual(Array.from({ length: 31 }, (_, index) => index));
  expect(channel.stats.queued).toBe(0);
});

test('carries out orders and tells the worker when that failed', async () => {
  const good = start({}, async () => ({ told: 2 }));
  expect(await until('the answer', () => good.settings.find((one) => !Array.isArray(one)))).toEqual({
    answer: { told: 2 },
  });
  const bad = start({}, () => {
    throw new Error('handler broke');
  });
  expect(await until('the answer', () => bad.settings.find((one) => !Array.isArray(one)))).toEqual({
    error: 'handler broke',
  });
});

test.each(['exit', 'throw'])(
  'starts a worker again that died (%s), and sends again what was not delivered',
  async (how) => {
    const { channel, states, settings } = start();
    await until('ready', () => states.some((state) => state.kind === 'ready'));
    channel.send(batch());
    await until('delivery', () => channel.stats.delivered === 1);
    // The poisoned batch kills it again and again, until a newer state of affairs has pushed it out: here we kill from outside instead.
    await channel.terminate();
    channel.send(batch());
    const died = await until('the death', () => states.find((state) => state.kind === 'died'));
    expect(died).toMatchObject({ kind: 'died', afterMs: 500 });
    await until('second delivery', () => channel.stats.delivered === 2);
    expect(numbers(settings)).toEqual([1]);
    channel.send(batch(how));
    await until('the second death', () => states.filter((state) => state.kind === 'died').length >= 2);
    expect(states.filter((state) => state.kind === 'died')[1]).toMatchObject({ afterMs: 1000 });
  },
);

test('a batch that the monitor refuses is counted and does not hold up the others', async () => {
  const { channel } = start();
  channel.send(batch());
  channel.send(batch('refuse'));
  channel.send(batch());
  await until('delivery', () => channel.stats.delivered === 2);
  expect(channel.stats.takeLost()).toEqual({ batches: 1, alerts: 1 });
});

test('a worker that hangs costs a bounded buffer', async () => {
  const { channel, states } = start();
  await until('ready', () => states.some((state) => state.kind === 'ready'));
  for (let i = 0; i < 500; i++) channel.send(batch('hang'));
  expect(channel.stats.queued).toBe(120);
  expect(channel.stats.takeLost()).toEqual({ batches: 380 });
});

test('a worker that cannot run is not tried again', async () => {
  const { states } = start({ fail: true });
  const failed = await until('failure', () => states.find((state) => state.kind === 'failed'));
  expect(failed).toEqual({ kind: 'failed', message: 'port 5001 is taken', hint: 'choose another' });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(states.map((state) => state.kind)).toEqual(['starting', 'failed']);
});

test('a worker file that does not exist is a state, not an exception', async () => {
  const states: WorkerChannelState[] = [];
  const channel = createWorkerChannel({
    workerUrl: new URL('./missing.ts', import.meta.url),
    workerData: {},
    onSettings: () => undefined,
    onOrder: () => undefined,
    onState: (state) => void states.push(state),
  });
  open.push(channel);
  channel.send(batch());
  expect(await until('death', () => states.find((state) => state.kind === 'died'))).toMatchObject({
    reason: expect.stringContaining('missing.ts'),
  });
});

test('last words are delivered before farewell returns', async () => {
  const { channel, states } = start();
  await until('ready', () => states.some((state) => state.kind === 'ready'));
  const before = performance.now();
  channel.farewell(batch());
  expect(performance.now() - before).toBeLessThan(1900);
});

test('what cannot be cloned is lost and counted, and nothing is thrown', async () => {
  const { channel, states } = start();
  await until('ready', () => states.some((state) => state.kind === 'ready'));
  channel.send({ ...batch(), errors: [{ context: { fn: () => 1 } }] as never });
  channel.send(batch());
  await until('delivery', () => channel.stats.delivered === 1);
  expect(channel.stats.takeLost()).toMatchObject({ batches: 1, errors: 1 });
});
