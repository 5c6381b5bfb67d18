import type { ConfigView } from '../model/api.ts';
import type { Clock } from '../model/clock.ts';

/** Describing the whole configuration costs something; a reload shows after this long. */
const keptMs = 5000;

/** Reads effective numbers by their path, e.g. `system_monitoring.cpu_warning_threshold`. */
export interface CurrentSettings {
  number(path: string, fallback: number): number;
}

/** A reader over `config()`, indexed at most every five seconds. */
export function createCurrentSettings(config: () => ConfigView, clock: Clock): CurrentSettings {
  let readAt = Number.NEGATIVE_INFINITY;
  let byPath = new Map<string, unknown>();
  return {
    number(path, fallback) {
      if (clock.monotonic() - readAt >= keptMs) {
        readAt = clock.monotonic();
        byPath = new Map(config().settings.map((setting) => [setting.path, setting.value]));
      }
      const value = byPath.get(path);
      return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
    },
  };
}
