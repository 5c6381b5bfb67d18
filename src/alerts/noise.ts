import { type ChangeLog, createChangeLog, type FlapSettings } from './flapping.ts';
import { createInhibition, type Inhibition } from './inhibition.ts';
import type { NoiseSettings } from './noise-settings.ts';
import { createPace, type Pace, type StormSettings } from './pace.ts';
import { type NamedWindow, windowsOf } from './windows.ts';

/** What decides how loud the alerts may be: the settings in milliseconds, and what is remembered in memory only. */
export interface Noise {
  readonly groupBy: readonly string[];
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  /** 0 = never. */
  readonly repeatMs: number;
  readonly flap: FlapSettings;
  readonly storm: StormSettings;
  readonly windows: readonly NamedWindow[];
  readonly inhibition: Inhibition;
  readonly changes: ChangeLog;
  readonly pace: Pace;
  /** Set when something happened that may hold others back or let them go; whoever looks again clears it. */
  stale: boolean;
  /** Epoch ms when summaries have to be looked at next. */
  wakeAt: number;
}

/** Reads the settings. */
export function createNoise(settings: NoiseSettings): Noise {
  const { flapping, storm } = settings;
  const stormSettings: StormSettings = {
    atOnce: storm.at_once,
    perMinute: storm.per_minute,
    firstSummaryMs: storm.first_summary_seconds * 1000,
    summaryIntervalMs: storm.summary_interval_seconds * 1000,
  };
  return {
    groupBy: settings.group_by,
    groupWaitMs: settings.group_wait_seconds * 1000,
    groupIntervalMs: settings.group_interval_seconds * 1000,
    repeatMs: settings.repeat_interval_seconds * 1000,
    flap: {
      changes: flapping.changes,
      windowMs: flapping.window_seconds * 1000,
      settleMs: flapping.settle_seconds * 1000,
    },
    storm: stormSettings,
    windows: windowsOf(settings),
    inhibition: createInhibition(settings.inhibit_rules),
    changes: createChangeLog(flapping.window_seconds * 1000),
    pace: createPace(stormSettings),
    stale: false,
    wakeAt: 0,
  };
}

/** Sees to it that summaries are looked at no later than `at`. */
export function wakeBy(noise: Noise, at: number): void {
  noise.wakeAt = Math.min(noise.wakeAt, at);
}
