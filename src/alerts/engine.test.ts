import { describe, expect, it } from 'vitest';
import type { CheckComponent, CheckResult } from '../model/check.ts';
import type { MonitorEvent } from '../model/event.ts';
import { silentLog } from '../model/log.ts';
import type { OutboxEntry } from '../model/notification.ts';
import type { SeriesStore } from '../model/store.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createMemoryStateStore } from '../testing/memory-state-store.ts';
import { type AlertEngine, createAlertEngine } from './engine.ts';
import { seedThresholds } from './seed-thresholds.contract.ts';
import { alertsSettings } from './settings.ts';
import type { Channel } from './telling.ts';

const { thresholds, checks } = seedThresholds;

async function setUp(options: { channels?: Channel[]; alerts?: object } = {}) {
  const clock = createFakeClock();
  const state = createMemoryStateStore();
  const events: MonitorEvent[] = [];
  const owed: OutboxEntry[] = [];
  const channels = options.channels ?? [{ name: 'webhooks[0]', minSeverity: 'warning' as const }];
  const open = (checkIds?: string[]): Promise<AlertEngine> =>
    createAlertEngine({
      settings: alertsSettings.parse(options.alerts ?? {}),
      thresholds,
      checks,
      state,
      // No built-in rule reads series.
      series: {} as SeriesStore,
      channels: () => channels,
      clock,
      emit: (event) => events.push(event),
      log: silentLog,
      onOwed: (entries) => owed.push(...entries),
      ...(checkIds ? { checkIds } : {}),
    });
  return { clock, state, events, owed, channels, open, engine: await open() };
}

function result(id: string, status: CheckResult['status'], extra: Partial<CheckResult> = {}): CheckResult {
  const component = id.split(':')[0] as CheckComponent;
  return {
    check: {
      id,
      kind: component,
      component,
      name: id.split(':')[1] ?? id,
      target: 'somewhere',
      intervalMs: 60_000,
      timeoutMs: 5000,
      explanation: '',
    },
    status,
    reason: status === 'ok' ? 'fine' : 'connection refused',
    seen: {},
    at: 0,
    durationMs: 5,
    ...extra,
  };
}

const cpu = (ratio: number) =>
  result('system', 'ok', { samples: [{ name: 'system_cpu_usage_ratio', labels: {}, value: ratio }] });

describe('what is explained or planned', () => {
  const cause = { check: 'database:main', name: 'main', reason: 'connection refused' };
  const planned = { name: 'move', until: 1 };

  it('tells nobody of failures because of a parent, nor of failures in a planned maintenance', async () => {
    const { engine, owed } = await setUp();
    for (let i = 0; i < 5; i++) {
      await engine.observe(result('api:/orders', 'error', { becauseOf: cause }));
      await engine.observe(result('database:replica', 'error', { maintenance: planned }));
      await engine.observe(result('database:main', 'error'));
    }
    expect(engine.view.active().map((episode) => episode.labels.check)).toEqual(['database:main']);
    expect(owed).toHaveLength(1);
  });

  it('lets an alert that fires go on firing meanwhile, and end with good answers', async () => {
    const { engine, owed } = await setUp();
    for (let i = 0; i < 3; i++) await engine.observe(result('database:main', 'error'));
    for (let i = 0; i < 3; i++) await engine.observe(result('database:main', 'error', { maintenance: planned }));
    expect(engine.view.active()[0]?.state).toBe('firing');
    for (let i = 0; i < 2; i++) await engine.observe(result('database:main', 'ok', { maintenance: planned }));
    expect(engine.view.active()).toEqual([]);
    expect(owed.map((entry) => entry.event)).toEqual(['firing', 'resolved']);
  });
});

describe('database_connection_failure', () => {
  it('fires after the configured failures in a row, once, and ends after two good answers', async () => {
    const { engine, owed, state } = await setUp();
    for (const status of ['error', 'error'] as const) await engine.observe(result('database:main', status));
    expect(engine.view.active()[0]?.state).toBe('pending');
    expect(owed).toEqual([]);
    for (let i = 0; i < 5; i++) await engine.observe(result('database:main', 'error'));
    const [episode] = engine.view.active();
    expect(episode).toMatchObject({
      alertType: 'database_connection_failure',
      source: 'database',
      severity: 'error',
      state: 'firing',
      notified: true,
      labels: { database: 'main' },
    });
    expect(owed).toHaveLength(1);
    expect(owed[0]).toMatchObject({ channel: 'webhooks[0]', event: 'firing', state: 'queued', episodeId: episode?.id });
    await engine.observe(result('database:main', 'ok'));
    expect(engine.view.active()).toHaveLength(1);
    await engine.observe(result('database:main', 'ok'));
    expect(engine.view.active()).toEqual([]);
    expect(owed.map((entry) => entry.event)).toEqual(['firing', 'resolved']);
    expect(owed[1]?.facts.status).toBe('resolved');
    expect(state.all('transitions').map((each) => each.kind)).toEqual(['firing', 'resolved']);
    expect(state.all('outbox')).toHaveLength(2);
  });

  it('forgets a pending alert without telling anybody and without leaving a record', async () => {
    const { engine, owed, state } = await setUp();
    await engine.observe(result('database:main', 'error'));
    await engine.observe(result('database:main', 'ok'));
    await engine.observe(result('database:main', 'error'));
    await engine.observe(result('database:main', 'error'));
    expect(engine.view.active()[0]?.state).toBe('pending');
    await engine.observe(result('database:main', 'ok'));
    expect(owed).toEqual([]);
    expect(state.all('episodes')).toEqual([]);
    expect(state.all('transitions')).toEqual([]);
  });

  it('keeps an episode apart for each connection', async () => {
    const { engine } = await setUp();
    for (let i = 0; i < 3; i++) {
      await engine.observe(result('database:one', 'error'));
      await engine.observe(result('database:two', 'error'));
    }
    expect(engine.view.active().map((episode) => episode.labels.database)).toEqual(['one', 'two']);
  });

  it('counts neither inconclusive nor unknown results, for better or worse', async () => {
    const { engine } = await setUp();
    await engine.observe(result('database:main', 'error'));
    await engine.observe(result('database:main', 'error', { inconclusive: true }));
    await engine.observe(result('database:main', 'unknown'));
    await engine.observe(result('database:main', 'error'));
    expect(engine.view.active()[0]).toMatchObject({ state: 'pending', tally: { bad: 2 } });
    await engine.observe(result('database:main', 'error'));
    await engine.observe(result('database:main', 'ok', { inconclusive: true }));
    await engine.observe(result('database:main', 'ok', { inconclusive: true }));
    expect(engine.view.active()[0]?.state).toBe('firing');
  });

  it('goes on counting after a crash between two failures', async () => {
    const { engine, open, owed } = await setUp();
    await engine.observe(result('database:main', 'error'));
    await engine.observe(result('database:main', 'error'));
    const restarted = await open();
    await restarted.observe(result('database:main', 'error'));
    expect(restarted.view.active()[0]?.state).toBe('firing');
    const again = await open();
    await again.observe(result('database:main', 'error'));
    await again.observe(result('database:main', 'ok'));
    const third = await open();
    await third.observe(result('database:main', 'ok'));
    expect(third.view.active()).toEqual([]);
    expect(owed.map((entry) => entry.event)).toEqual(['firing', 'resolved']);
  });

  it('ends the alert of a connection that was taken out of the configuration', async () => {
    const { engine, open, owed } = await setUp();
    for (let i = 0; i < 3; i++) await engine.observe(result('database:old', 'error'));
    const restarted = await open(['database:new']);
    expect(restarted.view.active()).toEqual([]);
    expect(owed.at(-1)).toMatchObject({
      event: 'resolved',
      facts: { reason: expect.stringContaining('no longer configured') },
    });
  });
});

describe('high_cpu_usage', () => {
  it('counts only values above the threshold on the way to firing', async () => {
    const { engine } = await setUp();
    await engine.observe(cpu(0.82));
    await engine.observe(cpu(0.758));
    expect(engine.view.active()).toEqual([]);
    await engine.observe(cpu(0.82));
    await engine.observe(cpu(0.83));
    expect(engine.view.active()).toMatchObject([{ state: 'firing', severity: 'warning' }]);
    await engine.observe(cpu(0.77));
    expect(engine.view.active()).toMatchObject([{ state: 'firing', reason: '77.0 % has not fallen to 75 % yet' }]);
    await engine.stop();
  });

  it('lets one spike pass, then warns, escalates and ends below the threshold minus the hysteresis', async () => {
    const { engine, owed } = await setUp();
    await engine.observe(cpu(0.95));
    await engine.observe(cpu(0.3));
    expect(engine.view.active()).toEqual([]);
    await engine.observe(cpu(0.85));
    await engine.observe(cpu(0.85));
    expect(engine.view.active()[0]).toMatchObject({
      alertType: 'high_cpu_usage',
      source: 'system',
      severity: 'warning',
      value: 85,
      unit: 'percent',
    });
    await engine.observe(cpu(0.95));
    expect(engine.view.active()[0]?.severity).toBe('warning');
    await engine.observe(cpu(0.95));
    expect(engine.view.active()[0]).toMatchObject({ severity: 'error', value: 95, threshold: 90 });
    await engine.observe(cpu(0.87));
    await engine.observe(cpu(0.87));
    expect(engine.view.active()[0]?.severity).toBe('error');
    await engine.observe(cpu(0.84));
    await engine.observe(cpu(0.84));
    expect(engine.view.active()[0]?.severity).toBe('warning');
    await engine.observe(cpu(0.78));
    await engine.observe(cpu(0.78));
    expect(engine.view.active()).toHaveLength(1);
    await engine.observe(cpu(0.7));
    await engine.observe(cpu(0.7));
    expect(engine.view.active()).toEqual([]);
    expect(owed.map((entry) => entry.event)).toEqual(['firing', 'escalated', 'resolved']);
  });

  it('keeps firing for the configured time after the last bad sample', async () => {
    const { engine, clock } = await setUp({ alerts: { keep_firing_for_seconds: 60 } });
    await engine.observe(cpu(0.95));
    await engine.observe(cpu(0.95));
    for (let i = 0; i < 3; i++) {
      await engine.observe(cpu(0.1));
      await clock.advance(20_000);
    }
    expect(engine.view.active()).toHaveLength(1);
    await engine.observe(cpu(0.1));
    expect(engine.view.active()).toEqual([]);
  });

  it('makes an episode for each disk', async () => {
    const { engine } = await setUp();
    const sample = (path: string, value: number) => ({ name: 'system_disk_usage_ratio', labels: { path }, value });
    await engine.observe(
      result('system', 'ok', { samples: [sample('/', 0.95), sample('/data', 0.2), sample('/var', 0.85)] }),
    );
    expect(engine.view.active().map((each) => [each.labels.path, each.severity])).toEqual([
      ['/', 'error'],
      ['/var', 'warning'],
    ]);
  });
});

describe('api_health_degraded', () => {
  it('is an error as soon as the configured number of endpoints fail in their latest results', async () => {
    const { engine } = await setUp();
    for (const name of ['a', 'b', 'c', 'd']) await engine.observe(result(`api:${name}`, 'ok'));
    await engine.observe(result('api:a', 'error'));
    await engine.observe(result('api:b', 'error'));
    expect(engine.view.active()).toEqual([]);
    await engine.observe(result('api:c', 'error'));
    expect(engine.view.active()).toMatchObject([
      { alertType: 'api_health_degraded', source: 'api', severity: 'error', state: 'firing', value: 3, threshold: 3 },
    ]);
  });

  it('tells somebody with a single endpoint after as many failures in a row', async () => {
    const { engine } = await setUp();
    for (let i = 0; i < 2; i++) await engine.observe(result('api:only', 'error'));
    expect(engine.view.active()).toEqual([]);
    await engine.observe(result('api:only', 'error'));
    expect(engine.view.active()).toMatchObject([{ severity: 'error', state: 'firing' }]);
  });

  it('is a warning while one of several endpoints keeps failing', async () => {
    const { engine } = await setUp();
    await engine.observe(result('api:good', 'ok'));
    for (let i = 0; i < 3; i++) await engine.observe(result('api:bad', 'error'));
    expect(engine.view.active()).toMatchObject([
      { severity: 'warning', context: { failing: { bad: 'connection refused' } } },
    ]);
  });

  it('does not end after a restart because the other endpoints have not been asked yet', async () => {
    const { engine, open } = await setUp();
    for (const name of ['a', 'b', 'c']) await engine.observe(result(`api:${name}`, 'error'));
    const restarted = await open();
    await restarted.observe(result('api:a', 'error'));
    await restarted.observe(result('api:b', 'error'));
    expect(restarted.view.active()).toMatchObject([{ state: 'firing', value: 3 }]);
  });
});

describe('slow_api_response', () => {
  const answer = (durationMs: number, levels?: { warning: number; error: number }) =>
    result('api:report', durationMs > (levels?.error ?? 2000) ? 'error' : 'ok', {
      durationMs,
      conditions: [
        { id: 'response-time', condition: '', met: false, seen: '', severity: 'error', ...(levels ? { levels } : {}) },
      ],
    });

  it('warns and errs by the thresholds, and is not told a second time as a failing endpoint', async () => {
    const { engine } = await setUp();
    for (let i = 0; i < 3; i++) await engine.observe(answer(600));
    expect(engine.view.active()).toMatchObject([
      { alertType: 'slow_api_response', severity: 'warning', threshold: 500 },
    ]);
    for (let i = 0; i < 3; i++) await engine.observe(answer(2500));
    expect(engine.view.active()).toMatchObject([
      { alertType: 'slow_api_response', severity: 'error', threshold: 2000 },
    ]);
    for (let i = 0; i < 2; i++) await engine.observe(answer(100));
    expect(engine.view.active()).toEqual([]);
  });

  it('goes by the thresholds of the endpoint where it has its own', async () => {
    const { engine } = await setUp();
    const own = { warning: 10_000, error: 20_000 };
    for (let i = 0; i < 5; i++) await engine.observe(answer(8000, own));
    expect(engine.view.active()).toEqual([]);
    for (let i = 0; i < 3; i++) await engine.observe(answer(15_000, own));
    expect(engine.view.active()).toMatchObject([{ severity: 'warning', threshold: 10_000 }]);
  });
});

describe('who is told', () => {
  it('tells each channel from its own severity on, and the end only to those who heard the begin', async () => {
    const channels: Channel[] = [
      { name: 'log', minSeverity: 'info' },
      { name: 'sms', minSeverity: 'error' },
    ];
    const { engine, owed } = await setUp({ channels });
    await engine.observe(cpu(0.85));
    await engine.observe(cpu(0.85));
    expect(owed.map((entry) => [entry.channel, entry.event])).toEqual([['log', 'firing']]);
    await engine.observe(cpu(0.95));
    await engine.observe(cpu(0.95));
    expect(owed.slice(1).map((entry) => [entry.channel, entry.event])).toEqual([
      ['log', 'escalated'],
      ['sms', 'firing'],
    ]);
    for (let i = 0; i < 2; i++) await engine.observe(cpu(0.1));
    expect(owed.slice(3).map((entry) => [entry.channel, entry.event])).toEqual([
      ['log', 'resolved'],
      ['sms', 'resolved'],
    ]);
  });

  it('does not ask a channel to tell of its own failure', async () => {
    const channels: Channel[] = [
      { name: 'slack', minSeverity: 'info' },
      { name: 'email', minSeverity: 'info' },
    ];
    const { engine, owed } = await setUp({ channels });
    await engine.observeDelivery({ channel: 'slack', delivered: false, summary: 'POST -> 410' });
    expect(owed.map((entry) => entry.channel)).toEqual(['email']);
    await engine.observeDelivery({ channel: 'slack', delivered: true, summary: 'delivered' });
    expect(owed.map((entry) => [entry.channel, entry.event])).toEqual([
      ['email', 'firing'],
      ['email', 'resolved'],
    ]);
  });

  it('tells a channel that was added while an alert fires', async () => {
    const { engine, open, owed, channels } = await setUp();
    for (let i = 0; i < 3; i++) await engine.observe(result('database:main', 'error'));
    channels.push({ name: 'slack', minSeverity: 'warning' });
    await open();
    expect(owed.map((entry) => [entry.channel, entry.event])).toEqual([
      ['webhooks[0]', 'firing'],
      ['slack', 'firing'],
    ]);
  });
});

describe('silences', () => {
  const byType = {
    matchers: [{ name: 'alert_type', op: '=', value: 'high_cpu_usage' }] as const,
    createdBy: 'ann',
    comment: '',
  };

  it('records a silenced alert but tells nobody, and tells it when the silence ends while it fires', async () => {
    const { engine, clock, owed, events } = await setUp();
    await engine.view.silence({ ...byType, durationMs: 600_000 });
    for (let i = 0; i < 2; i++) await engine.observe(cpu(0.95));
    expect(engine.view.active()[0]).toMatchObject({ state: 'firing', notified: false, silencedBy: expect.any(String) });
    expect(owed).toEqual([]);
    await clock.advance(600_000);
    await engine.tick();
    expect(owed.map((entry) => entry.event)).toEqual(['firing']);
    expect(engine.view.active()[0]?.silencedBy).toBeUndefined();
    expect(engine.view.silences()).toEqual([]);
    expect(events.filter((event) => event.type === 'silence').map((event) => event.ended)).toEqual([false, true]);
  });

  it('tells the end of an alert that was told before it was silenced', async () => {
    const { engine, owed } = await setUp();
    for (let i = 0; i < 2; i++) await engine.observe(cpu(0.95));
    await engine.view.silence({ ...byType, durationMs: 600_000 });
    for (let i = 0; i < 2; i++) await engine.observe(cpu(0.1));
    expect(owed.map((entry) => entry.event)).toEqual(['firing', 'resolved']);
  });

  it('tells nothing at all of an alert that began and ended in silence', async () => {
    const { engine, owed, state } = await setUp();
    await engine.view.silence({ ...byType, durationMs: 600_000 });
    for (let i = 0; i < 2; i++) await engine.observe(cpu(0.95));
    for (let i = 0; i < 2; i++) await engine.observe(cpu(0.1));
    expect(owed).toEqual([]);
    expect(state.all('episodes')).toMatchObject([{ state: 'resolved', alertType: 'high_cpu_usage' }]);
  });

  it('survives a crash, also when its time ends while the monitor is down', async () => {
    const { engine, open, clock, owed } = await setUp();
    await engine.view.silence({ ...byType, durationMs: 600_000 });
    for (let i = 0; i < 2; i++) await engine.observe(cpu(0.95));
    const second = await open();
    expect(second.view.silences()).toHaveLength(1);
    expect(owed).toEqual([]);
    await clock.advance(700_000);
    await open();
    expect(owed.map((entry) => entry.event)).toEqual(['firing']);
  });

  it('can be taken away, and chooses with regular expressions over labels', async () => {
    const { clock, engine, owed } = await setUp();
    const silence = await engine.view.silence({
      matchers: [
        { name: 'source', op: '=', value: 'database' },
        { name: 'database', op: '=~', value: 'rep.*' },
      ],
      durationMs: 1000,
      createdBy: 'ann',
      comment: 'moving it',
    });
    for (let i = 0; i < 3; i++) {
      await engine.observe(result('database:replica', 'error'));
      await engine.observe(result('database:main', 'error'));
    }
    expect(owed.map((entry) => entry.facts.labels.database)).toEqual(['main']);
    expect(await engine.view.unsilence(silence.id, 'bob')).toBe(true);
    expect(await engine.view.unsilence(silence.id, 'bob')).toBe(false);
    await clock.advance(500);
    expect(owed.map((entry) => entry.facts.labels.database)).toEqual(['main', 'replica']);
  });

  it('refuses one that would match everything, last for ever or cannot be read', async () => {
    const { engine } = await setUp();
    const request = { ...byType, durationMs: 1000 };
    await expect(engine.view.silence({ ...request, matchers: [] })).rejects.toThrow('silence everything');
    await expect(engine.view.silence({ ...request, durationMs: Number.NaN })).rejects.toThrow('cannot last');
    const broken = [{ name: 'source', op: '=~' as const, value: '(' }];
    await expect(engine.view.silence({ ...request, matchers: broken })).rejects.toThrow('not valid');
  });
});

describe('alerts by hand', () => {
  const alert = { alertType: 'backup_late', source: 'cron', severity: 'warning', message: 'no backup yet' } as const;

  it('doubles no episode, escalates, and ends with resolve', async () => {
    const { engine, owed } = await setUp();
    const first = await engine.view.raise(alert);
    const second = await engine.view.raise({ ...alert, message: 'still no backup' });
    expect(second.id).toBe(first.id);
    expect(second.message).toBe('still no backup');
    await engine.view.raise({ ...alert, severity: 'critical' });
    expect(owed.map((entry) => entry.event)).toEqual(['firing', 'escalated']);
    expect(await engine.view.resolve('backup_late', 'elsewhere')).toBe(0);
    expect(await engine.view.resolve('backup_late')).toBe(1);
    expect(owed.map((entry) => entry.event)).toEqual(['firing', 'escalated', 'resolved']);
  });

  it('refuses what is not an alert', async () => {
    const { engine } = await setUp();
    await expect(engine.view.raise({ ...alert, message: '' })).rejects.toThrow('message');
    await expect(engine.view.raise({ ...alert, severity: 'dire' as never })).rejects.toThrow('not a severity');
  });

  it('keeps who acknowledged it, and why', async () => {
    const { engine, open, state } = await setUp();
    const { id } = await engine.view.raise(alert);
    expect(await engine.view.acknowledge(id, 'ann', 'on it')).toMatchObject({
      acknowledged: { by: 'ann', note: 'on it' },
    });
    expect(await engine.view.acknowledge('nonsense', 'ann', '')).toBeUndefined();
    const restarted = await open();
    expect(restarted.view.active()[0]?.acknowledged?.by).toBe('ann');
    expect(state.all('transitions').map((each) => [each.kind, each.by])).toContainEqual(['acknowledged', 'ann']);
  });
});

describe('a clock that is set back', () => {
  it('neither lengthens a silence nor loses an alert', async () => {
    const { engine, clock, owed } = await setUp();
    await engine.view.silence({
      matchers: [{ name: 'alert_type', op: '=', value: 'high_cpu_usage' }],
      durationMs: 600_000,
      createdBy: 'ann',
      comment: '',
    });
    await engine.observe(cpu(0.95));
    clock.jump(-86_400_000);
    await engine.observe(cpu(0.95));
    expect(engine.view.active()[0]?.state).toBe('firing');
    expect(engine.view.active()[0]!.startedAt).toBeLessThanOrEqual(clock.now());
    await clock.advance(600_000);
    await engine.tick();
    expect(owed.map((entry) => entry.event)).toEqual(['firing']);
  });
});

describe('a disk that cannot be written', () => {
  it('tells alerts all the same, says so to callers, and stores everything once it can', async () => {
    const { clock, engine, state, owed } = await setUp();
    state.failWith(new Error('disk is full'));
    await expect(engine.view.raise({ alertType: 'x', source: 's', severity: 'error', message: 'm' })).rejects.toThrow(
      'disk is full',
    );
    await engine.observeStore('no space left');
    await clock.advance(500);
    expect(owed.map((entry) => entry.facts.alertType)).toEqual(['x', 'store_problem']);
    expect(engine.view.active()).toHaveLength(2);
    state.failWith(undefined);
    await engine.tick();
    expect(state.all('episodes')).toHaveLength(2);
    expect(state.all('transitions')).toHaveLength(2);
  });
});
