import type { Episode, Hold } from '../model/alert.ts';

/** Holds that only wait for a summary; all others keep an alert from being told at all, until they end. */
export function isWaiting(hold: Hold): boolean {
  return hold.kind === 'grouped' || hold.kind === 'storm' || hold.kind === 'quiet-hours';
}

/** The hold by which an episode waits for a summary. */
export function waitingHold(episode: Episode): Hold | undefined {
  return episode.holds?.find(isWaiting);
}

/** True when something other than a coming summary keeps the episode from being told. */
export function isKeptQuiet(episode: Episode): boolean {
  return episode.holds?.some((hold) => !isWaiting(hold) && hold.kind !== 'flapping') ?? false;
}
