import type { ConfigView } from '../model/api.ts';

/** Reads effective settings by their path, as pages show them; the text of a masked secret is never needed here. */
export interface CurrentSettings {
  number(path: string, fallback: number): number;
}

/** A reader over `config()`, indexed once per configuration. */
export function createCurrentSettings(config: () => ConfigView): CurrentSettings {
  let view: ConfigView | undefined;
  let byPath = new Map<string, unknown>();
  return {
    number(path, fallback) {
      const now = config();
      if (now !== view) {
        view = now;
        byPath = new Map(now.settings.map((setting) => [setting.path, setting.value]));
      }
      const value = byPath.get(path);
      return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
    },
  };
}
