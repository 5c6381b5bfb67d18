import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Received, startHttpReceiver } from '../src/testing/http-receiver.ts';
import { runAndKill } from './crash/run-and-kill.ts';

/** How often the process is killed; the long run is `ALERT_KILLS=1000`. */
const kills = Number(process.env.ALERT_KILLS ?? 12);

interface Body {
  status: 'firing' | 'resolved';
  alert_id: string;
  event: string;
}

it(`loses no alert, acknowledgement or silence in ${kills} kills, and repeats nothing but with the same key`, {
  timeout: 60_000 + kills * 3000,
}, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'monitoring-kill-'));
  await using receiver = await startHttpReceiver();
  const promised = {
    RAISED: new Set<string>(),
    RESOLVED: new Set<string>(),
    ACKNOWLEDGED: new Set<string>(),
    SILENCED: new Set<string>(),
  };
  let last: string[] = [];
  try {
    for (let round = 0; round <= kills; round++) {
      last = await (round < kills
        ? runAndKill('alerts-child', [dir, receiver.url, String(round)], Math.random() * 400)
        : runAndKill('alerts-child', [dir, receiver.url, 'last']));
      for (const line of last) {
        const [word, id] = line.split(' ') as [keyof typeof promised, string];
        promised[word]?.add(id);
      }
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  expect(last.at(-1)).toBe('DONE');
  const open = JSON.parse(last[0]!.slice('OPEN '.length)) as {
    alerts: string[];
    silences: string[];
    acknowledged: string[];
  };
  const lostAlerts = [...promised.RAISED].filter((id) => !promised.RESOLVED.has(id) && !open.alerts.includes(id));
  // An alert whose end was stored, but whose line the kill swallowed, is not lost: its end was told.
  const { firing, resolved } = told(receiver.requests, last);
  expect(lostAlerts.filter((id) => !resolved.has(id))).toEqual([]);
  expect(
    [...promised.ACKNOWLEDGED].filter((id) => open.alerts.includes(id) && !open.acknowledged.includes(id)),
  ).toEqual([]);
  expect([...promised.SILENCED].filter((id) => !open.silences.includes(id))).toEqual([]);
  expect([...promised.RAISED].filter((id) => !firing.has(id) && !resolved.has(id))).toEqual([]);
  expect([...promised.RESOLVED].filter((id) => !resolved.has(id))).toEqual([]);
  expect(promised.RAISED.size).toBeGreaterThan(kills);
  const bodyOfKey = new Map<string, string>();
  for (const request of receiver.requests) {
    const key = String(request.headers['webhook-id']);
    expect(bodyOfKey.get(key) ?? request.body).toBe(request.body);
    bodyOfKey.set(key, request.body);
  }
  const news = [...bodyOfKey.values()]
    .map((body) => JSON.parse(body) as Body)
    .filter((body) => body.event !== 'summary');
  expect(new Set(news.map((body) => `${body.alert_id} ${body.status}`)).size).toBe(news.length);
});

/** Which alerts the receiver heard of, by themselves or in a summary that arrived. */
function told(requests: readonly Received[], last: readonly string[]): Record<'firing' | 'resolved', Set<string>> {
  const heard = { firing: new Set<string>(), resolved: new Set<string>() };
  for (const request of requests) {
    const body = JSON.parse(request.body) as Body;
    if (body.event !== 'summary') heard[body.status].add(body.alert_id);
  }
  for (const line of last) {
    const [word, id, status] = line.split(' ') as [string, string, 'firing' | 'resolved'];
    if (word === 'TOLD') heard[status].add(id);
  }
  return heard;
}
