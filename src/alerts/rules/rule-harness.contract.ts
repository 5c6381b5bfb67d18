/** An alert engine over memory stores and a clock that tests turn, for tests of rules. */
import type { Episode, RulePreview } from '../../model/alert.ts';
import { silentLog } from '../../model/log.ts';
import type { OutboxEntry } from '../../model/notification.ts';
import type { SeriesStore } from '../../model/store.ts';
import { createFakeClock, type FakeClock } from '../../testing/fake-clock.ts';
import { createMemorySeriesStore } from '../../testing/memory-series-store.ts';
import { createMemoryStateStore } from '../../testing/memory-state-store.ts';
import { type AlertEngine, createAlertEngine } from '../engine.ts';
import { seedThresholds } from '../seed-thresholds.contract.ts';
import { alertsSettings } from '../settings.ts';
import { tapSeries } from './series-tap.ts';

const { thresholds, checks } = seedThresholds;

export interface RuleHarness {
  readonly clock: FakeClock;
  readonly state: ReturnType<typeof createMemoryStateStore>;
  readonly store: SeriesStore;
  readonly owed: readonly OutboxEntry[];
  readonly engine: AlertEngine;
  /** Where everybody appends to. */
  readonly series: SeriesStore;
  /** Ends the engine as `kill -9` does, and starts another one over the same stores. */
  restart(): Promise<void>;
  /** Lets time pass second by second, as the monitor's rounds do; `each` says what is measured in each of them. */
  pass(seconds: number, each?: (second: number) => void): Promise<void>;
  gauge(name: string, value: number, labels?: Record<string, string>): void;
  counter(name: string, value: number, labels?: Record<string, string>): void;
  /** What was told, in the order of telling. */
  told(): string[];
  active(): readonly Episode[];
  preview(rule: unknown, from: number, to?: number): Promise<RulePreview>;
  /** Every episode of a rule that ever fired, oldest first, as a preview would list it. */
  fired(rule: string): Episode[];
}

/** Starts an engine with rules as they stand in a configuration. */
export async function startRules(
  rules: readonly unknown[],
  more: { builtIn?: object; over?: Pick<RuleHarness, 'clock' | 'state' | 'store'> } = {},
): Promise<RuleHarness> {
  const { clock, state, store } = more.over ?? {
    clock: createFakeClock(),
    state: createMemoryStateStore(),
    store: createMemorySeriesStore(),
  };
  const owed: OutboxEntry[] = [];
  // An alert that flaps goes on as the same one; a preview has no notion of who was told.
  const settings = alertsSettings.parse({ rules, built_in: more.builtIn ?? {}, flapping: { changes: 0 } });

  async function open() {
    const tap = tapSeries(store);
    const engine = await createAlertEngine({
      settings,
      thresholds,
      checks,
      state,
      series: store,
      tap,
      channels: () => [{ name: 'log', minSeverity: 'debug' }],
      clock,
      emit: () => undefined,
      log: silentLog,
      onOwed: (entries) => owed.push(...entries),
    });
    return { engine, tap };
  }

  let house = await open();
  const pulse = () => store.append([{ name: 'monitor_store_size_bytes', labels: {}, at: clock.now(), value: 1 }]);
  pulse();
  return {
    clock,
    state,
    store,
    owed,
    get engine(): AlertEngine {
      return house.engine;
    },
    get series() {
      return house.tap.store;
    },
    async restart() {
      house = await open();
    },
    async pass(seconds: number, each?: (second: number) => void) {
      for (let second = 0; second < seconds; second++) {
        each?.(second);
        await clock.advance(1000);
        if (clock.now() % 15_000 === 0) pulse();
        await house.engine.tick();
      }
    },
    gauge(name: string, value: number, labels: Record<string, string> = {}) {
      house.tap.store.append([{ name, labels, at: clock.now(), value }]);
    },
    counter(name: string, value: number, labels: Record<string, string> = {}) {
      house.tap.store.append([{ name, labels, at: clock.now(), value, kind: 'counter' }]);
    },
    told: () => owed.map((entry) => `${entry.event} ${entry.facts.alertType} ${entry.facts.severity}`),
    active: () => house.engine.view.active(),
    preview: (rule: unknown, from: number, to = clock.now()): Promise<RulePreview> =>
      house.engine.view.preview(rule, { from, to }),
    fired(rule: string) {
      const all: Episode[] = [...state.all('episodes')].filter((one) => one.rule === rule && one.firedAt !== undefined);
      return all.sort((a, b) => a.firedAt! - b.firedAt!);
    },
  };
}
