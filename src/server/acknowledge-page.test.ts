import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAcknowledgeLinks } from '../monitor/acknowledge-links.ts';
import { sampleEntry } from '../notify/notifier.contract.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createMemoryStateStore } from '../testing/memory-state-store.ts';
import { type FakeMonitor, firing, startServer } from './running-server.contract.ts';

const users = [{ name: 'ann', password: 'correct horse', role: 'operator' }];
const clock = createFakeClock(Date.now());
const state = createMemoryStateStore();
const linksOf = () => createAcknowledgeLinks({ state, clock, publicUrl: '', hours: 72 });

let monitor: FakeMonitor;
let url: string;
const episode = firing({ message: 'Disk <full> & "hot"' });

beforeEach(async () => {
  const links = await linksOf();
  monitor = await startServer({ settings: { auth: { users } }, acknowledgeLink: (token) => links.read(token) });
  links.listensOn(monitor.url);
  url = links.acknowledge(sampleEntry({ episodeId: episode.id, createdAt: clock.now() }))!;
  monitor.episodes.splice(0, Infinity, { ...episode });
});
afterEach(() => monitor.server.stop());

const acknowledged = () => monitor.episodes[0]!.acknowledged;

describe('the link in a notification', () => {
  test('shows the alert without a login and changes nothing, however often it is opened', async () => {
    for (let n = 0; n < 3; n++) {
      const page = await fetch(url);
      expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store']);
      const html = await page.text();
      expect(html).toContain('Disk &lt;full&gt; &amp; &quot;hot&quot;');
      expect(html).toContain('<form method="post">');
    }
    await fetch(url, { method: 'HEAD' });
    expect(acknowledged()).toBeUndefined();
  });

  test('acknowledges with the button, by name and with a note, and only once', async () => {
    const body = new URLSearchParams({ name: 'Ann\r\nB', note: 'on my <way>' });
    const page = await fetch(url, { method: 'POST', body });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('Acknowledged by Ann B.');
    expect(acknowledged()).toMatchObject({ by: 'Ann B', note: 'on my <way>' });
    await fetch(url, { method: 'POST', body: new URLSearchParams({ name: 'Bob' }) });
    expect(acknowledged()).toMatchObject({ by: 'Ann B' });
  });

  test('acknowledges for a program that only posts, and answers it in JSON', async () => {
    const answer = await fetch(url, { method: 'POST', headers: { accept: 'application/json' } });
    expect(await answer.json()).toEqual({ message: 'Acknowledged by somebody with the link.' });
    expect(acknowledged()).toMatchObject({ by: 'somebody with the link' });
  });

  test('is refused with 403 when anything of it was changed, and acknowledges nothing', async () => {
    const [id, expires, signature] = url.split('/').at(-1)!.split('.');
    const other = signature!.startsWith('A') ? 'B' : 'A';
    for (const token of [
      `${id}x.${expires}.${signature}`,
      `${id}.${expires}z.${signature}`,
      `${id}.${expires}.${other}${signature!.slice(1)}`,
      `${id}.${expires}.${signature}.x`,
      `${id}.${expires}`,
      'x',
    ]) {
      const answer = await fetch(`${monitor.url}/monitoring/acknowledge/${token}`, { method: 'POST' });
      expect([token, answer.status]).toEqual([token, 403]);
      expect(await answer.text()).toContain('This link is not valid.');
    }
    expect(acknowledged()).toBeUndefined();
  });

  test('expires, and says so with 410', async () => {
    const links = await linksOf();
    links.listensOn(monitor.url);
    const old = links.acknowledge(sampleEntry({ episodeId: episode.id, createdAt: clock.now() - 72 * 3_600_000 }))!;
    const answer = await fetch(old, { method: 'POST' });
    expect(answer.status).toBe(410);
    expect(await answer.text()).toContain('This link has expired.');
    expect(acknowledged()).toBeUndefined();
  });

  test('says what became of an alert that is over or forgotten', async () => {
    monitor.episodes[0] = { ...episode, state: 'resolved', resolvedAt: Date.now() };
    expect(await (await fetch(url)).text()).toContain('This alert is over.');
    monitor.episodes.splice(0);
    expect((await fetch(url)).status).toBe(404);
  });

  test('is the same for every attempt and after a restart, and there is none for what needs no answer', async () => {
    const again = await linksOf();
    again.listensOn(monitor.url);
    expect(again.acknowledge(sampleEntry({ episodeId: episode.id, createdAt: clock.now(), attempts: 7 }))).toBe(url);
    for (const event of ['resolved', 'acknowledged', 'summary', 'test', 'probe'] as const)
      expect(again.acknowledge(sampleEntry({ event }))).toBeUndefined();
  });

  test('begins with the public address when there is one, and the server answers to its name', async () => {
    const links = await createAcknowledgeLinks({ state, clock, publicUrl: 'https://mon.example/', hours: 72 });
    links.listensOn('http://127.0.0.1:1');
    expect(links.acknowledge(sampleEntry())).toMatch(
      /^https:\/\/mon\.example\/monitoring\/acknowledge\/[\w-]+\.\w+\.[\w-]{43}$/,
    );
    expect(links.alert('a b')).toBe('https://mon.example/monitoring/alerts/a%20b');
  });
});
