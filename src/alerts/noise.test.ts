import { describe, expect, it } from 'vitest';
import { noon, startNoise } from './noise-harness.contract.ts';

const minute = 60_000;
const hour = 60 * minute;
const alerts = (count: number) => Array.from({ length: count }, (_, n) => `alert_${n}`);

describe('a storm', () => {
  it('tells ten thousand alerts in at most three messages a channel, and their ends in as few', async () => {
    const { state, raise, resolve, pass, entries, engine } = await startNoise(
      {},
      {
        channels: [
          { name: 'chat', minSeverity: 'warning' },
          { name: 'pager', minSeverity: 'error', individually: true, acknowledgements: true },
        ],
      },
    );
    await Promise.all(alerts(10_000).map((name) => raise('flood', 'error', { name })));
    await pass(2 * minute, 5000);
    const begun = entries();
    for (const channel of ['chat', 'pager']) {
      const messages = begun.filter((entry) => entry.channel === channel);
      expect(messages.length).toBeLessThanOrEqual(3);
      expect(messages[0]).toMatchObject({ event: 'firing', facts: { labels: { name: 'alert_0' } } });
      const counted = messages.slice(1).reduce((sum, { facts }) => sum + (facts.context['firing'] as number), 0);
      expect(counted).toBe(9999);
    }
    expect(state.all('episodes')).toHaveLength(10_000);
    expect(state.all('transitions').filter(({ kind }) => kind === 'firing')).toHaveLength(10_000);
    await resolve('flood');
    await pass(10 * minute, 5000);
    expect(engine.view.active()).toEqual([]);
    const ended = entries();
    for (const channel of ['chat', 'pager']) {
      const messages = ended.filter((entry) => entry.channel === channel);
      expect(messages.length).toBeLessThanOrEqual(3);
      expect(messages.every(({ facts }) => facts.status === 'resolved')).toBe(true);
      const incidents = new Set(begun.filter((entry) => entry.channel === channel).map(({ facts }) => facts.alertId));
      expect(new Set(messages.map(({ facts }) => facts.alertId))).toEqual(incidents);
    }
    expect(state.all('memory').filter(({ id }) => id.startsWith('alerts:'))).toEqual([]);
  }, 60_000);

  it('tells the second of two alerts half a second after the first, by itself', async () => {
    const { raise, clock, told } = await startNoise();
    await raise('a');
    await raise('b');
    expect(told()).toEqual(['chat firing a']);
    await clock.advance(500);
    expect(told()).toEqual(['chat firing b']);
  });

  it('notices a flood that comes drop by drop', async () => {
    const { raise, pass, told } = await startNoise({ storm: { per_minute: 10 } });
    for (const name of alerts(30)) {
      await raise(name);
      await pass(1000);
    }
    await pass(minute);
    const messages = told();
    expect(messages.filter((one) => one.includes('summary')).length).toBeGreaterThan(0);
    expect(messages.length).toBeLessThanOrEqual(13);
  });

  it('survives a crash between the first alert and the summary', async () => {
    const { raise, crash, pass, entries } = await startNoise();
    await Promise.all(alerts(50).map((name) => raise(name)));
    await crash();
    await pass(minute);
    const messages = entries();
    expect(messages).toHaveLength(2);
    expect(messages[1]!.facts.context).toMatchObject({ firing: 49, still_firing: 49 });
  });
});

describe('groups', () => {
  const settings = { group_by: ['cluster'], group_wait_seconds: 30, group_interval_seconds: 300 };

  it('tells the first alert at once and the others together', async () => {
    const { raise, resolve, pass, told } = await startNoise(settings);
    await raise('a', 'error', { cluster: 'one' });
    await pass(1000);
    await raise('b', 'error', { cluster: 'one' });
    await raise('c', 'error', { cluster: 'one' });
    await raise('d', 'error', { cluster: 'two' });
    expect(told()).toEqual(['chat firing a', 'chat firing d']);
    await pass(29_000);
    expect(told()).toEqual(['chat summary firing: 2 more alerts fire: b (1), c (1)']);
    await raise('e', 'error', { cluster: 'one' });
    await resolve('b');
    await pass(299_000);
    expect(told()).toEqual([]);
    await pass(1000);
    expect(told()).toEqual([
      'chat summary firing: 1 more alert fires, 1 alert is over: e (1), b (1); 1 told before still fires',
    ]);
    for (const name of ['c', 'e']) await resolve(name);
    await pass(2000);
    expect(told()).toEqual(['chat summary resolved: 2 alerts are over: c (1), e (1); none of them fires any more']);
    await resolve('a');
    expect(told()).toEqual(['chat resolved a']);
  });

  it('explains in the alert that it waits, and survives a crash', async () => {
    const { raise, pass, crash, told, engine } = await startNoise(settings);
    await raise('a');
    await pass(1000);
    await raise('b');
    expect(engine.view.active().find(({ alertType }) => alertType === 'b')?.holds).toMatchObject([
      { kind: 'grouped', text: 'told in the next summary of cluster=', until: noon + 30_000 },
    ]);
    await crash();
    await pass(30_000);
    expect(told()).toEqual(['chat firing a', 'chat firing b']);
  });
});

describe('acknowledging', () => {
  it('lapses after its time, and the alert is told again', async () => {
    const { engine, raise, pass, told, state } = await startNoise();
    const { id } = await raise('a');
    await engine.view.acknowledge(id, 'ann', 'on it', 2 * hour);
    told();
    await pass(2 * hour - minute, minute);
    expect(told()).toEqual([]);
    expect(engine.view.active()[0]?.acknowledged).toMatchObject({ by: 'ann', note: 'on it', until: noon + 2 * hour });
    await pass(minute);
    expect(told()).toEqual(['chat reminder a']);
    expect(engine.view.active()[0]?.acknowledged).toBeUndefined();
    expect(state.all('transitions').at(-1)).toMatchObject({
      kind: 'unacknowledged',
      reason: 'the acknowledgement of ann has lapsed',
    });
  });

  it('keeps an alert that nobody acknowledges from being forgotten', async () => {
    const { engine, raise, pass, told } = await startNoise();
    const { id } = await raise('a');
    told();
    await pass(9 * hour, minute);
    expect(told()).toEqual(['chat reminder a', 'chat reminder a']);
    await engine.view.acknowledge(id, 'ann', '');
    await pass(9 * hour, minute);
    expect(told()).toEqual([]);
    await engine.view.unacknowledge(id, 'bob', 'ann is ill');
    expect(told()).toEqual(['chat reminder a']);
  });

  it('survives a crash', async () => {
    const { engine, raise, crash, pass, told } = await startNoise();
    const { id } = await raise('a');
    await engine.view.acknowledge(id, 'ann', '', hour);
    told();
    await crash();
    await pass(hour, minute);
    expect(told()).toEqual(['chat reminder a']);
  });
});

describe('inhibition', () => {
  const settings = {
    inhibit_rules: [
      { source_matchers: ['alert_type=down'], target_matchers: ['severity=~"warning|error"'], equal: ['host'] },
    ],
  };

  it('keeps an alert quiet while the other one fires, and tells it when that one is over', async () => {
    const { engine, raise, resolve, pass, told, state } = await startNoise(settings);
    const source = await raise('down', 'critical', { host: 'a' });
    await pass(1000);
    await raise('slow', 'warning', { host: 'a' });
    await raise('slow', 'warning', { host: 'b' });
    await pass(1000);
    expect(told()).toEqual(['chat firing down', 'chat firing slow']);
    const held = engine.view.active().find(({ alertType, labels }) => alertType === 'slow' && labels.host === 'a');
    expect(held?.holds).toMatchObject([
      { kind: 'inhibited', by: source.id, text: expect.stringContaining('because of down') },
    ]);
    await resolve('down');
    await pass(2000);
    expect(told()).toEqual(['chat resolved down', 'chat firing slow']);
    expect(
      state
        .all('transitions')
        .filter(({ episodeId }) => episodeId === held?.id)
        .map(({ kind }) => kind),
    ).toEqual(['firing', 'held', 'released']);
  });

  it('tells the end of an alert that was told before it was inhibited', async () => {
    const { raise, resolve, pass, told } = await startNoise(settings);
    await raise('slow', 'warning', { host: 'a' });
    await pass(1000);
    await raise('down', 'critical', { host: 'a' });
    await pass(1000);
    await resolve('slow');
    expect(told()).toEqual(['chat firing slow', 'chat firing down', 'chat resolved slow']);
  });

  it('lets no alert inhibit itself, nor two that fit both sides each other', async () => {
    const { raise, pass, told } = await startNoise({
      inhibit_rules: [{ source_matchers: ['severity=error'], target_matchers: ['severity=error'] }],
    });
    await raise('a');
    await pass(1000);
    await raise('b');
    expect(told()).toEqual(['chat firing a', 'chat firing b']);
  });
});

describe('quiet hours', () => {
  const settings = {
    repeat_interval_seconds: 0,
    quiet_hours: [{ name: 'nights', from: '22:00', to: '07:00', time_zone: 'Europe/Berlin' }],
  };
  const evening = Date.UTC(2026, 0, 1, 20, 59, 30);

  it('hold back what is not critical, and summarise it when they end', async () => {
    const { engine, raise, resolve, pass, told } = await startNoise(settings, { start: evening });
    await raise('before', 'warning');
    await pass(minute);
    await raise('a', 'warning');
    await raise('b', 'error');
    await raise('c', 'error');
    await raise('worst', 'critical');
    expect(told()).toEqual(['chat firing before', 'chat firing worst']);
    expect(engine.view.active().find(({ alertType }) => alertType === 'a')?.holds).toMatchObject([
      { kind: 'quiet-hours', by: 'nights', until: Date.UTC(2026, 0, 2, 6) },
    ]);
    await resolve('c');
    await resolve('before');
    await pass(9 * hour, minute);
    expect(told()).toEqual([
      'chat summary firing: While it was quiet: 2 alerts fire, 1 alert is over, 1 came and went: a (1), b (1), before (1), c (1)',
    ]);
    await resolve('a');
    await resolve('b');
    await pass(10_000);
    expect(told()).toEqual(['chat summary resolved: 2 alerts are over: a (1), b (1); none of them fires any more']);
  });

  it('survive a crash, and tell a single alert by itself', async () => {
    const { raise, pass, crash, told } = await startNoise(settings, { start: evening + minute });
    await raise('a', 'warning');
    await crash();
    await pass(8 * hour, minute);
    expect(told()).toEqual([]);
    await pass(hour + minute, minute);
    expect(told()).toEqual(['chat firing a']);
  });

  it('end an hour earlier in the night in which the clock is put forward', async () => {
    const { raise, pass, told } = await startNoise(settings, { start: Date.UTC(2026, 2, 28, 22) });
    await raise('a', 'warning');
    await pass(6 * hour + 59 * minute, minute);
    expect(told()).toEqual([]);
    await pass(2 * minute, minute);
    expect(told()).toEqual(['chat firing a']);
  });
});

describe('maintenance windows', () => {
  it('keep matching alerts quiet, and tell what still fires at their end', async () => {
    const { engine, raise, resolve, pass, told } = await startNoise({
      maintenance_windows: [
        { name: 'move', cron: '0 12 * * *', duration_minutes: 60, time_zone: 'UTC', matchers: ['source=database'] },
      ],
    });
    await raise('a', 'error', { source: 'database' });
    await raise('b', 'error', { source: 'database' });
    await raise('c', 'error', { source: 'api' });
    expect(told()).toEqual(['chat firing c']);
    expect(engine.view.noise().windows).toEqual([{ kind: 'maintenance', name: 'move', until: noon + hour }]);
    await resolve('b');
    await pass(hour + minute, minute);
    expect(told()).toEqual(['chat firing a']);
  });
});

describe('flapping', () => {
  it('is told once, then nothing until the alert has settled', async () => {
    const { engine, raise, resolve, pass, told, state } = await startNoise();
    for (let n = 0; n < 10; n++) {
      await raise('a');
      await pass(30_000);
      await resolve('a');
      await pass(30_000);
    }
    expect(told()).toEqual(['chat firing a', 'chat resolved a', 'chat firing a', 'chat resolved a', 'chat flapping a']);
    expect(engine.view.noise().flapping).toHaveLength(1);
    await pass(5 * minute);
    expect(told()).toEqual(['chat resolved a']);
    expect(engine.view.noise().flapping).toEqual([]);
    expect(state.all('episodes')).toHaveLength(3);
    expect(state.all('transitions').at(-1)?.kind).toBe('settled');
  });

  it('says when the alert has settled and still fires, also after a crash', async () => {
    const { raise, resolve, pass, crash, told } = await startNoise();
    for (let n = 0; n < 6; n++) {
      await raise('a');
      await pass(20_000);
      await resolve('a');
      await pass(20_000);
      if (n === 1 || n === 4) await crash();
    }
    await raise('a');
    expect(told().at(-1)).toBe('chat flapping a');
    await crash();
    await pass(6 * minute);
    expect(told()).toEqual(['chat reminder a']);
    await resolve('a');
    expect(told()).toEqual(['chat resolved a']);
  });
});

describe('silences', () => {
  const type = (name: string) => [{ name: 'alert_type', op: '=', value: name } as const];

  it('can last until what they cover is over', async () => {
    const { engine, raise, resolve, pass, told } = await startNoise();
    await raise('a');
    await engine.view.silence({ matchers: type('a'), untilResolved: true, createdBy: 'ann', comment: 'known' });
    await pass(hour, minute);
    expect(engine.view.silences()).toHaveLength(1);
    await resolve('a');
    await pass(2000);
    expect(engine.view.silences()).toEqual([]);
    await raise('a');
    expect(told()).toEqual(['chat firing a', 'chat resolved a', 'chat firing a']);
  });

  it('can come again by a schedule with a time zone', async () => {
    const { engine, raise, pass, told } = await startNoise();
    await engine.view.silence({
      matchers: type('a'),
      schedule: { cron: '30 14 * * *', durationMs: hour, timeZone: 'Europe/Berlin' },
      createdBy: 'ann',
      comment: 'backup',
    });
    await pass(85 * minute, minute);
    await raise('a');
    await pass(6 * minute, minute);
    expect(told()).toEqual(['chat firing a']);
    expect(engine.view.active()[0]?.holds).toMatchObject([
      { kind: 'silenced', text: 'silenced by ann: backup', until: noon + 2.5 * hour },
    ]);
    await pass(hour, minute);
    expect(engine.view.active()[0]?.holds).toBeUndefined();
  });

  it('can be looked at before they are made, changed and begun later', async () => {
    const { engine, raise, pass, told } = await startNoise();
    await raise('a');
    await raise('b', 'warning');
    expect(engine.view.matching([{ name: 'severity', op: '=~', value: 'error|critical' }])).toHaveLength(1);
    const { id } = await engine.view.silence({
      matchers: type('c'),
      durationMs: hour,
      startsAt: noon + minute,
      createdBy: 'ann',
      comment: '',
    });
    await engine.view.changeSilence(id, { endsAt: noon + 3 * hour, comment: 'longer' }, 'bob');
    await pass(2 * minute);
    told();
    await raise('c');
    await pass(2 * hour, minute);
    expect(told()).toEqual([]);
    expect(engine.view.silences()[0]).toMatchObject({ comment: 'longer', endsAt: noon + 3 * hour });
    await pass(hour, minute);
    expect(told()).toEqual(['chat firing c']);
  });
});
