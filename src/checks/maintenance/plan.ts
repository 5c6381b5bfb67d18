import type { CheckInfo, Maintenance } from '../../model/check.ts';
import { cronSchedule, ownTimeZone } from '../cron.ts';
import { momentOf } from './moment.ts';
import type { MaintenanceWindowSettings } from './settings.ts';

/** Answers which maintenance is open for a check, and which has been. */
export interface MaintenancePlan {
  at(check: CheckInfo, now: number): Maintenance | undefined;
  /** The maintenance since `from` (epoch ms) that really was announced at its time, in order. */
  stretches(check: CheckInfo, from: number): readonly { readonly from: number; readonly to: number }[];
}

/** A time during which a window is open, with whom it is for: what is remembered of it. */
export interface Opening {
  readonly name: string;
  readonly checks: readonly string[];
  readonly tags: readonly string[];
  readonly from: number;
  readonly to: number;
}

/** The plan of a monitor without maintenance windows. */
export const noMaintenance: MaintenancePlan = { at: () => undefined, stretches: () => [] };

/** One window: when it is open around a moment, and from when on that answer has to be asked again. */
interface Window {
  readonly settings: MaintenanceWindowSettings;
  around(now: number): { readonly open?: { readonly from: number; readonly to: number }; readonly validUntil: number };
}

/** Openings are remembered as long as the longest uptime window looks back, and some more. */
const rememberMs = 32 * 86_400_000;
const mostOpenings = 2000;

/** The plan that settings make. `opened` hears of each beginning once, e.g. to write it down. */
export interface PlanOptions {
  readonly windows: readonly MaintenanceWindowSettings[];
  /** What an earlier life remembered. */
  readonly remembered?: readonly Opening[];
  /** Epoch ms. */
  readonly now: number;
  readonly opened?: (opening: Opening, all: readonly Opening[]) => void;
}

/** Makes the plan. Asking it costs two comparisons per window as long as nothing begins or ends. */
export function createMaintenancePlan(options: PlanOptions): MaintenancePlan {
  const windows = options.windows.filter((one) => one.enabled).map(windowOf);
  // What was announced by a configuration that has changed since ended with it.
  const mine = new Set(windows.map(({ settings }) => keyOf(settings)));
  const openings = (options.remembered ?? []).flatMap((one) => {
    const to = mine.has(keyOf(one)) ? one.to : Math.min(one.to, options.now);
    return to > one.from ? [{ ...one, to }] : [];
  });
  const cached = new Map<Window, { since: number; answer: ReturnType<Window['around']> }>();
  const chosen = new WeakMap<CheckInfo, readonly Window[]>();

  function openingOf(window: Window, now: number) {
    const kept = cached.get(window);
    if (kept && now >= kept.since && now < kept.answer.validUntil) return kept.answer.open;
    const answer = window.around(now);
    cached.set(window, { since: now, answer });
    if (answer.open) remember(window.settings, answer.open);
    return answer.open;
  }

  function remember({ name, checks, tags }: MaintenanceWindowSettings, open: { from: number; to: number }): void {
    if (openings.some((one) => one.name === name && one.from === open.from && one.to === open.to)) return;
    const opening = { name, checks, tags, ...open };
    openings.push(opening);
    while (openings.length > mostOpenings || openings[0]!.to < open.from - rememberMs) openings.shift();
    options.opened?.(opening, openings);
  }

  return {
    at(check, now) {
      let mineOnly = chosen.get(check);
      if (!mineOnly) {
        mineOnly = windows.filter(({ settings }) => concerns(settings, check));
        chosen.set(check, mineOnly);
      }
      let last: Maintenance | undefined;
      for (const window of mineOnly) {
        const open = openingOf(window, now);
        if (open && (!last || open.to > last.until)) last = { name: window.settings.name, until: open.to };
      }
      return last;
    },
    stretches: (check, from) =>
      openings.filter((one) => one.to > from && concerns(one, check)).map((one) => ({ from: one.from, to: one.to })),
  };
}

function windowOf(settings: MaintenanceWindowSettings): Window {
  const zone = settings.time_zone ?? ownTimeZone();
  if (settings.cron === undefined) {
    const open = { from: momentOf(settings.from ?? '', zone) ?? 0, to: momentOf(settings.to ?? '', zone) ?? 0 };
    return {
      settings,
      around(now) {
        if (now < open.from) return { validUntil: open.from };
        return now < open.to ? { open, validUntil: open.to } : { validUntil: Number.POSITIVE_INFINITY };
      },
    };
  }
  const schedule = cronSchedule(settings.cron, zone);
  const lengthMs = (settings.duration_minutes ?? 0) * 60_000;
  return {
    settings,
    around(now) {
      const next = schedule.next(now) ?? Number.POSITIVE_INFINITY;
      const from = schedule.previous(now);
      const to = from === undefined ? 0 : from + lengthMs;
      if (from === undefined || now >= to) return { validUntil: next };
      return { open: { from, to }, validUntil: Math.min(to, next) };
    },
  };
}

/** Whether a window is for a check: by id or name (`*` = any text), by tag, or for all when it names nobody. */
export function concerns(window: Pick<Opening, 'checks' | 'tags'>, check: CheckInfo): boolean {
  if (window.checks.length === 0 && window.tags.length === 0) return true;
  if (window.tags.some((tag) => check.tags?.includes(tag))) return true;
  return window.checks.some((pattern) => fits(pattern, check.id) || fits(pattern, check.name));
}

/** `api:/orders*` fits `api:/orders/7`. Linear: the pieces between the stars are looked for one after another. */
function fits(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === text;
  const last = rest.pop() ?? '';
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}

const keyOf = ({ name, checks, tags }: Pick<Opening, 'name' | 'checks' | 'tags'>) =>
  JSON.stringify([name, checks, tags]);
