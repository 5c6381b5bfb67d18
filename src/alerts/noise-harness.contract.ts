import { silentLog } from '../model/log.ts';
import type { OutboxEntry } from '../model/notification.ts';
import type { Severity } from '../model/severity.ts';
import type { SeriesStore } from '../model/store.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createMemoryStateStore } from '../testing/memory-state-store.ts';
import { createAlertEngine } from './engine.ts';
import { seedThresholds } from './seed-thresholds.contract.ts';
import { alertsSettings } from './settings.ts';
import type { Channel } from './telling.ts';

/** A Thursday at noon, UTC. */
export const noon = Date.UTC(2026, 0, 1, 12);

/** An engine for tests about who is told what, and when: alerts are raised by hand, time is turned. */
export async function startNoise(alerts: object = {}, more: { channels?: Channel[]; start?: number } = {}) {
  const clock = createFakeClock(more.start ?? noon);
  const state = createMemoryStateStore();
  const owed: OutboxEntry[] = [];
  const channels = more.channels ?? [{ name: 'chat', minSeverity: 'warning' }];
  const open = () =>
    createAlertEngine({
      settings: alertsSettings.parse(alerts),
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
    clock,
    state,
    channels,
    get engine() {
      return engine;
    },
    raise: (alertType: string, severity: Severity = 'error', labels: Record<string, string> = {}) =>
      engine.view.raise({
        alertType,
        source: labels.source ?? 'test',
        severity,
        message: `${alertType} is wrong`,
        labels,
      }),
    resolve: (alertType: string) => engine.view.resolve(alertType),
    /** Lets time pass in steps of `stepMs`, with the round of each second. */
    async pass(ms: number, stepMs = 1000) {
      for (let passed = 0; passed < ms; passed += stepMs) {
        await clock.advance(Math.min(stepMs, ms - passed));
        await engine.tick();
      }
    },
    /** What was owed since the last question: `channel event alert`. */
    told: () =>
      owed
        .splice(0)
        .map(({ channel, event, facts }) =>
          event === 'summary'
            ? `${channel} summary ${facts.status}: ${facts.message}`
            : `${channel} ${event} ${facts.alertType}`,
        ),
    entries: () => owed.splice(0),
    /** What was in memory is gone: only what was stored remains. */
    async crash() {
      await engine.stop();
      engine = await open();
    },
  };
}
