import { describe, expect, it } from 'vitest';
import { silentLog } from '../model/log.ts';
import type { OutboxEntry } from '../model/notification.ts';
import type { SeriesStore } from '../model/store.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createMemoryStateStore } from '../testing/memory-state-store.ts';
import { type AlertEngine, createAlertEngine } from './engine.ts';
import { seedThresholds } from './seed-thresholds.contract.ts';
import { alertsSettings } from './settings.ts';
import type { Channel } from './telling.ts';

const minute = 60_000;
const channels: readonly Channel[] = [
  { name: 'log', minSeverity: 'info' },
  { name: 'slack', minSeverity: 'warning' },
  { name: 'sms', minSeverity: 'critical' },
  { name: 'boss', minSeverity: 'critical' },
];
const nightShift = {
  name: 'night shift',
  match: 'severity=~"error|critical"',
  steps: [
    { notify: ['slack'] },
    { after_seconds: 600, notify: ['sms'] },
    { after_seconds: 1800, notify: ['boss', 'slack'] },
  ],
};

async function setUp(escalation: object[] = [nightShift]) {
  const clock = createFakeClock();
  const state = createMemoryStateStore();
  const owed: OutboxEntry[] = [];
  const open = (): Promise<AlertEngine> =>
    createAlertEngine({
      settings: alertsSettings.parse({ escalation }),
      ...seedThresholds,
      state,
      series: {} as SeriesStore,
      channels: () => channels,
      clock,
      emit: () => undefined,
      log: silentLog,
      onOwed: (entries) => owed.push(...entries),
    });
  let engine = await open();
  return {
    state,
    engine: () => engine,
    /** Lets time pass, looking once a minute. */
    async pass(minutes: number) {
      for (let n = 0; n < minutes; n++) {
        await clock.advance(minute);
        await engine.tick();
      }
    },
    async restart() {
      await engine.stop();
      engine = await open();
    },
    raise: (severity: 'warning' | 'error' | 'critical' = 'error', alertType = 'down') =>
      engine.view.raise({ alertType, source: 'test', severity, message: 'it is down' }),
    /** Who was told what since the last question. */
    told: () => owed.splice(0).map(({ channel, event }) => `${channel} ${event}`),
  };
}

describe('an escalation', () => {
  it('tells the next ones while nobody acknowledges, each at its time, whatever they usually want to hear', async () => {
    const { raise, told, pass } = await setUp();
    await raise();
    expect(told()).toEqual(['log firing', 'slack firing']);
    await pass(9);
    expect(told()).toEqual([]);
    await pass(1);
    expect(told()).toEqual(['sms firing']);
    await pass(19);
    expect(told()).toEqual([]);
    await pass(1);
    expect(told()).toEqual(['boss firing', 'slack reminder']);
    await pass(600);
    expect(told()).toEqual([]);
  });

  it('stops at the acknowledgement, and tells the end to everybody who was told', async () => {
    const { engine, raise, told, pass } = await setUp();
    const { id } = await raise();
    await pass(10);
    told();
    await engine().view.acknowledge(id, 'ann', '');
    await pass(60);
    expect(told()).toEqual([]);
    await engine().view.resolve('down');
    expect(told().sort()).toEqual(['log resolved', 'slack resolved', 'sms resolved']);
  });

  it('stops with the end of the alert', async () => {
    const { engine, raise, told, pass } = await setUp();
    await raise();
    await engine().view.resolve('down');
    told();
    await pass(60);
    expect(told()).toEqual([]);
  });

  it('survives a restart between two steps, and makes up for steps that came while nobody ran', async () => {
    const { raise, told, pass, restart } = await setUp();
    await raise();
    await pass(9);
    told();
    await restart();
    expect(told()).toEqual([]);
    await pass(1);
    expect(told()).toEqual(['sms firing']);
    await restart();
    await pass(20);
    expect(told()).toEqual(['boss firing', 'slack reminder']);
    await restart();
    await pass(60);
    expect(told()).toEqual([]);
  });

  it('writes each step down with its reason, and where it stands', async () => {
    const { engine, state, raise, pass } = await setUp();
    await raise();
    expect(engine().view.active()[0]!.escalation).toMatchObject({ name: 'night shift', next: 1, steps: 3 });
    await pass(10);
    expect(state.all('transitions').at(-1)).toMatchObject({
      kind: 'passed_on',
      reason: 'sms told: nobody acknowledged within 10 m (night shift, step 2 of 3)',
    });
    expect(state.all('episodes')[0]!.escalation).toMatchObject({ next: 2 });
  });

  it('begins again as often as it should', async () => {
    const { raise, told, pass } = await setUp([
      { name: 'twice', steps: [{ notify: ['slack'] }, { after_seconds: 300, notify: ['sms'] }], repeat: 1 },
    ]);
    await raise();
    told();
    await pass(5);
    expect(told()).toEqual(['sms firing']);
    await pass(10);
    expect(told()).toEqual(['slack reminder']);
    await pass(5);
    expect(told()).toEqual(['sms reminder']);
    await pass(600);
    expect(told()).toEqual([]);
  });

  it('leaves alerts alone that it is not about, and begins when one becomes bad enough', async () => {
    const { raise, told, pass } = await setUp();
    await raise('warning');
    expect(told()).toEqual(['log firing', 'slack firing']);
    await pass(30);
    expect(told()).toEqual([]);
    await raise('critical');
    expect(told()).toEqual(['log escalated', 'slack escalated']);
    await pass(10);
    expect(told()).toEqual(['sms firing']);
  });

  it('waits for the end of a silence', async () => {
    const { engine, raise, told, pass } = await setUp();
    await engine().view.silence({
      matchers: [{ name: 'alert_type', op: '=', value: 'down' }],
      durationMs: 30 * minute,
      createdBy: 'ann',
      comment: '',
    });
    await raise();
    await pass(29);
    expect(told()).toEqual([]);
    await pass(1);
    expect(told()).toEqual(['log firing', 'slack firing']);
    await pass(10);
    expect(told()).toEqual(['sms firing']);
  });
});
