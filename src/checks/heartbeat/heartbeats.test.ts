import { describe, expect, test } from 'vitest';
import type { CheckOutcome } from '../../model/check.ts';
import { silentLog } from '../../model/log.ts';
import { createFakeClock, type FakeClock } from '../../testing/fake-clock.ts';
import { createMemoryStateStore } from '../../testing/memory-state-store.ts';
import { checkContract } from '../check.contract.ts';
import { createHeartbeats } from './heartbeats.ts';
import { heartbeatsSettings } from './settings.ts';

const minute = 60_000;
const hour = 60 * minute;

async function setUp(
  heartbeat: object,
  options: { clock?: FakeClock; state?: ReturnType<typeof createMemoryStateStore> } = {},
) {
  const clock = options.clock ?? createFakeClock();
  const state = options.state ?? createMemoryStateStore();
  const reported: string[] = [];
  const heartbeats = createHeartbeats({
    settings: heartbeatsSettings.parse([{ key: 'job', ...heartbeat }]),
    state,
    clock,
    log: silentLog,
    onReport: (id) => reported.push(id),
  });
  await heartbeats.start();
  const look = (): Promise<CheckOutcome> => heartbeats.checks[0]!.run(new AbortController().signal);
  const report = (kind: 'start' | 'success' | 'failure' = 'success', more: object = {}) =>
    heartbeats.view.report('job', { kind, ...more });
  /** Time passes, and the check looks every ten seconds, as it does in life. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 10_000) {
      await clock.advance(Math.min(left, 10_000));
      await look();
    }
    return look();
  };
  return { clock, state, heartbeats, look, report, pass, reported };
}

checkContract('heartbeat', {
  healthy: async () => {
    const { heartbeats, report } = await setUp({ interval_seconds: 60 });
    await report('success', { message: 'token=geheim-3 done' });
    return heartbeats.checks[0]!;
  },
  broken: async () => {
    const { heartbeats, report } = await setUp({ interval_seconds: 60 });
    await report('failure', { code: 3, message: 'password=geheim-4 wrong' });
    return heartbeats.checks[0]!;
  },
  secrets: ['geheim-3', 'geheim-4'],
});

describe('an interval', () => {
  test('is late after its grace, says since when, and is well with the next report', async () => {
    const { report, pass, look } = await setUp({ interval_seconds: 3600, grace_seconds: 300 });
    expect((await look()).status).toBe('unknown');
    await report();
    expect(await pass(hour)).toMatchObject({ status: 'ok' });
    expect(await pass(4 * minute)).toMatchObject({ status: 'ok', seen: { phase: 'due' } });
    expect(await pass(2 * minute)).toMatchObject({
      status: 'error',
      reason: expect.stringMatching(/^expected at \d{4}-.*, last seen at \d{4}-/),
      seen: { phase: 'late' },
    });
    await report();
    expect(await look()).toMatchObject({ status: 'ok', seen: { phase: 'ok' } });
  });

  test('that never reports is late too', async () => {
    const { pass } = await setUp({ interval_seconds: 3600, grace_seconds: 300 });
    expect((await pass(hour)).status).toBe('unknown');
    expect(await pass(6 * minute)).toMatchObject({
      status: 'error',
      reason: expect.stringContaining('it has never reported'),
    });
  });
});

describe('a schedule', () => {
  test('expects one report for each of its times, in its own zone, over a change of the clock', async () => {
    const clock = createFakeClock(Date.parse('2026-03-27T00:00:00Z'));
    const { report, pass, heartbeats } = await setUp(
      { schedule: '30 2 * * *', time_zone: 'Europe/Berlin', grace_seconds: 600 },
      { clock },
    );
    const expected = () => new Date(heartbeats.view.all()[0]!.expectedAt!).toISOString();
    expect(expected()).toBe('2026-03-27T01:30:00.000Z');
    await pass(2 * hour);
    await report();
    expect(expected()).toBe('2026-03-28T01:30:00.000Z');
    await clock.advance(24 * hour);
    await report();
    // 02:30 does not exist on the 29th: it comes when the clock has jumped to 03:00.
    expect(expected()).toBe('2026-03-29T01:00:00.000Z');
  });

  test('takes a report that comes a little early for the one that is due', async () => {
    const clock = createFakeClock(Date.parse('2026-03-27T01:59:50Z'));
    const { report, heartbeats } = await setUp({ schedule: '0 * * * *', time_zone: 'UTC' }, { clock });
    await report();
    expect(heartbeats.view.all()[0]!.expectedAt).toBe(Date.parse('2026-03-27T03:00:00Z'));
  });
});

describe('runs', () => {
  test('are measured from start to end', async () => {
    const { report, pass, look } = await setUp({ interval_seconds: 3600 });
    await report('start');
    expect(await pass(5 * minute)).toMatchObject({ status: 'ok', seen: { phase: 'running', open_runs: 1 } });
    await report();
    expect(await look()).toMatchObject({
      seen: { last_duration_ms: 5 * minute },
      samples: [{ name: 'heartbeat_duration_seconds', value: 300 }],
    });
    expect((await look()).samples).toBeUndefined();
  });

  test('that overlap are told apart by their names, and without names end in the order of their starts', async () => {
    const { clock, report, look } = await setUp({ interval_seconds: 3600 });
    await report('start', { run: 'a' });
    await clock.advance(minute);
    await report('start', { run: 'b' });
    await clock.advance(minute);
    await report('success', { run: 'b' });
    expect((await look()).seen).toMatchObject({ last_duration_ms: minute, open_runs: 1, overlapping_runs: 1 });
    await report('start');
    await report();
    expect((await look()).seen).toMatchObject({ last_duration_ms: 2 * minute, open_runs: 1 });
  });

  test('that take too long are an error, with a limit and without', async () => {
    const limited = await setUp({ interval_seconds: 7200, max_runtime_seconds: 600 });
    await limited.report('start');
    expect(await limited.pass(11 * minute)).toMatchObject({
      status: 'error',
      reason: expect.stringContaining('at most 10 m is allowed'),
      seen: { phase: 'overrun' },
    });
    const free = await setUp({ interval_seconds: 3600, grace_seconds: 60 });
    await free.report('start');
    expect((await free.pass(30 * minute)).status).toBe('ok');
    expect(await free.pass(2 * hour)).toMatchObject({ status: 'error', seen: { phase: 'late' } });
  });

  test('that begin in time and take long are waited for', async () => {
    const { report, pass } = await setUp({ interval_seconds: 3600, grace_seconds: 60, max_runtime_seconds: 5400 });
    await report();
    await pass(hour);
    await report('start');
    expect((await pass(80 * minute)).status).toBe('ok');
  });

  test('that fail say their code and their last line, until one works', async () => {
    const { report, look } = await setUp({ interval_seconds: 3600 });
    await report('failure', { code: 2, message: 'dumping\npg_dump: connection refused' });
    expect(await look()).toMatchObject({
      status: 'error',
      reason: expect.stringMatching(/^reported a failure with exit code 2 at .*: pg_dump: connection refused$/),
    });
    await report('success', { code: 1 });
    expect((await look()).status).toBe('error');
    await report();
    expect((await look()).status).toBe('ok');
  });

  test('keep the end of a long log, bounded and without secrets', async () => {
    const { report, look } = await setUp({ interval_seconds: 3600 });
    await report('success', { message: `${'x'.repeat(100_000)} password=geheim-1 the end` });
    const message = String((await look()).seen.message);
    expect(message.length).toBeLessThan(4200);
    expect(message).toMatch(/password=\[masked\] the end$/);
  });
});

describe('our own absence', () => {
  const settings = { interval_seconds: 3600, grace_seconds: 300 };

  test('over a restart nothing is forgotten', async () => {
    const first = await setUp(settings);
    await first.report('start', { run: 'a' });
    await first.clock.advance(minute);
    const second = await setUp(settings, { clock: first.clock, state: first.state });
    await second.report('success', { run: 'a' });
    expect((await second.look()).seen.last_duration_ms).toBe(minute);
  });

  test('a report that may have come while nobody listened is not missed', async () => {
    const first = await setUp(settings);
    await first.report();
    await first.pass(50 * minute);
    first.heartbeats.stop();
    await first.clock.advance(3 * hour);
    const second = await setUp(settings, { clock: first.clock, state: first.state });
    expect((await second.look()).status).toBe('ok');
    expect((await second.pass(hour + 2 * minute)).status).toBe('ok');
    expect((await second.pass(5 * minute)).status).toBe('error');
  });

  test('what was late before stays late', async () => {
    const first = await setUp(settings);
    await first.report();
    await first.pass(2 * hour);
    first.heartbeats.stop();
    await first.clock.advance(hour);
    const second = await setUp(settings, { clock: first.clock, state: first.state });
    expect((await second.look()).status).toBe('error');
  });

  test('a machine that slept blames no job, and a clock that is set back neither', async () => {
    const { clock, report, pass, look } = await setUp(settings);
    await report();
    await pass(10 * minute);
    clock.jump(8 * hour);
    expect((await look()).status).toBe('ok');
    clock.jump(-20 * hour);
    expect((await look()).status).toBe('ok');
    expect((await pass(2 * hour)).status).toBe('error');
  });
});

test('settings that contradict themselves are refused', () => {
  const problems = (...list: object[]) =>
    heartbeatsSettings.safeParse(list).error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  expect(problems({ key: 'a' })).toEqual(['0: needs schedule or interval_seconds, one of them']);
  expect(problems({ key: 'a b', interval_seconds: 60 })?.[0]).toMatch(/^0.key: expected 1 to 100 letters/);
  expect(problems({ key: 'a', schedule: '61 * * * *' })?.[0]).toMatch(/^0.schedule: is no cron pattern/);
  expect(problems({ key: 'a', interval_seconds: 60, time_zone: 'UTC' })).toEqual(['0.time_zone: belongs to schedule']);
  expect(problems({ key: 'a', interval_seconds: 60 }, { key: 'a', name: 'b', interval_seconds: 60 })).toEqual([
    '1.key: "a" is used twice',
  ]);
});
