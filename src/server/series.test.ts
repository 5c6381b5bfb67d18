import { get } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { MonitorError } from '../model/problem.ts';
import type { RangeQuery, SeriesStore } from '../model/store.ts';
import { createMemorySeriesStore } from '../testing/memory-series-store.ts';
import { type FakeMonitor, startServer } from './running-server.contract.ts';

const T0 = Date.UTC(2026, 0, 1);
let monitor: FakeMonitor;
afterEach(() => monitor.server.stop());

/** A server in front of a store of which a test replaces what it likes. */
async function start(more: Partial<SeriesStore> = {}): Promise<SeriesStore> {
  const series = { ...createMemorySeriesStore(), ...more };
  monitor = await startServer({ series });
  return series;
}

const range = `name=g&from=${T0}&to=${T0 + 3_600_000}&step=1m`;

test('hands the tier and the deadline that were asked for to the store', async () => {
  const asked: RangeQuery[] = [];
  const plain = createMemorySeriesStore();
  await start({
    query: (query, signal) => {
      asked.push(query);
      return plain.query(query, signal);
    },
  });
  const { body } = await monitor.call('series', { query: `${range}&tier=raw&deadline=2s` });
  expect(body).toMatchObject({ tier: 'raw', tiers: ['raw'], step_ms: 60_000, series: [] });
  await monitor.call('series', { query: range });
  expect(asked).toMatchObject([{ tier: 'raw', deadlineMs: 2000 }, {}]);
  expect(asked[1]).not.toHaveProperty('tier');
  expect(asked[1]).not.toHaveProperty('deadlineMs');
});

test.each([
  ['deadline=5ms', 'query.deadline'],
  ['deadline=2m', 'query.deadline'],
  ['tier=fine', 'query.tier'],
  ['match=a%3D~(', 'query.match'],
  [`match=a%3D~${'x'.repeat(600)}`, 'query.match'],
])('refuses %.20s and names the place', async (more, path) => {
  await start();
  const { status, body } = await monitor.call('series', { query: `${range}&${more}` });
  expect([status, body.error.code]).toEqual([400, 'bad-request']);
  expect(body.error.path).toContain(path);
});

test.each(['query-too-large', 'query-too-slow'] as const)('answers 422 with code %s and what to do', async (code) => {
  const refuse = async () => {
    throw new MonitorError(code, 'It was too much.', { hint: 'Ask for less.' });
  };
  await start({ query: refuse, top: refuse });
  for (const [route, query] of [
    ['series', range],
    ['seriesTop', 'name=g'],
  ] as const) {
    const { status, body } = await monitor.call(route, { query });
    expect([status, body.error]).toEqual([
      422,
      { code, message: 'It was too much.', path: 'query', hint: 'Ask for less.' },
    ]);
  }
});

test('a question ends when the one who asked has gone', async () => {
  let heard: AbortSignal | undefined;
  let begun = () => {};
  const asked = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const ended = new Promise<void>((resolve) => {
    void start({
      query: (_query, signal) => {
        heard = signal;
        begun();
        return new Promise((_, reject) => {
          signal?.addEventListener('abort', () => {
            resolve();
            reject(signal.reason as Error);
          });
        });
      },
    }).then(() => {
      const request = get(`${monitor.url}/monitoring/api/series?${range}`, { agent: false });
      request.on('error', () => {});
      void asked.then(() => request.destroy());
    });
  });
  await ended;
  expect(heard?.aborted).toBe(true);
  // And the server is as well as before.
  expect((await monitor.call('seriesLatest')).status).toBe(200);
});

test('an answer too long for one piece is the same JSON', async () => {
  const at = Array.from({ length: 5000 }, (_, i) => T0 + i * 60_000);
  const one = { name: 'g', labels: {}, kind: 'gauge' as const, at, values: { avg: at.map((_, i) => i / 8) } };
  await start({
    query: async () => ({ tier: 'raw', tiers: ['raw'], stepMs: 60_000, truncated: false, series: Array(20).fill(one) }),
  });
  const { body, headers } = await monitor.call('series', { query: range });
  expect(body.series).toEqual(Array(20).fill(one));
  expect(headers.get('transfer-encoding')).toBe('chunked');
  expect(headers.get('content-security-policy')).toContain("default-src 'self'");
});

test('names metrics, labels and values for whoever looks for something to ask', async () => {
  const series = await start();
  for (const [host, zone] of ['a', 'b', 'ab'].entries())
    series.append([
      { name: 'check_up', labels: { zone, host: String(host) }, at: T0, value: 1 },
      { name: 'other_total', labels: { zone }, at: T0, value: 1, kind: 'counter' },
    ]);
  expect((await monitor.call('seriesMetrics')).body.metrics).toMatchObject([
    { name: 'check_up', kind: 'gauge', series: 3, labels: ['host', 'zone'], help: expect.stringContaining('1 while') },
    { name: 'other_total', kind: 'counter', series: 3, labels: ['zone'] },
  ]);
  expect((await monitor.call('seriesLabels', { query: 'name=check_up&match=zone!%3Db' })).body.labels).toEqual([
    { name: 'host', values: 2 },
    { name: 'zone', values: 2 },
  ]);
  const values = (query: string) => monitor.call('seriesLabelValues', { path: { label: 'zone' }, query });
  expect((await values('prefix=a')).body).toEqual({
    values: [
      { value: 'a', series: 2 },
      { value: 'ab', series: 2 },
    ],
    truncated: false,
  });
  expect((await values('limit=1')).body).toMatchObject({ values: [{ value: 'a' }], truncated: true });
  const nothing = await monitor.call('seriesLabelValues', { path: { label: 'toString' } });
  expect(nothing.body.values).toEqual([]);
});
