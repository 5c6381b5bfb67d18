import { isAtLeast, type Severity } from '../model/severity.ts';

/** From `above` on it is `severity`; once there, it stays until the value falls to `recoverAt` or below. */
export interface Level {
  readonly severity: Severity;
  readonly above: number;
  readonly recoverAt: number;
}

/**
 * The level a value is on, given the severity it had before; undefined when it is on none.
 * A value between `recoverAt` and `above` keeps a level it already has and never starts one, so that a value that trembles around
 * a threshold makes one alert and not fifty.
 */
export function levelOf(value: number, levels: readonly Level[], before: Severity | undefined): Level | undefined {
  let found: Level | undefined;
  for (const level of levels) {
    const held = before !== undefined && isAtLeast(before, level.severity) && value > level.recoverAt;
    if (value <= level.above && !held) continue;
    if (!found || isAtLeast(level.severity, found.severity)) found = level;
  }
  return found;
}
