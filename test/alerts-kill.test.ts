import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { type Received, startHttpReceiver } from '../src/testing/http-receiver.ts';

const child = fileURLToPath(new URL('./crash/alerts-child.ts', import.meta.url));
/** How often the process is killed; the long run is `ALERT_KILLS=1000`. */
const kills = Number(process.env.ALERT_KILLS ?? 12);

/** Runs the process; kills it after a random time when `killAfterMs` is given. Resolves with what it said. */
function run(dir: string, url: string, round: string, killAfterMs?: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const started = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', child, dir, url, round], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    let complaint = '';
    let killed = false;
    started.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    started.stdout.on('data', (chunk: Buffer) => {
      // The clock starts with its first word, so that short times hit its work and not the start of Node.
      if (said === '' && killAfterMs !== undefined) {
        setTimeout(() => {
          killed = true;
          started.kill('SIGKILL');
        }, killAfterMs);
      }
      said += chunk.toString();
    });
    started.once('exit', (code) => {
      const lines = said.split('\n');
      // What stands behind the last line break may be half a line.
      if (killed || code === 0) resolve(lines.slice(0, -1));
      else reject(new Error(`the process ended by itself with ${code}: ${complaint}`));
    });
  });
}

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
        ? run(dir, receiver.url, String(round), Math.random() * 400)
        : run(dir, receiver.url, 'last'));
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
