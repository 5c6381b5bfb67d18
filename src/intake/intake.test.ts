import { hostname } from 'node:os';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AlertsView } from '../model/alert.ts';
import type { ErrorEvent } from '../model/error.ts';
import type { MonitorEvent } from '../model/event.ts';
import { silentLog } from '../model/log.ts';
import type { ProgressRun } from '../model/progress.ts';
import type { SignalBatch, Source } from '../model/signal.ts';
import { Sketch } from '../model/sketch.ts';
import type { SeriesStore, StateStore } from '../model/store.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { createMemorySeriesStore } from '../testing/memory-series-store.ts';
import { createMemoryStateStore, type MemoryStateStore } from '../testing/memory-state-store.ts';
import { createIntake, type Intake } from './intake.ts';

let clock: FakeClock;
let series: SeriesStore;
let state: MemoryStateStore;
let intake: Intake;
let events: MonitorEvent[];
let orders: unknown[];
let sequence: number;

const alerts = {
  active: () => [],
  silences: () => [{ id: 'silence-1', matchers: [{ name: 'alert_type', op: '=', value: 'noisy' }] }],
  silence: async (request: unknown) => orders.push(['silence', request]),
  unsilence: async (id: string) => orders.push(['unsilence', id]),
  raise: async (alert: unknown) => orders.push(['raise', alert]),
  resolve: async (type: string, source?: string) => orders.push(['resolve', type, source]),
  rules: () => [],
} as unknown as AlertsView;

function make(mode: 'standalone' | 'embedded' = 'standalone', over: StateStore = state): Intake {
  return createIntake({
    series,
    state: over,
    alerts,
    emit: (event) => void events.push(event),
    clock,
    log: silentLog,
    mode,
  });
}

beforeEach(async () => {
  clock = createFakeClock();
  series = createMemorySeriesStore();
  state = createMemoryStateStore();
  events = [];
  orders = [];
  sequence = 0;
  intake = make();
  await intake.start();
});

const source: Source = {
  instance: 'far:7:x',
  service: 'shop',
  host: 'far',
  pid: 7,
  release: '1.2.3',
  startedAt: 1,
  runtime: 'node 24',
};
const batch = (parts: Partial<SignalBatch> = {}): SignalBatch => ({
  version: 1,
  source,
  sequence: sequence++,
  at: clock.now(),
  ...parts,
});

/** Some seconds in the life of the monitor. */
async function seconds(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await clock.advance(1000);
    intake.tick();
  }
}

const durations = (...values: number[]) => {
  const sketch = new Sketch();
  for (const value of values) sketch.record(value);
  return sketch.encode();
};
const operation = (name: string, count = 1, errors = 0) => ({
  operation: name,
  category: 'api' as const,
  errors,
  items: 0,
  bytes: 0,
  durations: durations(...Array.from({ length: count }, (_, index) => (index + 1) / 1000)),
});
const event = (parts: Partial<ErrorEvent> = {}): ErrorEvent => ({
  id: `event-${Math.random().toString(36).slice(2).padEnd(10, '0')}`,
  at: clock.now(),
  instance: source.instance,
  type: 'TypeError',
  message: 'no row 17',
  stack: 'TypeError: no row 17\n    at load (/srv/app/src/rows.ts:10:5)',
  handled: true,
  context: {},
  count: 1,
  ...parts,
});
const run = (parts: Partial<ProgressRun> = {}): ProgressRun => ({
  id: 'run-000001',
  name: 'import',
  instance: source.instance,
  state: 'running',
  totalItems: 100,
  processedItems: 10,
  successfulItems: 10,
  failedItems: 0,
  skippedItems: 0,
  restoredItems: 0,
  message: '',
  startedAt: clock.now(),
  updatedAt: clock.now(),
  batches: 1,
  recentBatches: [{ at: clock.now(), items: 10, durationMs: 1000 }],
  ...parts,
});
const journal = async () =>
  (await state.find('journal', { order: 'oldest' })).map((entry) => `${entry.kind}: ${entry.text}`);

describe('series', () => {
  test('operations become counters from zero and one merged sketch', async () => {
    await intake.accept(batch({ operations: [operation('GET /a', 10, 2)] }));
    await intake.accept(batch({ operations: [operation('GET /a', 5)] }));
    await seconds(1);
    await intake.accept(batch({ operations: [operation('GET /a', 1)] }));
    await seconds(12);
    const labels = { operation: 'GET /a', category: 'api' };
    expect(series.latest({ name: 'operation_total' })).toMatchObject([{ labels, value: 16, kind: 'counter' }]);
    expect(series.latest({ name: 'operation_errors_total' })).toMatchObject([{ value: 2 }]);
    const [merged] = await series.sketches({ name: 'operation_duration_seconds', from: 0, to: clock.now() + 1 });
    expect(merged?.sketch.count).toBe(16);
    const whole = await series.query({
      name: 'operation_total',
      from: 0,
      to: clock.now() + 1,
      stepMs: 1e9,
      aggregates: ['increase'],
    });
    expect(whole.series[0]?.values['increase']?.reduce((sum, value) => sum + value, 0)).toBe(16);
  });

  test('ten thousand names of operations fold into other', async () => {
    for (let part = 0; part < 10; part++) {
      await intake.accept(
        batch({ operations: Array.from({ length: 1000 }, (_, index) => operation(`op ${part * 1000 + index}`)) }),
      );
    }
    await seconds(1);
    expect(series.list({ name: 'operation_total', limit: 20_000 })).toHaveLength(2001);
    expect(series.latest({ name: 'operation_total' }).find((one) => one.labels['operation'] === 'other')?.value).toBe(
      8000,
    );
  });

  test('custom metrics chart under their own names; bad names, labels and values cost only themselves', async () => {
    const bad = [
      { kind: 'gauge', name: 'bad name', labels: {}, value: 1 },
      { kind: 'gauge', name: 'ok_gauge', labels: {}, value: Number.NaN },
      { kind: 'counter', name: 'negative', labels: {}, value: -1 },
      { kind: 'histogram', name: 'broken', labels: {}, sketch: new Uint8Array([1, 2, 3]) },
      null,
    ];
    const good = [
      { kind: 'gauge' as const, name: 'queue_length', labels: { queue: 'mail', 'bad-label': 'x' }, value: 7 },
      { kind: 'counter' as const, name: 'mails_total', labels: {}, value: 3 },
      { kind: 'histogram' as const, name: 'mail_bytes', labels: {}, sketch: durations(1, 2, 3) },
    ];
    expect(await intake.accept(batch({ metrics: [...good, ...(bad as never[])] }))).toEqual({ ok: true });
    await seconds(1);
    expect(series.latest({ name: 'queue_length' })).toMatchObject([{ labels: { queue: 'mail' }, value: 7 }]);
    expect(series.latest({ name: 'mails_total' })).toMatchObject([{ value: 3 }]);
    expect((await series.sketches({ name: 'mail_bytes', from: 0, to: clock.now() + 1 }))[0]?.sketch.count).toBe(3);
    expect(intake.dropped).toEqual({ metrics: 5 });
    expect(series.latest({ name: 'monitor_dropped_total' })).toMatchObject([{ labels: { what: 'metrics' }, value: 5 }]);
  });

  test('vital signs become a point every ten seconds with the worst delay', async () => {
    const vitals = {
      cpuRatio: 0.5,
      rssBytes: 100,
      heapUsedBytes: 50,
      heapTotalBytes: 60,
      eventLoopUtilization: 0.2,
      eventLoopDelay: { p50: 0, p99: 0.001, max: 0.002 },
      gcSeconds: 0,
      activeHandles: 1,
      uptimeSeconds: 1,
      openFiles: 21,
      heapSpaces: { old: 40, new: 10, 'Not A Space': 5 },
    };
    for (let i = 0; i < 25; i++) {
      await intake.accept(
        batch({ vitals: { ...vitals, eventLoopDelay: { p50: 0, p99: 0.001, max: i === 15 ? 3 : 0.002 } } }),
      );
      await seconds(1);
    }
    const answer = await series.query({
      name: 'process_event_loop_delay_max_seconds',
      from: 0,
      to: clock.now() + 1,
      stepMs: 1e9,
      aggregates: ['count', 'max'],
    });
    expect(answer.series[0]?.labels).toEqual({ process: 'app', instance: source.instance });
    expect(answer.series[0]?.values['max']).toEqual([3]);
    expect(answer.series[0]?.values['count']?.[0]).toBeLessThanOrEqual(3);
    expect(series.latest({ name: 'process_open_fds' })).toMatchObject([{ value: 21 }]);
    const spaces = series.latest({ name: 'process_heap_space_used_bytes' });
    expect(Object.fromEntries(spaces.map(({ labels, value }) => [labels['space'], value]))).toEqual({
      old: 40,
      new: 10,
    });
  });

  test('bytes may come as base64, as over HTTP', async () => {
    const over = JSON.parse(
      JSON.stringify(batch({ operations: [operation('GET /a', 3)] }), (_key, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
      ),
    );
    expect(await intake.accept(over)).toEqual({ ok: true });
    await seconds(1);
    expect(series.latest({ name: 'operation_total' })).toMatchObject([{ value: 3 }]);
  });
});

describe('trust', () => {
  test.each([
    [undefined, 'object'],
    [[], 'object'],
    [{ version: 2 }, 'version 2'],
    [{ version: 1 }, 'source'],
    [{ version: 1, source }, 'sequence'],
    [{ version: 1, source, sequence: 0, at: 'now' }, 'at must be'],
  ])('refuses %j with a reason', async (value, reason) => {
    expect(await intake.accept(value)).toEqual({ ok: false, message: expect.stringContaining(reason) });
  });

  test('a batch that came before is not counted again, and a gap is counted as loss', async () => {
    const first = batch({ operations: [operation('GET /a')] });
    await intake.accept(first);
    await intake.accept(first);
    sequence += 3;
    await intake.accept(batch());
    await seconds(1);
    expect(series.latest({ name: 'operation_total' })).toMatchObject([{ value: 1 }]);
    expect(intake.view.all()[0]?.dropped).toEqual({ batches: 3 });
  });

  test('what agents lost is added up by kind', async () => {
    await intake.accept(batch({ dropped: { errors: 5 } }));
    await intake.accept(batch({ dropped: { errors: 2, 'bad kind!': 3 } }));
    expect(intake.dropped).toEqual({ errors: 7 });
    expect(intake.view.all()[0]?.dropped).toEqual({ errors: 7 });
  });

  test('a store that fails keeps nothing from being tried again, and never reaches the sender', async () => {
    let broken = true;
    const failing: StateStore = {
      ...state,
      commit: (changes) => (broken ? Promise.reject(new Error('disk full')) : state.commit(changes)),
      get: (c, id) => state.get(c, id),
      find: (c, q) => state.find(c, q),
    };
    intake = make('standalone', failing);
    expect(await intake.accept(batch({ errors: [event()] }))).toEqual({ ok: true });
    expect(await state.count('error_groups')).toBe(0);
    broken = false;
    await intake.accept(batch());
    expect(await state.count('error_groups')).toBe(1);
  });
});

describe('errors', () => {
  test('the same mistake with other numbers is one group, with the stack of each kept', async () => {
    await intake.accept(
      batch({ errors: [event({ message: 'no row 17' }), event({ message: 'no row 99', count: 4 })] }),
    );
    const groups = await state.find('error_groups');
    expect(groups).toMatchObject([
      { type: 'TypeError', title: 'no row <n>', culprit: 'load (src/rows.ts:10)', count: 5, state: 'open' },
    ]);
    expect(groups[0]?.groupedBy).toContain('load in src/rows.ts');
    expect(await state.count('error_occurrences')).toBe(2);
    expect(events.filter((one) => one.type === 'error')).toHaveLength(2);
  });

  test('secrets are gone before anything is stored', async () => {
    const secrets = [
      'hunter2-secret',
      'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
      '4111 1111 1111 1111',
      's3cr3t-pw',
      'tok_abcdefghijkl',
      'AKIAIOSFODNN7EXAMPLE',
    ];
    const [password, jwt, card, urlPassword, token, aws] = secrets as [string, string, string, string, string, string];
    await intake.accept(
      batch({
        errors: [
          event({
            message: `login with password=${password} failed, card ${card}`,
            stack: `Error: Bearer ${token}\n    at x (/srv/app/src/a.ts:1:1)`,
            causes: [{ type: 'Error', message: `postgres://user:${urlPassword}@db/x`, stack: jwt }],
            context: {
              nested: { Authorization: `Basic ${password}`, headers: { cookie: token } },
              url: `https://u:${urlPassword}@h/`,
              list: [aws, jwt],
            },
          }),
        ],
        alerts: [{ alertType: 'x', message: `key ${aws}`, source: 's', severity: 'error', context: { password } }],
        traces: [
          {
            id: 'a'.repeat(32),
            at: 1,
            name: 'GET /',
            durationMs: 1,
            status: 'ok',
            keptBecause: 'sampled',
            instance: 'x',
            spans: [
              {
                traceId: 'a'.repeat(32),
                spanId: 'b'.repeat(16),
                name: 'q',
                kind: 'client',
                startedAt: 1,
                durationMs: 1,
                status: 'ok',
                attributes: { 'db.url': `postgres://u:${urlPassword}@h`, token },
              },
            ],
          },
        ],
        progress: [run({ message: `using token=${token}` })],
      }),
    );
    const everything = JSON.stringify([
      orders,
      ...(await Promise.all(
        (['error_groups', 'error_occurrences', 'traces', 'progress_runs', 'journal'] as const).map((name) =>
          state.find(name),
        ),
      )),
    ]);
    for (const secret of secrets) expect(everything).not.toContain(secret);
    expect(everything).toContain('login with');
  });

  test('a resolved error that comes back has regressed', async () => {
    await intake.accept(batch({ errors: [event()] }));
    const [group] = await state.find('error_groups');
    await intake.setErrorState(group!.id, 'resolved', 'ann');
    await clock.advance(1000);
    await intake.accept(batch({ errors: [event()] }));
    expect(await state.find('error_groups')).toMatchObject([{ state: 'regressed', count: 2 }]);
    expect((await journal()).some((line) => line.includes('came back'))).toBe(true);
  });

  test('an ignored error stays ignored and is counted', async () => {
    await intake.accept(batch({ errors: [event()] }));
    const [group] = await state.find('error_groups');
    await intake.setErrorState(group!.id, 'ignored', 'ann');
    await intake.accept(batch({ errors: [event()] }));
    expect(await state.find('error_groups')).toMatchObject([{ state: 'ignored', count: 2 }]);
  });

  test('a flood of one error keeps its count and a few different examples', async () => {
    for (let minute = 0; minute < 20; minute++) {
      for (let i = 0; i < 5; i++)
        await intake.accept(
          batch({ errors: Array.from({ length: 200 }, () => event({ at: clock.now(), count: 50 })) }),
        );
      await clock.advance(60_000);
    }
    const [group] = await state.find('error_groups');
    expect(group?.count).toBe(20 * 5 * 200 * 50);
    const kept = await state.find('error_occurrences', { order: 'oldest' });
    expect(kept.length).toBe(25);
    expect(kept.at(-1)!.at - kept[0]!.at).toBe(19 * 60_000);
  });

  test('errors whose messages are all different do not fill the disk', async () => {
    const words = ['alpha', 'beta', 'gamma', 'delta', 'kappa', 'sigma', 'omega', 'theta', 'lambda', 'zeta'];
    for (let i = 0; i < 10; i++) {
      await intake.accept(
        batch({ errors: words.flatMap((a) => words.map((b) => event({ message: `${words[i]} ${a} ${b}` }))) }),
      );
    }
    expect(await state.count('error_groups')).toBe(121);
    expect((await state.get('error_groups', 'other'))?.count).toBe(880);
    expect(intake.dropped['error_groups']).toBe(880);
  });
});

describe('jobs', () => {
  test('a job that falls silent has stalled, and one that goes on has not', async () => {
    await intake.accept(batch({ progress: [run()] }));
    for (let i = 0; i < 55; i++) {
      await intake.accept(batch());
      await seconds(1);
    }
    expect(await state.find('progress_runs')).toMatchObject([{ state: 'running' }]);
    for (let i = 0; i < 10; i++) {
      await intake.accept(batch());
      await seconds(1);
    }
    expect(await state.find('progress_runs')).toMatchObject([{ state: 'stalled' }]);
    expect(events.some((one) => one.type === 'progress' && one.run.state === 'stalled')).toBe(true);
    await intake.accept(batch({ progress: [run({ updatedAt: clock.now(), processedItems: 20 })] }));
    expect(await state.find('progress_runs')).toMatchObject([{ state: 'running', processedItems: 20 }]);
  });

  test('slow batches get five times their usual gap', async () => {
    await intake.accept(batch({ progress: [run({ recentBatches: [{ at: 1, items: 1, durationMs: 60_000 }] })] }));
    for (let i = 0; i < 290; i++) {
      await intake.accept(batch());
      await seconds(1);
    }
    expect(await state.find('progress_runs')).toMatchObject([{ state: 'running' }]);
  });

  test('a paused job does not stall', async () => {
    await intake.accept(batch({ progress: [run({ state: 'paused' })] }));
    for (let i = 0; i < 200; i++) {
      await intake.accept(batch());
      await seconds(1);
    }
    expect(await state.find('progress_runs')).toMatchObject([{ state: 'paused' }]);
  });

  test('a job whose process said goodbye is abandoned', async () => {
    await intake.accept(batch({ progress: [run()], goodbye: true }));
    await seconds(1);
    expect(await state.find('progress_runs')).toMatchObject([{ state: 'abandoned' }]);
  });

  test('after a restart of the monitor a job is found again, and abandoned when nobody speaks for it', async () => {
    await intake.accept(batch({ progress: [run(), run({ id: 'run-000002', instance: 'x', name: 'other' })] }));
    intake = make();
    await intake.start();
    sequence = 50;
    await intake.accept(batch());
    await seconds(100);
    expect(await state.count('progress_runs', { where: { state: 'abandoned' } })).toBe(0);
    await seconds(60);
    expect((await state.find('progress_runs', { where: { state: 'abandoned' } })).length).toBe(2);
  });

  test('a job of a process of this machine that is dead is abandoned at once', async () => {
    // The highest possible pid is never a real process.
    const dead = `${hostname()}:4194304:x`;
    await state.commit([{ in: 'progress_runs', put: run({ instance: dead }) }]);
    intake = make();
    await intake.start();
    intake.tick();
    await clock.advance(1);
    expect(await state.find('progress_runs')).toMatchObject([{ state: 'abandoned' }]);
  });

  test('ends are told with how long they took', async () => {
    await intake.accept(batch({ progress: [run()] }));
    await clock.advance(90_000);
    await intake.accept(
      batch({
        progress: [
          run({
            state: 'done',
            processedItems: 100,
            updatedAt: clock.now(),
            endedAt: clock.now(),
            startedAt: clock.now() - 90_000,
          }),
        ],
      }),
    );
    expect(await journal()).toEqual(
      expect.arrayContaining(['job: import began.', 'job: import is done: 100 items in 1 m 30 s.']),
    );
  });
});

describe('processes', () => {
  const here: Source = { ...source, instance: `${hostname()}:${process.pid}:x`, host: hostname(), pid: process.pid };

  test('our own process is blocked after two seconds of silence and live with the next beat', async () => {
    intake = make('embedded');
    await intake.accept(batch({ source: here }));
    await seconds(2);
    expect(intake.view.all()).toMatchObject([{ state: 'live', silentMs: 0 }]);
    await seconds(3);
    expect(intake.view.all()).toMatchObject([{ state: 'blocked', silentMs: 5000 }]);
    await intake.accept(batch({ source: here }));
    expect(intake.view.all()).toMatchObject([{ state: 'live', silentMs: 0 }]);
  });

  test('time in which the monitor itself stood still counts against nobody', async () => {
    intake = make('embedded');
    await intake.accept(batch({ source: here }));
    await seconds(1);
    await clock.freeze(30_000);
    intake.tick();
    expect(intake.view.all()).toMatchObject([{ state: 'live' }]);
  });

  test('a process elsewhere is lost after half a minute, told once, and welcome again', async () => {
    await intake.accept(batch());
    await seconds(40);
    expect(intake.view.all()).toMatchObject([{ state: 'lost' }]);
    await intake.accept(batch());
    expect(intake.view.all()).toMatchObject([{ state: 'live' }]);
    expect((await journal()).map((line) => line.split(':')[0])).toEqual(['app-started', 'app-lost', 'app-started']);
  });

  test('a process that says goodbye is gone, and forgotten an hour later', async () => {
    await intake.accept(batch());
    await intake.accept(batch({ goodbye: true }));
    expect(intake.view.all()).toMatchObject([{ state: 'gone' }]);
    expect((await journal()).at(-1)).toBe('app-stopped: shop 1.2.3 stopped in an orderly way (process 7 on far).');
    await clock.advance(3_600_000);
    intake.tick();
    intake.tick();
    await seconds(3);
    expect(intake.view.all().length).toBeLessThanOrEqual(1);
  });
});

test('orders of the app reach the alert engine', async () => {
  await intake.accept(
    batch({
      silences: [{ alertType: 'high_cpu_usage', durationSeconds: 60 }],
      unsilences: [{ alertType: 'noisy' }],
      alerts: [{ alertType: 'backup_stale', message: 'old', source: 'backup', severity: 'warning' }],
      resolvedAlerts: [{ alertType: 'backup_stale', source: 'backup' }],
    }),
  );
  expect(orders).toMatchObject([
    [
      'silence',
      { matchers: [{ name: 'alert_type', op: '=', value: 'high_cpu_usage' }], durationMs: 60_000, createdBy: 'shop' },
    ],
    ['unsilence', 'silence-1'],
    ['raise', { alertType: 'backup_stale', severity: 'warning' }],
    ['resolve', 'backup_stale', 'backup'],
  ]);
});

test('traces are kept within a budget for each name', async () => {
  const trace = (index: number) => ({
    id: (index + 4096).toString(16).padStart(32, '0'),
    at: clock.now(),
    name: 'GET /',
    durationMs: 5,
    status: 'ok' as const,
    keptBecause: 'sampled' as const,
    instance: 'x',
    spans: [
      {
        traceId: 'a'.repeat(32),
        spanId: 'b'.repeat(16),
        name: 'GET /',
        kind: 'server' as const,
        startedAt: 1,
        durationMs: 5,
        status: 'unset' as const,
        attributes: {},
      },
    ],
  });
  await intake.accept(batch({ traces: Array.from({ length: 100 }, (_, index) => trace(index)) }));
  expect(await state.count('traces')).toBe(20);
  expect(intake.dropped).toEqual({ traces: 80 });
});
