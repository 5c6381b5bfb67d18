import { get, type IncomingMessage } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import type { StreamEvent } from '../model/api.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { checkState, type FakeMonitor, firing, startServer } from './running-server.contract.ts';

let monitor: FakeMonitor;
let clock: FakeClock;
const open: IncomingMessage[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) one.destroy();
  await monitor.server.stop();
});

async function start(settings: object = {}): Promise<void> {
  clock = createFakeClock();
  monitor = await startServer({ clock, settings });
}

/** A browser that follows the stream. */
async function follow(headers: Record<string, string> = {}) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${monitor.url}/monitoring/api/events`, { headers, agent: false }, resolve).on('error', reject);
  });
  open.push(answer);
  let text = '';
  let ended = false;
  answer.setEncoding('utf8');
  const events = (): StreamEvent[] =>
    [...text.matchAll(/^data: (.*)\n/gm)].map((found) => JSON.parse(found[1]!) as StreamEvent);
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const one of waiting) one();
  };
  answer.on('data', (chunk: string) => {
    text += chunk;
    wake();
  });
  answer.on('error', () => {});
  answer.on('close', () => {
    ended = true;
    wake();
  });
  /** Resolves when the condition holds; fails after two seconds of silence. */
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not seen in: ${text.slice(-500)}`)), 2000);
      const look = () => {
        if (!condition()) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { answer, events, until, ended: () => ended, types: () => events().map((event) => event.type) };
}

test('says hello, then the newest figures, then ticks every five seconds', async () => {
  await start();
  monitor.checks.push(checkState('system', 'ok'));
  const browser = await follow();
  expect(browser.answer.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'x-content-type-options': 'nosniff',
  });
  await browser.until(() => browser.events().length === 2);
  expect(browser.events()[0]).toMatchObject({ type: 'hello', version: '1.2.3' });
  expect(browser.events()[1]).toMatchObject({ type: 'tick', verdict: 'ok', self: { stream_clients: 1 } });
  await clock.advance(5000);
  await browser.until(() => browser.types().filter((type) => type === 'tick').length === 2);
});

test('tells every listener what happens, built once', async () => {
  await start();
  const [one, two] = [await follow(), await follow()];
  const episode = firing();
  const transition = {
    id: 't',
    episodeId: episode.id,
    at: clock.now(),
    kind: 'firing' as const,
    severity: 'error' as const,
    reason: 'above 90 %',
  };
  monitor.events.emit({ type: 'alert', episode, transition });
  monitor.events.emit({
    type: 'journal',
    entry: { id: 'j', at: clock.now(), kind: 'deploy', text: 'Release 2', severity: 'info' },
  });
  await clock.advance(300);
  for (const browser of [one, two]) {
    await browser.until(() => browser.types().includes('journal'));
    expect(browser.events().find((event) => event.type === 'alert')).toMatchObject({
      alert: { id: episode.id },
      transition: { kind: 'firing' },
    });
  }
});

test('folds a burst of a thousand checks into the newest state of each', async () => {
  await start();
  const browser = await follow();
  for (let i = 0; i < 10; i++) monitor.checks.push(checkState(`api:/${i}`, 'ok'));
  for (let i = 0; i < 1000; i++) {
    const { last } = monitor.checks[i % 10]!;
    monitor.events.emit({ type: 'check', result: last! });
  }
  monitor.checks[3] = checkState('api:/3', 'error');
  await clock.advance(300);
  await browser.until(() => browser.types().filter((type) => type === 'check').length >= 10);
  const checks = browser.events().filter((event) => event.type === 'check');
  expect(checks).toHaveLength(10);
  expect(checks.find((event) => event.check.id === 'api:/3')).toMatchObject({ check: { status: 'error' } });
});

test('cuts off a browser that does not read, and counts it', async () => {
  await start();
  const deaf = await follow();
  deaf.answer.pause();
  const reader = await follow();
  for (let round = 0; round < 60 && monitor.options.events; round++) {
    for (let i = 0; i < 50; i++) {
      monitor.events.emit({
        type: 'journal',
        entry: { id: `${round}-${i}`, at: clock.now(), kind: 'deploy', text: 'x'.repeat(10_000), severity: 'info' },
      });
    }
    await clock.advance(300);
    await reader.until(() =>
      reader.events().some((event) => event.type === 'journal' && event.entry.id === `${round}-49`),
    );
  }
  const { body } = await monitor.call('self');
  expect(body.dropped).toMatchObject({ stream_clients_cut: 1 });
  expect(body.stream_clients).toBe(1);
});

test('ends when the login has ended', async () => {
  await start({ auth: { users: [{ name: 'ann', password: 'correct horse', role: 'viewer' }], session_hours: 1 } });
  const login = await monitor.call('login', { body: { user: 'ann', password: 'correct horse' } });
  const cookie = login.headers.get('set-cookie')!.split(';')[0]!;
  const browser = await follow({ cookie });
  await browser.until(() => browser.events().length === 2);
  await clock.advance(3_605_000);
  await browser.until(browser.ended);
});

test('lets only so many look on, and tells the next one to poll', async () => {
  await start({ max_stream_clients: 1 });
  const browser = await follow();
  await browser.until(() => browser.events().length === 2);
  const { status, body } = await monitor.call('events');
  expect(status).toBe(503);
  expect(body.error.hint).toContain('Poll');
});

test('ends at once when the server stops', async () => {
  await start();
  const browser = await follow();
  await browser.until(() => browser.events().length === 2);
  const before = performance.now();
  await monitor.server.stop();
  await browser.until(browser.ended);
  expect(performance.now() - before).toBeLessThan(400);
});
