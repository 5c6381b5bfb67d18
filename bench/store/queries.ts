/** The same questions to everybody, over HTTP, warm, in turn: how long until the whole answer has arrived. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { feedPeer, type Peer, startPeer } from './peers.ts';
import { median } from './process.ts';
import { monthSeries, thousandSeries } from './query-data.ts';

/** Everybody is asked for this long before it counts: compilers and caches of all sides are warm then. */
const WARM_UP_MS = 1500;
const ROUNDS = 41;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

type Figures = Record<string, number | null>;
/** Paths that are asked one after the other; together they are the answer. */
type Paths = readonly string[];

/** A question: how ours is asked, and how VictoriaMetrics and Prometheus are. */
interface Question {
  readonly name: string;
  readonly ours: Paths;
  readonly peers: Paths;
}

function questions(from: number, end: number): Question[] {
  const last = Math.floor(end / 60_000) * 60_000;
  const range = (name: string, choice: string, more: { from: number; to: number; step: string }) =>
    `/monitoring/api/series?name=${name}${choice}&from=${more.from}&to=${more.to}&step=${more.step}&aggregate=avg,max&limit=2000`;
  const day = { from: last - DAY, to: last, step: '1m' };
  const month = { from: from - 30 * DAY, to: from, step: '1h' };
  const both = (selector: string, window: string, start: number, to: number, step: number) =>
    ['avg', 'max'].map((aggregate) =>
      // The window of a step lies before its moment there, and behind it here.
      rangeQuery(`${aggregate}_over_time(${selector}[${window}])`, start + step * 1000, to, step),
    );
  const one = encodeURIComponent('item="item-7"');
  const dayPeers = both('bench_value{item="item-7"}', '1m', day.from, day.to, 60);
  const monthPeers = both('bench_month', '1h', month.from, month.to, 3600);
  return [
    { name: 'query_24h', ours: [range('bench_value', `&match=${one}`, day)], peers: dayPeers },
    { name: 'query_30d', ours: [range('bench_month', '', month)], peers: monthPeers },
    { name: 'query_30d_raw', ours: [`${range('bench_month', '', month)}&tier=raw`], peers: monthPeers },
    {
      name: 'latest_1000',
      ours: ['/monitoring/api/series/latest?name=bench_value&limit=1000'],
      peers: [`/api/v1/query?query=bench_value&time=${end / 1000 - 10}`],
    },
    {
      name: 'topk',
      ours: [`/monitoring/api/series/top?name=bench_value&from=${end - HOUR}&to=${end}&aggregate=avg&k=10`],
      peers: [
        `/api/v1/query?query=${encodeURIComponent('topk(10,avg_over_time(bench_value[1h]))')}&time=${end / 1000 - 10}`,
      ],
    },
    {
      name: 'query_24h_100_series',
      ours: [range('bench_value', `&match=${encodeURIComponent('host="host-3"')}`, day)],
      peers: both('bench_value{host="host-3"}', '1m', day.from, day.to, 60),
    },
  ];
}

const rangeQuery = (query: string, start: number, end: number, step: number) =>
  `/api/v1/query_range?query=${encodeURIComponent(query)}&start=${start / 1000}&end=${end / 1000}&step=${step}`;

/** Measures all questions. Resolves with `NAME_ms` and, for each peer, `NAME_vs_PEER` and `NAME_PEER_ms`. */
export async function queryFigures(): Promise<Figures> {
  const data = thousandSeries();
  const month = monthSeries(data.from);
  const peers: Peer[] = [];
  const ours = fork(fileURLToPath(new URL('./query-child.ts', import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    const [{ url, from, end }] = (await once(ours, 'message')) as [{ url: string; from: number; end: number }];
    for (const name of ['victoriametrics', 'prometheus'] as const) {
      const peer = await startPeer(name);
      if (!peer) continue;
      peers.push(peer);
      for (const part of [month, data]) await feedPeer(peer, part);
      if (name === 'victoriametrics') await peer.ask('GET', '/internal/force_flush');
    }
    const figures: Figures = {};
    for (const question of questions(from, end)) Object.assign(figures, await measure(question, url, peers));
    return { ...figures, ...(await ingestDelay(ours, url, from)) };
  } finally {
    for (const peer of peers) await peer.stop();
    if (ours.exitCode === null) {
      ours.send('stop');
      await once(ours, 'exit');
    }
  }
}

async function measure({ name, ours, peers: theirs }: Question, url: string, peers: readonly Peer[]): Promise<Figures> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const askers = [
    { name: 'ours', ask: () => each(ours, (path) => fetchWhole(agent, url + path)) },
    ...peers.map((peer) => ({ name: peer.name, ask: () => each(theirs, (path) => peer.ask('GET', path)) })),
  ];
  const times = new Map<string, number[]>(askers.map((one) => [one.name, []]));
  for (const one of askers) {
    const until = performance.now() + WARM_UP_MS;
    while (performance.now() < until) await one.ask();
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const one of askers) {
      const started = performance.now();
      await one.ask();
      times.get(one.name)!.push(performance.now() - started);
    }
  }
  agent.destroy();
  const own = median(times.get('ours')!);
  const figures: Figures = { [`${name}_ms`]: own };
  for (const peer of ['victoriametrics', 'prometheus']) {
    const found = times.get(peer);
    figures[`${name}_${peer}_ms`] = found ? median(found) : null;
    figures[`${name}_vs_${peer}`] = found ? own / median(found) : null;
  }
  return figures;
}

async function each(paths: Paths, ask: (path: string) => Promise<Buffer>): Promise<void> {
  for (const path of paths) if ((await ask(path)).length < 100) throw new Error(`${path} has an empty answer.`);
}

/**
 * The longest that something that came in had to wait while two large questions were answered, again and again; and, for as long, without
 * any question: what the machine itself adds.
 */
async function ingestDelay(child: ChildProcess, url: string, from: number): Promise<Figures> {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const path = `/monitoring/api/series?name=bench_value&from=${from}&to=${from + DAY}&step=1m&aggregate=avg&limit=1000`;
  const longestDuring = async (work: () => Promise<unknown>): Promise<number> => {
    child.send('watch');
    await work();
    child.send('told');
    const [{ latestMs }] = (await once(child, 'message')) as [{ latestMs: number }];
    return latestMs;
  };
  const started = performance.now();
  const busy = await longestDuring(async () => {
    for (let i = 0; i < 3; i++) await Promise.all([1, 2].map(() => fetchWhole(agent, url + path)));
  });
  const calm = await longestDuring(() => sleep(performance.now() - started));
  agent.destroy();
  return { ingest_delay_during_query_ms: busy, ingest_delay_without_query_ms: calm };
}

function fetchWhole(agent: Agent, url: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const whole = Buffer.concat(parts);
        if (response.statusCode === 200) resolve(whole);
        else reject(new Error(`${url} answered ${response.statusCode}: ${whole.toString().slice(0, 300)}`));
      });
    }).on('error', reject);
  });
}
