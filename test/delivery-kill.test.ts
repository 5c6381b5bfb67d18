import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Received, startHttpReceiver } from '../src/testing/http-receiver.ts';
import { runAndKill } from './crash/run-and-kill.ts';

/** How often the process is killed; the long run is `DELIVERY_KILLS=1000`. */
const kills = Number(process.env.DELIVERY_KILLS ?? 8);

it(`loses no message in ${kills} kills in the middle of delivery, and repeats none but with the same key`, {
  timeout: 90_000 + kills * 5000,
}, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'monitoring-delivery-kill-'));
  await using receiver = await startHttpReceiver();
  let patient = false;
  receiver.reply((request, response) => answer(request, response, patient));
  const raised = new Set<string>();
  let last: string[] = [];
  try {
    for (let round = 0; round < kills; round++) {
      for (const line of await runAndKill('delivery-child', [dir, receiver.url, String(round)], Math.random() * 700))
        if (line.startsWith('RAISED ')) raised.add(line.slice('RAISED '.length));
    }
    // The last run has to end: from here on the slow receiver is well.
    patient = true;
    last = await runAndKill('delivery-child', [dir, receiver.url, 'last']);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  expect(last.at(-1)).toBe('DONE');
  expect(raised.size).toBeGreaterThan(kills);
  const named = (word: string) => last.filter((line) => line.startsWith(word)).map((line) => line.split(' ')[1]!);
  const heard = new Set([...byTheWebhook(receiver.requests), ...named('TOLD ')]);
  expect([...raised].filter((id) => !heard.has(id))).toEqual([]);
  const passedOn = new Set(triggered(receiver.requests, 'k'));
  expect([...raised].filter((id) => !passedOn.has(id))).toEqual([]);
  // The escalation took its step once for every alert, however often it was killed in between.
  const late = named('LATE ');
  expect(new Set(late).size).toBe(late.length);
  expect([...raised].filter((id) => !late.includes(id))).toEqual([]);
  expect(new Set(triggered(receiver.requests, 'l'))).toEqual(new Set(late));
});

/** Slow, refusing and breaking off while it is not patient; what it took counts although nobody heard its answer. */
function answer(request: Received, response: ServerResponse, patient: boolean): void {
  if (request.url === '/flaky') {
    const chance = patient ? 1 : Math.random();
    if (chance < 0.2) response.socket?.destroy();
    else if (chance < 0.4) response.writeHead(503).end();
    else setTimeout(() => response.writeHead(200).end(), patient ? 0 : Math.random() * 100);
    return;
  }
  const { routing_key } = JSON.parse(request.body) as { routing_key: string };
  const refused = routing_key.startsWith('r');
  setTimeout(() => response.writeHead(refused ? 400 : 202).end('{"status":"x"}'), Math.random() * 20);
}

/** The alerts that the webhook heard of; throws when a key came with two different bodies. */
function byTheWebhook(requests: readonly Received[]): string[] {
  const bodyOfKey = new Map<string, string>();
  for (const { url, headers, body } of requests) {
    if (url !== '/flaky') continue;
    const key = String(headers['webhook-id']);
    expect(bodyOfKey.get(key) ?? body).toBe(body);
    bodyOfKey.set(key, body);
  }
  const news = [...bodyOfKey.values()]
    .map((body) => JSON.parse(body) as { alert_id: string; event: string })
    .filter(({ event }) => event === 'firing')
    .map(({ alert_id }) => alert_id);
  expect(new Set(news).size).toBe(news.length);
  return news;
}

/** The alerts for which an incident was opened with this key; the episode is the end of its dedup key. */
function triggered(requests: readonly Received[], key: string): string[] {
  return requests
    .filter(({ url }) => url === '/v2/enqueue')
    .map(({ body }) => JSON.parse(body) as { routing_key: string; dedup_key: string; event_action: string })
    .filter(({ routing_key, event_action }) => routing_key.startsWith(key) && event_action === 'trigger')
    .map(({ dedup_key }) => dedup_key.split(':').at(-1)!);
}
