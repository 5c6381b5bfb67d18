import type { Episode } from '../model/alert.ts';
import { compileMatchers, type LabelPredicate, parseMatchers } from '../model/matcher.ts';
import { isAtLeast, type Severity } from '../model/severity.ts';
import type { NoiseSettings, WindowSettings } from './noise-settings.ts';
import { cronWindows, dailyWindows, onceWindow, type Windows } from './recurrence.ts';
import { matchableLabels } from './silencing.ts';

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Quiet hours or a maintenance window of the configuration. */
export interface NamedWindow {
  readonly kind: 'quiet-hours' | 'maintenance';
  readonly name: string;
  /** Alerts of this severity and worse pass; undefined: none does. */
  readonly passesFrom: Severity | undefined;
  readonly windows: Windows;
  readonly fits: LabelPredicate;
}

/** A window that is open, and until when. */
export interface OpenWindow {
  readonly window: NamedWindow;
  /** Epoch ms. */
  readonly from: number;
  readonly until: number;
}

/** The windows of the settings that are enabled. */
export function windowsOf(settings: Pick<NoiseSettings, 'quiet_hours' | 'maintenance_windows'>): NamedWindow[] {
  return [
    ...settings.maintenance_windows.filter((one) => one.enabled).map((one) => named('maintenance', one, undefined)),
    ...settings.quiet_hours.filter((one) => one.enabled).map((one) => named('quiet-hours', one, one.passes_from)),
  ];
}

function named(kind: NamedWindow['kind'], settings: WindowSettings, passesFrom: Severity | undefined): NamedWindow {
  return {
    kind,
    name: settings.name,
    passesFrom,
    windows: timesOf(settings),
    fits: compileMatchers(settings.matchers.flatMap(parseMatchers)),
  };
}

function timesOf(settings: WindowSettings): Windows {
  const timeZone = settings.time_zone || Intl.DateTimeFormat().resolvedOptions().timeZone;
  const { cron, duration_minutes: minutes, from, to, starts_at: starts, ends_at: ends } = settings;
  if (cron !== undefined && minutes !== undefined) return cronWindows({ cron, durationMs: minutes * 60_000, timeZone });
  if (from !== undefined && to !== undefined)
    return dailyWindows(
      from,
      to,
      settings.days.map((day) => days.indexOf(day)),
      timeZone,
    );
  return onceWindow(Date.parse(starts ?? ''), Date.parse(ends ?? ''));
}

/** The windows that are open now. */
export function openWindows(windows: readonly NamedWindow[], now: number): OpenWindow[] {
  return windows.flatMap((window) => {
    const open = window.windows.openAt(now);
    return open ? [{ window, from: open.from, until: open.to }] : [];
  });
}

/** Whether an open window holds an alert of this severity back. */
export function holdsBack({ window }: OpenWindow, episode: Episode): boolean {
  if (window.passesFrom !== undefined && isAtLeast(episode.severity, window.passesFrom)) return false;
  return window.fits(matchableLabels(episode));
}
